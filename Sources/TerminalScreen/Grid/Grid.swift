// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The cells of one screen.
struct Grid {
    private(set) var columns: Int
    private(set) var rows: [Row]

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = Array(repeating: Row(), count: rows)
    }

    /// `[first, end)` each way.
    struct Area {
        var rows: Range<Int>
        var columns: Range<Int>
    }

    /// What of an area is within the grid: it comes from a library in C.
    private func clamp(_ area: Area) -> Area {
        Area(rows: area.rows.clamped(to: 0..<rows.count), columns: area.columns.clamped(to: 0..<columns))
    }

    mutating func put(_ text: Cell.Text, _ pen: Pen, row: Int, column: Int) {
        guard rows.indices ~= row, 0..<columns ~= column, !text.isWide || column + 1 < columns else { return }
        let (columns, after) = (columns, column + (text.isWide ? 2 : 1))
        // A line that ended before its last column did not go on.
        if after == columns, rows[row][columns - 1].text == .nothing { rows[row].continues = false }
        let cutsOthers = rows[row].write(columns) { cells in
            let cutsOthers =
                cells[column].text == .secondHalf || after < columns && cells[after].text == .secondHalf
            cells[column] = Cell(text: text, pen: pen)
            if text.isWide { cells[column + 1] = Cell(text: .secondHalf, pen: pen) }
            return cutsOthers
        }
        if cutsOthers {
            rows[row].mend(at: column, of: columns)
            rows[row].mend(at: after, of: columns)
        }
    }

    mutating func setContinues(_ continues: Bool, row: Int) {
        if rows.indices ~= row { rows[row].continues = continues }
    }

    mutating func erase(_ area: Area, background: Color, sparingProtected: Bool) {
        let area = clamp(area)
        let blank = Cell.erased(background)
        for row in area.rows {
            if sparingProtected {
                rows[row].write(columns) { cells in
                    for column in area.columns where !cells[column].pen.style.contains(.protected) {
                        cells[column] = blank
                    }
                }
            } else {
                rows[row].fill(area.columns, of: columns, with: blank)
            }
            rows[row].mend(at: area.columns.lowerBound, of: columns)
            rows[row].mend(at: area.columns.upperBound, of: columns)
            if area.columns.upperBound == columns { rows[row].continues = false }
        }
    }

    /// Moves what is in an area up and to the left, or down and to the right if negative; what comes in is erased.
    /// Whole lines that leave at the top of it are handed to `leaving`.
    mutating func scroll(_ area: Area, up: Int, left: Int, background: Color, leaving: (Row) -> Void) {
        let area = clamp(area)
        let blank = Cell.erased(background)
        if left == 0, area.columns == 0..<columns {
            scrollLines(area.rows, up: up, blank, leaving)
        } else {
            if left != 0 { for row in area.rows { shift(row, area.columns, left: left, blank) } }
            if up != 0 { scrollBlock(area, up: up, blank) }
        }
    }

    private mutating func scrollLines(_ range: Range<Int>, up: Int, _ blank: Cell, _ leaving: (Row) -> Void) {
        let count = min(abs(up), range.count)
        guard count > 0 else { return }
        let gone = up > 0 ? range.prefix(count) : range.suffix(count)
        if up > 0 { for row in gone { leaving(rows[row]) } }
        rows.removeSubrange(gone)
        rows.insert(
            contentsOf: repeatElement(Row(blank), count: count),
            at: up > 0 ? range.upperBound - count : range.lowerBound)
        // What these went on in is somewhere else now.
        for row in [range.lowerBound - 1, range.upperBound - 1 - max(up, 0)] where row >= range.lowerBound - 1 {
            setContinues(false, row: row)
        }
    }

    private mutating func shift(_ row: Int, _ range: Range<Int>, left: Int, _ blank: Cell) {
        let count = min(abs(left), range.count)
        guard count > 0 else { return }
        let columns = columns
        rows[row].mend(at: range.lowerBound, of: columns)
        rows[row].write(columns) { cells in
            if left > 0 {
                for column in range.dropLast(count) { cells[column] = cells[column + count] }
                for column in range.suffix(count) { cells[column] = blank }
            } else {
                for column in range.dropFirst(count).reversed() { cells[column] = cells[column - count] }
                for column in range.prefix(count) { cells[column] = blank }
            }
        }
        for edge in [range.lowerBound, range.lowerBound + count, range.upperBound - count, range.upperBound] {
            rows[row].mend(at: edge, of: columns)
        }
        rows[row].continues = false
    }

    private mutating func scrollBlock(_ area: Area, up: Int, _ blank: Cell) {
        let order = up > 0 ? Array(area.rows) : area.rows.reversed()
        let columns = columns
        for row in order {
            let source = area.rows ~= row + up ? rows[row + up] : Row(blank)
            rows[row].write(columns) { cells in
                for column in area.columns { cells[column] = source[column] }
            }
            rows[row].mend(at: area.columns.lowerBound, of: columns)
            rows[row].mend(at: area.columns.upperBound, of: columns)
        }
    }

    /// Every cell holds `cell` afterwards.
    mutating func fill(_ cell: Cell) {
        rows = Array(repeating: Row(cell), count: rows.count)
    }

    /// Takes another size, as tmux and VTE do it: what goes are lines below the cursor's first, then those at the top,
    /// which are handed to `leaving`. What comes are lines that `returning` gives, then blank ones below. Returns by how
    /// much everything moved down, or up if negative.
    mutating func resize(
        columns: Int, rows count: Int, cursorRow: Int, leaving: (Row) -> Void, returning: () -> Row?
    ) -> Int {
        for row in rows.indices { rows[row].resize(from: self.columns, to: columns) }
        self.columns = columns
        var moved = 0
        if count < rows.count {
            let below = min(rows.count - count, rows.count - 1 - cursorRow)
            rows.removeLast(max(below, 0))
            if below > 0 { setContinues(false, row: rows.count - 1) }
            while rows.count > count {
                leaving(rows.removeFirst())
                moved -= 1
            }
        }
        while rows.count < count, var row = returning() {
            row.cut(to: columns)
            rows.insert(row, at: 0)
            moved += 1
        }
        while rows.count < count { rows.append(Row()) }
        return moved
    }
}

extension Grid {
    /// Every cell that is stored, replaced unless the answer is nil.
    mutating func rewrite(_ change: (Cell) -> Cell?) {
        for row in rows.indices { rows[row].rewrite(change) }
    }
}
