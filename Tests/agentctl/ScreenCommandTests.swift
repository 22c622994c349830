// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import FoundationEssentials
import ScriptedDaemon
import Testing

@testable import agentctl

private func run(_ daemon: ScriptedDaemon, _ words: String...) async throws -> RunningAgentCtl.End {
    try await RunningAgentCtl(words + ["--socket", daemon.path]).end()
}

@Suite("screen, resize, sizes", .timeLimit(.minutes(20)))
struct ScreenCommandTests {
    private static let rows = ["$ make", "", "a\u{1B}[2J\u{9B}31mb\u{202E}", "last", "", ""]

    /// As it is from a row on, no more than four rows at a time.
    private static func screen(from row: Int, count: Int = 4) -> AgentScreen.Result {
        let lines = Array(rows[row...].prefix(count))
        return .init(
            offset: 9, size: TerminalSize(columns: 80, rows: 6), title: "t\u{1B}]0;x\u{7}",
            cursor: .init(row: 3, column: 4, visible: true, shape: "block", blinking: false), lines: lines,
            next: row + lines.count < rows.count ? row + lines.count : nil,
            modes: .init(
                alternateScreen: false, applicationCursorKeys: false, applicationKeypad: false, bracketedPaste: true,
                focusReporting: false, mouse: "off", mouseEncoding: "legacy", reverseVideo: false, keyboardFlags: 0))
    }

    private func daemon() async throws -> ScriptedDaemon {
        try await ScriptedDaemon.start { request, client in
            guard request.method == AgentScreen.name else { return client.result(Nothing(), to: request) }
            let params = try AgentScreen.params(from: request.params)
            client.result(Self.screen(from: params.row ?? 0), to: request)
        }
    }

    @Test("a screen is its rows as text on which no terminal acts, without the empty ones at its end")
    func text() async throws {
        let daemon = try await daemon()
        let end = try await run(daemon, "screen", "worker")
        #expect(
            end == .init(status: 0, output: "$ make\n\na\u{FFFD}[2J\u{FFFD}31mb\u{FFFD}\nlast\n"), "\(end)")
        #expect(Screen.text([]) == "" && Screen.text(["", ""]) == "")
        try await daemon.stop()
    }

    @Test("programs get the protocol's object with all rows, however many answers those take")
    func json() async throws {
        let daemon = try await daemon()
        for format in ["json", "jsonl"] {
            let end = try await run(daemon, "screen", "worker", "--format", format)
            #expect(!end.output.contains("\u{1B}"))
            let screen = try JSONDecoder().decode(AgentScreen.Result.self, from: Data(end.output.utf8))
            #expect(screen == Self.screen(from: 0, count: Self.rows.count))
        }
        #expect(daemon.requests.map { $0.params?["row"] } == [nil, 4, nil, 4])
        try await daemon.stop()
    }

    @Test("resize sends columns and rows")
    func resize() async throws {
        let daemon = try await daemon()
        #expect(try await run(daemon, "resize", "worker", "120x40") == .init(status: 0))
        #expect(daemon.requests.map(\.params) == [["agent": "worker", "columns": 120, "rows": 40]])
        try await daemon.stop()
    }

    @Test("a size is columns and rows from 1 to 65535")
    func sizes() {
        #expect(TerminalSize(argument: "65535x1") == TerminalSize(columns: 65535, rows: 1))
        for text in ["", "x", "80", "80x", "x24", "0x24", "80x0", "80x65536", "-1x2", "80x24x1", "80 x 24", "80X24"] {
            #expect(TerminalSize(argument: text) == nil, "\(text)")
        }
    }

    @Test("start passes on the size and whose size it takes, which an agent without a terminal has not")
    func start() async throws {
        let daemon = try await SampleDaemon().start()
        let end = try await run(daemon, "start", "codex", "x", "--size", "120x40", "--size-policy", "pinned")
        #expect(end.status == 0, "\(end.error)")
        let params = try AgentStart.params(from: try #require(daemon.requests.last).params)
        #expect(params.size == TerminalSize(columns: 120, rows: 40))
        #expect(params.sizePolicy == .pinned)
        for words in [["--size", "0x1"], ["--size", "1x1", "--no-tty"], ["--size-policy", "largest", "--no-tty"]] {
            let end = try await RunningAgentCtl(["start", "codex", "--socket", daemon.path] + words).end()
            #expect(end.status == 2, "\(words)")
        }
        try await daemon.stop()
    }
}
