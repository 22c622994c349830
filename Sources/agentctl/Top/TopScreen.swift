// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// What `agentctl top` shows on a terminal: rows, the part of them that is in sight, and a line about the whole. A value
/// in, text out.
struct TopScreen {
    var order: TopOrder {
        didSet { rows = order.sort(rows) }
    }
    var size: TerminalSize
    /// What there is to say besides, in place of the keys.
    var notice: String?
    let interval: WireDuration
    let columns: [TopColumn]
    let palette: Palette

    private(set) var rows: [TopRow] = []
    private var hasRead = false
    private var first = 0
    /// Kept from one reading to the next, as they are asked for only when there is more output.
    private var lastLines: [AgentID: LastLine] = [:]

    init(
        order: TopOrder, size: TerminalSize, interval: WireDuration, columns: [TopColumn] = TopColumn.allCases,
        palette: Palette = .none
    ) {
        self.columns = columns
        self.palette = palette
        self.order = order
        self.size = size
        self.interval = interval
    }

    // MARK: What is read

    mutating func show(_ rows: [TopRow]) {
        self.rows = order.sort(rows)
        hasRead = true
        notice = nil
        let known = Set(rows.map(\.id))
        lastLines = lastLines.filter { known.contains($0.key) }
        scroll(by: 0)
    }

    mutating func show(_ lines: [AgentID: LastLine]) { lastLines.merge(lines) { $1 } }

    /// The rows whose last lines are in sight, and of whose output there is more than was read.
    var stale: [TopRow] {
        guard columns.contains(.line) else { return [] }
        return visible.filter { $0.outputEnd > 0 && lastLines[$0.id]?.outputEnd != $0.outputEnd }
    }

    // MARK: What is typed

    mutating func scroll(by count: Int) {
        first = max(0, min(first + count, rows.count - room))
    }

    /// Returns whether anything has changed.
    mutating func press(_ key: TopKey) -> Bool {
        switch key {
        case .sort(let order): self.order = order
        case .up: scroll(by: -1)
        case .down: scroll(by: 1)
        case .pageUp: scroll(by: -max(1, room))
        case .pageDown: scroll(by: max(1, room))
        case .home: first = 0
        case .end: scroll(by: rows.count)
        case .quit: return false
        }
        return true
    }

    // MARK: What is seen

    /// Rows that fit between the two lines above and the one below.
    private var room: Int { max(0, Int(size.rows) - 3) }

    private var visible: ArraySlice<TopRow> { rows.dropFirst(first).prefix(room) }

    /// From top to bottom, none wider than the screen, as many as it has rows.
    var lines: [String] {
        let width = Int(size.columns)
        let table = TopTable(of: rows, columns: width, showing: columns, in: palette)
        var lines = [CellText.cut(summary, to: width), table.heading]
        lines += visible.map { row in
            var row = row
            row.lastLine = lastLines[row.id]?.text
            return table.line(row)
        }
        lines += [String](repeating: "", count: max(0, Int(size.rows) - 1 - lines.count))
        return Array(lines.prefix(max(0, Int(size.rows) - 1))) + [CellText.cut(CellText.plain(footer), to: width)]
    }

    private var summary: String {
        guard hasRead else { return "agentctl top" }
        let running = rows.count { $0.state.isUnderWay }
        let cpu = Self.sum(rows.map(\.cpuPercent)).map { "\(ShortNumber.tenths($0))%" } ?? "-"
        let memory = Self.sum(rows.map { $0.memoryBytes.map(Double.init) }).map(ShortNumber.bytes) ?? "-"
        let output = Self.sum(rows.map(\.outputBytesPerSecond)).map { "\(ShortNumber.bytes($0))/s" } ?? "-"
        let agents = rows.count == 1 ? "1 agent" : "\(rows.count) agents"
        return "\(agents), \(running) running   CPU \(cpu)   MEM \(memory)   OUT \(output)   "
            + "by \(order.rawValue), every \(interval)"
    }

    /// Of what is known; nil when nothing is.
    private static func sum(_ figures: [Double?]) -> Double? {
        let known = figures.compactMap(\.self)
        return known.isEmpty ? nil : known.reduce(0, +)
    }

    private var footer: String {
        if let notice { return notice }
        let keys = "q quit  sort: c cpu  m memory  p pids  o output  a age  n name"
        guard rows.count > room, room > 0 else { return keys }
        return "\(first + 1)-\(first + visible.count) of \(rows.count)  \(keys)  up/down scroll"
    }

    /// Bytes that show it, on the alternate screen: every line at its place, so that one that turns out wider than
    /// thought spoils no other.
    var frame: [UInt8] {
        var text = "\u{1B}[?2026h"
        for (index, line) in lines.enumerated() {
            text += "\u{1B}[\(index + 1);1H\u{1B}[0m\u{1B}[K"
            text += index == 1 ? "\u{1B}[7m\(CellText.fit(line, to: Int(size.columns)))\u{1B}[0m" : line
        }
        return Array((text + "\u{1B}[?2026l").utf8)
    }

    /// The alternate screen without a cursor, and lines that do not wrap.
    static let enter = Array("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J".utf8)
}

/// What an agent wrote last, and how much it had written then.
struct LastLine: Equatable {
    var text: String?
    var outputEnd: UInt64
}

extension AgentState {
    /// Whether there are processes of it.
    var isUnderWay: Bool { self == .running || self == .paused || self == .stopping }
}
