// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc
import ScriptedDaemon
import Testing

@testable import agentctl

@Suite("Completion", .timeLimit(.minutes(20)))
struct CompletionTests {
    private static func agents() throws -> [Agent] {
        var ended = try sampleAgent(name: "ended")
        ended.state = .exited
        return [try sampleAgent(name: "worker"), try sampleAgent(name: "writer"), ended]
    }

    @Test("names are offered that the command can do something with and that are not there yet")
    func offers() throws {
        func offer(_ line: String, _ prefix: String = "") throws -> [String] {
            AgentCompletion.offer(
                try Self.agents(), words: line.split(separator: " ").map(String.init) + [prefix], prefix: prefix)
        }
        #expect(try offer("agentctl attach") == ["worker", "writer"])
        #expect(try offer("agentctl logs") == ["ended", "worker", "writer"])
        #expect(try offer("agentctl rm") == ["ended"])
        #expect(try offer("agentctl stop worker") == ["writer"])
        #expect(try offer("agentctl logs", "wo") == ["worker"])
        #expect(try offer("agentctl logs", "x").isEmpty)
        #expect(try offer("agentctl --socket logs rm") == ["ended"])
        #expect(try offer("agentctl --host=ssh://attach rm") == ["ended"])
    }

    @Test("an id is offered where no name begins so, in capitals as it is written")
    func ids() throws {
        let id = try sampleAgent().id.text
        let words = ["agentctl", "logs", ""]
        let offered = AgentCompletion.offer(
            [try sampleAgent()], words: words, prefix: String(id.prefix(8)).lowercased())
        #expect(offered == [id])
    }

    @Test("what is no name is not offered, since a shell might obey it")
    func harmless() {
        #expect(
            AgentCompletion.offer(["ok", "$(reboot)", "a b", "`x`", "-rf", "a\nb", "\u{1B}"], prefix: "") == ["ok"])
    }

    @Test("the last of words with commas between is completed")
    func lists() {
        #expect(CompletedList.of(["name", "state", "id"], after: "") == ["name", "state", "id"])
        #expect(CompletedList.of(["name", "state", "id"], after: "name,") == ["name,state", "name,id"])
        #expect(CompletedList.of(["name", "state", "id"], after: "id,st") == ["id,state"])
    }

    @Test("the line's own socket is asked")
    func sockets() {
        #expect(AgentCompletion.option("--socket", in: ["agentctl", "logs", "--socket", "/s", ""]) == "/s")
        #expect(AgentCompletion.option("--socket", in: ["agentctl", "--socket=/s", "logs"]) == "/s")
        #expect(AgentCompletion.option("--socket", in: ["agentctl", "logs"]) == nil)
        #expect(AgentCompletion.option("--socket", in: ["agentctl", "--socket", "/a", "logs", "--socket=/b"]) == "/b")
    }

    @Test("a shell is answered from the daemon, and soon and with nothing where there is none or it is silent")
    func answers() async throws {
        func complete(_ path: String) async throws -> RunningAgentCtl.End {
            try await RunningAgentCtl([
                "---completion", "attach", "--", "positional@0", "4", "0", "agentctl", "attach", "--socket", path, "",
            ]).end()
        }
        let daemon = try await SampleDaemon().start()
        // A machine that is busy with other tests may take longer than a shell's user is kept waiting.
        var end = try await complete(daemon.path)
        while end.output.allSatisfy(\.isNewline) { end = try await complete(daemon.path) }
        #expect(end == .init(status: 0, output: "worker\n"))
        try await daemon.stop()
        #expect(try await complete("/nonexistent") == .init(status: 0, output: "\n"))
        let silent = try await ScriptedDaemon.start { _, _ in }
        #expect(try await complete(silent.path) == .init(status: 0))
        try await silent.stop()
    }

    @Test("there is a script for each shell", arguments: ["bash", "zsh", "fish"])
    func scripts(shell: String) async throws {
        let end = try await RunningAgentCtl(["completion", shell]).end()
        #expect(end.status == 0)
        #expect(end.output.contains("agentctl"))
        #expect(try await RunningAgentCtl(["completion", "tcsh"]).end().status == 2)
    }
}

extension CompletionTests {
    @Test("a daemon that takes no connection keeps nobody waiting")
    func full() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "full-\(UUID().uuidString.prefix(8))").path()
        func withSocket(_ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32) throws -> Int32 {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            try #require(number >= 0)
            _ = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            return number
        }
        let listener = try withSocket { bind($0, $1, $2) }
        #expect(listen(listener, 0) == 0)
        var waiting: [Int32] = []
        var isFull = false
        while !isFull {
            waiting.append(
                try withSocket {
                    isFull = connect($0, $1, $2) != 0 && errno == EAGAIN
                    return 0
                })
        }
        let end = try await RunningAgentCtl([
            "---completion", "attach", "--", "positional@0", "4", "0", "agentctl", "attach", "--socket", path, "",
        ]).end()
        #expect(end == .init(status: 0))
        for number in waiting + [listener] { close(number) }
        unlink(path)
    }
}
