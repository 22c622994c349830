// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import ScriptedDaemon
import Testing

@testable import agentctl

/// A recording as a player reads it.
struct ReadCast {
    struct Header: Decodable {
        var version: Int
        var width: Int
        var height: Int
        var timestamp: Int64
        var title: String
        var env: [String: String]
    }

    struct Event: Equatable {
        var time: Double
        var kind: String
        var text: String
    }

    var header: Header
    var events: [Event]

    /// Fails on anything that is not as the format's description has it.
    init(_ text: String) throws {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.last == "", "the last line has an end")
        header = try JSONDecoder().decode(Header.self, from: Data(try #require(lines.first).utf8))
        events = try lines.dropFirst().dropLast().map { line in
            let fields = try JSONDecoder().decode([Field].self, from: Data(line.utf8))
            try #require(fields.count == 3, "\(line)")
            return Event(
                time: try #require(fields[0].number), kind: try #require(fields[1].text),
                text: try #require(fields[2].text))
        }
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.time <= $1.time }, "time goes on")
    }

    var output: String { events.filter { $0.kind == "o" }.map(\.text).joined() }

    private struct Field: Decodable {
        var number: Double?
        var text: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            number = try? container.decode(Double.self)
            text = try? container.decode(String.self)
        }
    }
}

@Suite("Recordings")
struct AsciicastTests {
    private typealias Piece = (stream: OutputChunk.Stream, second: Double, bytes: [UInt8])

    private func cast(_ pieces: [Piece], name: String = "worker") throws -> String {
        var cast = Asciicast(of: try sampleAgent(name: name), size: TerminalSize(columns: 100, rows: 30))
        var offset: UInt64 = 0
        var lines: [UInt8] = []
        for (stream, second, bytes) in pieces {
            lines += try cast.add(
                OutputChunk(
                    offset: offset, stream: stream, time: Timestamp(nanoseconds: Int64(second * 1e9)),
                    payload: .bytes(bytes)))
            offset += UInt64(bytes.count)
        }
        return String(decoding: lines + (try cast.finish()), as: UTF8.self)
    }

    @Test("the header has the size, the first byte's time, the name and the terminal's")
    func header() throws {
        let text = try cast([(.tty, 1_700_000_000.5, Array("hi".utf8))])
        #expect(
            text == """
                {"env":{"TERM":"xterm-256color"},"height":30,"timestamp":1700000000,"title":"worker","version":2,"width":100}
                [0.000000, "o", "hi"]

                """)
        let empty = try ReadCast(try cast([]))
        #expect(empty.events.isEmpty)
        #expect(empty.header.version == 2)
    }

    @Test("times count from the first byte, and a clock that is set back takes no time with it")
    func times() throws {
        let read = try ReadCast(
            try cast([
                (.tty, 100, [0x61]), (.tty, 101.25, [0x62]), (.tty, 50, [0x63]), (.tty, 51, [0x64]), (.tty, 51, [0x65]),
            ]))
        #expect(read.events.map(\.time) == [0, 1.25, 1.25, 2.25, 2.25])
    }

    @Test("text cut between any two bytes is the same text, and no event has a piece of a character")
    func split() throws {
        let text = "é本😀\u{301} \u{1B}[31m\"\\\u{7F}\u{9B}"
        let bytes = Array(text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]]
                let read = try ReadCast(try cast(pieces.map { (.tty, 1, Array($0)) }))
                #expect(read.output == text)
            }
        }
    }

    @Test("bytes that are no UTF-8 become U+FFFD, a character that never ends too")
    func invalid() throws {
        let read = try ReadCast(
            try cast([(.tty, 1, [0x61, 0xFF, 0x62]), (.tty, 1, [0xE2, 0x82]), (.tty, 1, [0x63, 0xF0, 0x9F])]))
        #expect(read.output == "a\u{FFFD}b\u{FFFD}c\u{FFFD}")
    }

    @Test("a pipe's lines return to the margin, a terminal's are left as they are")
    func pipes() throws {
        let read = try ReadCast(
            try cast([
                (.stdout, 1, Array("a\nb\r\n".utf8)), (.stderr, 1, Array("\n".utf8)), (.stdout, 1, Array("c\r".utf8)),
                (.stdout, 1, Array("\nd".utf8)),
            ]))
        #expect(read.output == "a\r\nb\r\n\r\nc\r\nd")
        #expect(try ReadCast(try cast([(.tty, 1, Array("a\nb\r\n".utf8))])).output == "a\nb\r\n")
    }

    @Test("a character of one stream is whole although the other came between its bytes")
    func interleaved() throws {
        let read = try ReadCast(
            try cast([(.stdout, 1, [0xC3]), (.stderr, 1, [0xE2, 0x82]), (.stdout, 2, [0xA9]), (.stderr, 2, [0xAC])]))
        #expect(read.events.map(\.text) == ["é", "€"])
    }

    @Test("what is gone is a marker, before the first byte as well")
    func gaps() throws {
        var cast = Asciicast(of: try sampleAgent(), size: TerminalSize(columns: 80, rows: 24))
        func chunk(_ offset: UInt64, _ second: Int64, _ bytes: [UInt8]) -> OutputChunk {
            OutputChunk(
                offset: offset, stream: .tty, time: Timestamp(nanoseconds: second * 1_000_000_000),
                payload: .bytes(bytes))
        }
        var lines = cast.addGap(7)
        lines += try cast.add(chunk(7, 10, [0x61, 0xC3]))
        lines += cast.addGap(100)
        lines += try cast.add(chunk(109, 12, [0x62]))
        lines += try cast.finish()
        let read = try ReadCast(String(decoding: lines, as: UTF8.self))
        #expect(
            read.events == [
                .init(time: 0, kind: "m", text: "7 bytes of output are gone"), .init(time: 0, kind: "o", text: "a"),
                .init(time: 0, kind: "o", text: "\u{FFFD}"),
                .init(time: 0, kind: "m", text: "100 bytes of output are gone"), .init(time: 2, kind: "o", text: "b"),
            ])
    }

    @Test("random bytes are a valid recording")
    func noise() throws {
        for _ in 0..<200 {
            let pieces: [Piece] = (0..<20).map { _ in
                let stream: OutputChunk.Stream = [.tty, .stdout, .stderr].randomElement() ?? .tty
                return (stream, Double.random(in: -10...10), (0..<10).map { _ in UInt8.random(in: 0...255) })
            }
            _ = try ReadCast(try cast(pieces))
        }
    }
}

@Suite("export", .timeLimit(.minutes(20)))
struct ExportCommandTests {
    @Test("export writes all output, page after page, to the standard output or to a file that was not there")
    func export() async throws {
        let text = (1...40).map { "line \($0) é本\r\n" }.joined()
        let daemon = try await SampleDaemon(output: text).start()
        let directory = FileManager.default.temporaryDirectory.appending(path: "export-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        func export(_ words: String...) async throws -> RunningAgentCtl.End {
            try await RunningAgentCtl(["export", "worker", "--socket", daemon.path] + words).end()
        }
        let shown = try await export()
        #expect(shown.status == 0, "\(shown.error)")
        // The pages are ten bytes each, and cut through characters.
        let cast = try ReadCast(shown.output)
        #expect(cast.output == text)
        #expect((cast.header.width, cast.header.height, cast.header.title) == (80, 24, "worker"))

        let file = directory.appending(path: "a.cast").path()
        #expect(try await export("--output", file, "--columns", "120", "--rows", "40").status == 0)
        let written = try ReadCast(try String(contentsOfFile: file, encoding: .utf8))
        #expect(written.output == text)
        #expect((written.header.width, written.header.height) == (120, 40))
        let again = try await export("--output", file)
        #expect(again.status == 1)
        #expect(again.error.contains("is there already") && again.error.contains("--force"))

        let link = directory.appending(path: "link").path()
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
        #expect(try await export("--output", link, "--force").status == 0)
        #expect(try ReadCast(try String(contentsOfFile: file, encoding: .utf8)).header.width == 80)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file, "the link stays")
        #expect(try await export("--output", "/dev/null", "--force").status == 0)
        #expect(try await export("--output", "\(directory.path())/none/x").status == 1)
        #expect(try await export("--output", directory.path()).status == 1)
        #expect(try await export("--columns", "0").status == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path()).sorted() == ["a.cast", "link"])
        try FileManager.default.removeItem(at: directory)
        try await daemon.stop()
    }

    @Test("the agent's own size is the recording's")
    func size() async throws {
        var agent = try sampleAgent()
        agent.terminal = TerminalSize(columns: 132, rows: 43)
        let daemon = try await ScriptedAgent.start(agent)
        let end = try await RunningAgentCtl(["export", "worker", "--socket", daemon.path]).end()
        let cast = try ReadCast(end.output)
        #expect((cast.header.width, cast.header.height) == (132, 43))
        try await daemon.stop()
    }

    @Test("an export that fails midway leaves no file")
    func failure() async throws {
        let daemon = try await ScriptedAgent.start(try sampleAgent(), closesAfter: 1)
        let directory = FileManager.default.temporaryDirectory.appending(path: "export-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        let file = directory.appending(path: "a.cast").path()
        let end = try await RunningAgentCtl(["export", "worker", "-o", file, "--socket", daemon.path]).end()
        #expect(end.status == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path()).isEmpty)
        try FileManager.default.removeItem(at: directory)
        try await daemon.stop()
    }
}
