// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// What real agents have written, read in the forms that people take it away in.
@Suite(.timeLimit(.minutes(20))) struct OutputFormTests {
    /// Writes a character in two pieces, colours, a progress bar, and what is no UTF-8.
    private static let script = #"""
        printf 'one \303'; sleep 0.3; printf '\251\n\033[31mred\033[0m\n'
        printf '10%%\r'; sleep 0.1; printf '100%%\n'; printf 'a\377b\n'; printf 'last 本' >&2
        """#

    @Test("a recording holds what a terminal and what pipes were given, and times that pass", arguments: Person.all)
    func export(person: Person) async throws {
        try await Scene.run(person) { scene in
            try await scene.withDaemon {
                for (name, tty) in [("terminal", "--tty"), ("pipes", "--no-tty")] {
                    try await start(scene, name, tty)
                    let file = "\(scene.workspace)/\(name).cast"
                    let end = try await scene.agentctl(["export", name, "--output", file])
                    #expect(end.status == 0, "\(end)")
                    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
                    #expect(lines[0].contains("\"version\":2") && lines[0].contains("\"title\":\"\(name)\""))
                    let events = try lines.dropFirst().map { try event($0) }
                    let text = events.map(\.text).joined()
                    for part in [
                        "one é\r\n", "\u{1B}[31mred\u{1B}[0m\r\n", "10%\r100%\r\n", "a\u{FFFD}b\r\n", "last 本",
                    ] {
                        #expect(text.contains(part), "\(part) in \(text)")
                    }
                    #expect(zip(events, events.dropFirst()).allSatisfy { $0.time <= $1.time })
                    #expect((events.last?.time ?? 0) > 0.3)
                    #expect(try await scene.agentctl(["export", name, "--output", file]).status == 1)
                }
            }
        }
    }

    @Test("plain logs are what a person would have read", arguments: Person.all)
    func plain(person: Person) async throws {
        try await Scene.run(person) { scene in
            try await scene.withDaemon {
                try await start(scene, "a", "--tty")
                let plain = try await scene.agentctl(["logs", "a", "--plain"])
                #expect(plain.output == "one é\nred\n100%\na\u{FFFD}b\nlast 本", "\(plain)")
                let tail = try await scene.agentctl(["tail", "a", "--plain", "-n", "2"])
                #expect(tail.output == "a\u{FFFD}b\nlast 本", "\(tail)")
                let timed = try await scene.agentctl(["logs", "a", "--plain", "--timestamps"])
                for line in timed.output.split(separator: "\n") {
                    #expect(line.dropFirst(23).hasPrefix("Z "), "\(line)")
                }
                let last = try await scene.agentctl(["logs", "a", "--plain", "--tail-bytes", "8"])
                #expect(last.output == "last 本")
            }
        }
    }

    @Test("top shows what runs, how much it uses and writes, and its last line", arguments: Person.all)
    func top(person: Person) async throws {
        try await Scene.run(person) { scene in
            try await scene.withDaemon {
                for (name, command) in [
                    ("busy", "while :; do :; done"), ("noisy", "while :; do echo tick; sleep 0.01; done"),
                    ("ended", "true"),
                ] {
                    let end = try await scene.agentctl([
                        "start", "--name", name, "--profile", "base", "--tty", "--", "/bin/sh", "-c", command,
                    ])
                    #expect(end.status == 0, "\(end)")
                }
                #expect(try await scene.agentctl(["wait", "ended"]).status == 0)
                let end = try await scene.agentctl(["top", "--all", "--format", "json", "--interval", "1s"])
                let rows = try JSONDecoder().decode([Row].self, from: Data(end.output.utf8))
                let byName = Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0) })
                #expect(rows.count == 3 && rows.first?.name == "busy", "\(end)")
                #expect((byName["busy"]?.cpuPercent ?? 0) > 10)
                #expect((byName["noisy"]?.outputBytesPerSecond ?? 0) > 10)
                #expect(byName["noisy"]?.lastLine == "tick")
                #expect(byName["ended"]?.cpuPercent == nil)
                let table = try await scene.agentctl(["top", "--interval", "200ms", "--sort", "name"])
                #expect(table.output.hasPrefix("NAME   STATE"), "\(table)")
                #expect(!table.output.contains("\u{1B}"))
                #expect(!table.output.contains("ended"), "what has ended uses nothing")
            }
        }
    }

    private struct Row: Decodable {
        var name: String
        var cpuPercent: Double?
        var outputBytesPerSecond: Double?
        var lastLine: String?
    }

    private func start(_ scene: Scene, _ name: String, _ tty: String) async throws {
        let end = try await scene.agentctl([
            "start", "--name", name, "--profile", "base", tty, "--", "/bin/sh", "-c", Self.script,
        ])
        #expect(end.status == 0, "\(end)")
        #expect(try await scene.agentctl(["wait", name]).status == 0)
    }

    private func event(_ line: Substring) throws -> (time: Double, text: String) {
        let values = try JSONDecoder().decode([Value].self, from: Data(line.utf8))
        try #require(values.count == 3 && values[1].text == "o", "\(line)")
        return (try #require(values[0].number), try #require(values[2].text))
    }

    private struct Value: Decodable {
        var number: Double?
        var text: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            number = try? container.decode(Double.self)
            text = try? container.decode(String.self)
        }
    }
}
