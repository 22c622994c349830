// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

@testable import agentctl

private func agent(_ number: UInt64, _ name: String, output: UInt64 = 0, attempt: Int = 1) throws -> Agent {
    var agent = try sampleAgent(name: name)
    agent.id = AgentID(value: UInt128(number))
    agent.output = OutputRange(start: 0, end: output)
    agent.attempt = attempt
    return agent
}

private func row(_ name: String, _ change: (inout TopRow) -> Void = { _ in }) throws -> TopRow {
    let number = name.utf8.reduce(UInt128(0)) { $0 * 256 + UInt128($1) }
    var row = TopRow(
        time: Timestamp(nanoseconds: 0), id: AgentID(value: number), name: try AgentName(name), state: .running,
        cpuPercent: 12.34, memoryBytes: 200 << 20, pids: 7, outputBytesPerSecond: 1536, ageSeconds: 185,
        lastLine: "compiling", outputEnd: 10)
    change(&row)
    return row
}

@Suite("The figures of top")
struct TopMeterTests {
    private let start = ContinuousClock.now
    private let now = Timestamp(nanoseconds: 100_000_000_000)

    private func reading(_ agent: Agent, at second: Double, cpu: Int64?) -> TopReading {
        let time = start + .seconds(second)
        var reading = TopReading(agent: agent, listedAt: time)
        guard let cpu else { return reading }
        reading.usage = .init(cpu: .init(userMicroseconds: cpu / 2, systemMicroseconds: cpu - cpu / 2))
        reading.usedAt = time + .milliseconds(500)
        return reading
    }

    @Test("rates are those between two readings, and there are none after one")
    func rates() throws {
        var meter = TopMeter()
        let first = meter.rows(of: [reading(try agent(1, "a", output: 1000), at: 0, cpu: 1_000_000)], at: now)
        #expect(first[0].cpuPercent == nil)
        #expect(first[0].outputBytesPerSecond == nil)
        #expect(first[0].ageSeconds == 100)
        let second = meter.rows(of: [reading(try agent(1, "a", output: 4000), at: 2, cpu: 4_000_000)], at: now)
        #expect(second[0].cpuPercent == 150)
        #expect(second[0].outputBytesPerSecond == 1500)
    }

    @Test("a count that was set back, another attempt, and what nobody could tell have no rate")
    func noRates() throws {
        var meter = TopMeter()
        _ = meter.rows(
            of: [
                reading(try agent(1, "a", output: 1000), at: 0, cpu: 1_000_000),
                reading(try agent(2, "b"), at: 0, cpu: 5), reading(try agent(3, "c"), at: 0, cpu: nil),
                reading(try agent(4, "gone"), at: 0, cpu: 7),
            ], at: now)
        let rows = meter.rows(
            of: [
                reading(try agent(1, "a", output: 900), at: 1, cpu: 900_000),
                reading(try agent(2, "b", attempt: 2), at: 1, cpu: 5_000_000),
                reading(try agent(3, "c"), at: 1, cpu: 5), reading(try agent(5, "new"), at: 1, cpu: 5),
            ], at: now)
        #expect(rows.allSatisfy { $0.cpuPercent == nil })
        #expect(rows.map(\.outputBytesPerSecond) == [nil, 0, 0, nil])
        let again = meter.rows(of: [reading(try agent(1, "a"), at: 1, cpu: 900_000)], at: now)
        #expect(again[0].cpuPercent == nil, "no time lies between")
    }

    @Test("the largest come first, what nobody knows last, and equals by name", arguments: TopOrder.allCases)
    func order(order: TopOrder) throws {
        let rows = [
            try row("b"), try row("a"),
            try row("z") { ($0.cpuPercent, $0.memoryBytes, $0.pids) = (50, 1 << 40, 9) },
            try row("y") { ($0.outputBytesPerSecond, $0.ageSeconds) = (1e9, 1000) },
            try row("n") { row in
                (row.cpuPercent, row.memoryBytes, row.pids, row.outputBytesPerSecond) = (nil, nil, nil, nil)
                row.ageSeconds = 0
            },
        ]
        let sorted = order.sort(rows).map(\.name.text).joined()
        switch order {
        case .name: #expect(sorted == "abnyz")
        case .cpu, .memory, .pids: #expect(sorted == "zabyn")
        case .output, .age: #expect(sorted == "yabzn")
        }
    }
}

@Suite("The screen of top")
struct TopScreenTests {
    private func screen(_ count: Int, columns: UInt16 = 80, rows: UInt16 = 10) throws -> TopScreen {
        var screen = TopScreen(
            order: .name, size: TerminalSize(columns: columns, rows: rows), interval: try WireDuration("2s"))
        screen.show(try (0..<count).map { number in try row("agent-\(100 + number)") })
        return screen
    }

    @Test("each agent is a line, with its figures under their headings")
    func table() throws {
        let rows = [
            try row("fix-tests"),
            try row("b") { row in
                (row.cpuPercent, row.memoryBytes, row.pids, row.outputBytesPerSecond) = (nil, nil, nil, nil)
                (row.lastLine, row.state) = (nil, .stopping)
            },
        ]
        let table = TopTable(of: rows, columns: 70)
        #expect(
            ([table.heading] + rows.map(table.line)).joined(separator: "\n") == """
                NAME       STATE       CPU%    MEM   PIDS  OUT/s   AGE  LAST LINE
                fix-tests  running     12.3   200M      7   1.5K    3m  compiling
                b          stopping       -      -      -      -    3m
                """)
    }

    @Test("the columns are those that were asked for")
    func columns() throws {
        let table = TopTable(of: [try row("a")], columns: 40, showing: try TopColumn.columns(["line", "CPU", "name"]))
        #expect(
            [table.heading, table.line(try row("a"))] == [
                "LAST LINE               CPU%  NAME", "compiling               12.3  a",
            ])
        let known = TopColumn.columnNames.joined(separator: ", ")
        #expect(throws: Failure.usage("there is no column \"x\"; there are \(known)")) {
            try TopColumn.columns(["cpu", "x"])
        }
    }

    @Test("a state has its colour, which takes no room of the line")
    func colours() throws {
        let rows = [
            try row("a"), try row("b") { ($0.state, $0.lastLine) = (.failed, String(repeating: "x", count: 99)) },
        ]
        for columns in [3, 8, 12, 40, 80] {
            let plain = TopTable(of: rows, columns: columns)
            let table = TopTable(of: rows, columns: columns, in: Palette(isOn: true))
            #expect(table.heading == plain.heading)
            for row in rows {
                let line = table.line(row).replacing("\u{1B}[32m", with: "").replacing("\u{1B}[31m", with: "")
                #expect(line.replacing("\u{1B}[0m", with: "") == plain.line(row))
                #expect(CellText.width(plain.line(row)) <= columns)
            }
        }
        #expect(
            TopTable(of: rows, columns: 40, in: Palette(isOn: true)).line(rows[1])
                .hasPrefix("b     \u{1B}[31mfailed\u{1B}[0m    "))
    }

    @Test(
        "an agent's text brings nothing to the terminal but what fits its line",
        arguments: [
            "\u{1B}[2J\u{9B}2J\u{7}\r\n", String(repeating: "本", count: 300), String(repeating: "e\u{301}", count: 300),
            String(repeating: "\u{301}", count: 3000), "a\u{200D}b\u{202E}c\u{2028}d",
            "👩\u{200D}👩\u{200D}👧 👍🏽 ❤\u{FE0F}",
            "\u{E000}\u{10FFFF}", "a\tb",
        ])
    func hostile(text: String) throws {
        var screen = try screen(1, columns: 60, rows: 5)
        screen.show([screen.rows[0].id: LastLine(text: CellText.plain(text), outputEnd: 10)])
        for line in screen.lines + [TopTable(of: screen.rows, columns: 60).line(try row("x") { $0.lastLine = text })] {
            #expect(CellText.width(line) <= 60, "\(line)")
            #expect(line.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
            #expect(line.utf8.count < 1000)
        }
        let shown = String(decoding: screen.frame, as: UTF8.self).split(separator: "\u{1B}")
        #expect(shown.allSatisfy { $0.hasPrefix("[") }, "no escape but ours")
    }

    @Test("there are as many lines as the screen has rows, however few", arguments: [1, 2, 3, 4, 10, 100] as [UInt16])
    func size(rows: UInt16) throws {
        for columns in [1, 10, 80, 300] as [UInt16] {
            let lines = try screen(30, columns: columns, rows: rows).lines
            #expect(lines.count == Int(rows))
            #expect(lines.allSatisfy { CellText.width($0) <= Int(columns) })
        }
    }

    @Test("arrow keys scroll through more rows than fit, to both ends and no further")
    func scrolling() throws {
        var screen = try screen(20)
        func names(_ keys: TopKey...) -> [String] {
            for key in keys { _ = screen.press(key) }
            return screen.lines.dropFirst(2).dropLast().map { String($0.prefix(9)) }
        }
        #expect(names(.up) == (100..<107).map { "agent-\($0)" })
        #expect(names(.down, .down) == (102..<109).map { "agent-\($0)" })
        #expect(names(.pageDown).first == "agent-109")
        #expect(names(.end, .down).last == "agent-119")
        #expect(screen.lines.last?.hasPrefix("14-20 of 20") == true)
        #expect(names(.home).first == "agent-100")
        _ = screen.press(.end)
        screen.size.rows = 100
        screen.scroll(by: 0)
        #expect(names().first == "agent-100")
        screen.show([])
        #expect(names().allSatisfy { $0.isEmpty })
    }

    @Test("a last line is asked for where it is in sight and there is more output")
    func stale() throws {
        var screen = try screen(20)
        #expect(screen.stale.count == 7)
        screen.show(
            Dictionary(uniqueKeysWithValues: screen.stale.map { ($0.id, LastLine(text: "x", outputEnd: 10)) }))
        #expect(screen.stale.isEmpty)
        #expect(screen.lines[2].hasSuffix("x"))
        _ = screen.press(.down)
        #expect(screen.stale.map(\.name.text) == ["agent-107"])
        var rows = screen.rows
        rows[3].outputEnd = 11
        rows[4].outputEnd = 0
        screen.show(rows)
        #expect(screen.stale.map(\.name.text) == ["agent-103", "agent-107"])
        var narrow = TopScreen(
            order: .name, size: screen.size, interval: screen.interval, columns: [.name, .cpu])
        narrow.show(rows)
        #expect(narrow.stale.isEmpty, "nobody sees it")
    }

    @Test("keys are known, cut anywhere, and others do nothing")
    func keys() {
        var keys = TopKeys()
        #expect(
            keys.type(Array("x\u{1B}[A\u{1B}OB\u{1B}[5~\u{1B}[6~\u{1B}[H\u{1B}[4~\u{1B}[1;5A\u{1B}[99~".utf8))
                == [.up, .down, .pageUp, .pageDown, .home, .end, .up])
        #expect(
            "cmpoan".utf8.flatMap { keys.type([$0]) }
                == [.cpu, .memory, .pids, .output, .age, .name].map { .sort($0) })
        #expect("\u{1B}[A".utf8.flatMap { keys.type([$0]) } == [.up])
        #expect(keys.type(Array("\u{1B}q".utf8)) == [.quit])
    }

    @Test("numbers fit their columns")
    func numbers() {
        for (count, text) in [
            (0, "0"), (999, "999"), (1000, "1.0K"), (1536, "1.5K"), (10_240, "10K"), (1_023_000, "999K"),
            (1_023_900, "1.0M"), (5e9, "4.7G"), (.infinity, "-"), (1e300, "9223372036854775807E"),
        ] as [(Double, String)] {
            #expect(ShortNumber.bytes(count) == text)
        }
        #expect(ShortNumber.tenths(0.04) == "0.0")
        #expect(ShortNumber.tenths(-0.26) == "-0.3")
        #expect(ShortNumber.tenths(1e300) == "922337203685477580.7")
    }

    @Test("the last line is that with something in it, of an agent with a screen of its own the last it went to")
    func lastLine() {
        func last(_ pieces: String...) -> String? {
            var offset: UInt64 = 0
            return TopSampler.lastLine(
                of: pieces.map { text in
                    defer { offset += UInt64(text.utf8.count) }
                    return OutputChunk(
                        offset: offset, stream: .tty, time: Timestamp(nanoseconds: 0), payload: .text(text))
                })
        }
        #expect(last("one\r\n", "  two \u{1B}[31mred\u{1B}[0m\r\n\r\n  \r\n") == "two red")
        #expect(last("10%\r", "50%") == "50%")
        #expect(last("\u{1B}[1;1Hone\u{1B}[2;1H\u{1B}[Ktwo\u{1B}[9;9H") == "two")
        #expect(last("\u{1B}[2J\r\n") == nil)
        #expect(last() == nil)
    }
}
