// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// The table of `agentctl top` as lines of text, each no wider than it may be.
struct TopTable {
    /// Nobody reads more of a last line where the width is not known.
    static let plainWidth = 160
    private static let mostNameColumns = 32

    private let nameColumns: Int
    private let columns: Int

    /// The names of all rows decide, so that columns stay where they are while one scrolls.
    init(of rows: [TopRow], columns: Int) {
        self.columns = columns
        let widest = rows.map { CellText.width($0.name.text) }.max() ?? 0
        nameColumns = max(4, min(widest, Self.mostNameColumns, columns / 3))
    }

    var heading: String {
        line(["NAME", "STATE", "CPU%", "MEM", "PIDS", "OUT/s", "AGE", "LAST LINE"])
    }

    func line(_ row: TopRow) -> String {
        line([
            row.name.text, row.state.rawValue, row.cpuPercent.map(ShortNumber.tenths) ?? "-",
            row.memoryBytes.map { ShortNumber.bytes(Double($0)) } ?? "-", row.pids.map { "\($0)" } ?? "-",
            row.outputBytesPerSecond.map(ShortNumber.bytes) ?? "-", RelativeTime.text(seconds: row.ageSeconds),
            row.lastLine ?? "",
        ])
    }

    private func line(_ cells: [String]) -> String {
        let widths = [nameColumns, 8, 6, 5, 5, 5, 4]
        var result = ""
        for (index, cell) in cells.map(CellText.plain).enumerated() {
            guard index < widths.count else {
                result += cell
                break
            }
            result += CellText.fit(cell, to: widths[index], isRight: index >= 2) + "  "
        }
        while result.last == " " { result.removeLast() }
        return CellText.cut(result, to: columns)
    }
}
