// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Lines of a screen, written to one that is blank with the cursor at its beginning.
extension SnapshotWriter {
    /// After these the cursor is somewhere in the last one. Each but the last is followed by a line feed, so that lines
    /// of the history scroll off.
    func write(rows: some Collection<Row>, columns: Int) {
        var left = rows.count
        var continued = false
        for row in rows {
            left -= 1
            write(row, columns, isContinued: continued)
            continued = false
            guard left > 0 else { break }
            // Scrolling fills with the background: it has to be the terminal's own.
            take(Pen())
            if row.continues, fills(row, columns) {
                continued = true
            } else {
                write("\r\n")
            }
        }
    }

    /// Whether writing it leaves the cursor where the next character wraps by itself, so that the terminal knows that the
    /// lines are one.
    private func fills(_ row: Row, _ columns: Int) -> Bool {
        guard columns > 1 else { return false }
        return row[columns - 1].text != .nothing
    }

    private func write(_ row: Row, _ columns: Int, isContinued: Bool) {
        func cell(_ column: Int) -> Cell { isBare ? Cell(text: row[column].text) : row[column] }
        var end = min(row.end(of: columns), columns)
        while end > 0, cell(end - 1) == Cell() { end -= 1 }
        var column = 0
        if isContinued {
            // Whatever comes first has to be a character, plain enough that a line which scrolls in has no background.
            let first = cell(0)
            if first.text == .nothing || first.pen.background != .ofTerminal { write(" \r") }
            if first.text == .nothing, first == Cell() { control("", "X") }
        }
        while column < end {
            let here = cell(column)
            if here.text == .nothing {
                var next = column + 1
                while next < end, cell(next) == here { next += 1 }
                blank(here, next - column, isLast: next == columns)
                column = next
                continue
            }
            take(here.pen)
            write(here.text)
            column += here.text.isWide ? 2 : 1
        }
    }

    func write(_ text: Cell.Text) {
        let scalars = canvas.scalars(of: text)
        for scalar in isBare ? scalars.prefix(1) : scalars[...] {
            write(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }

    private func blank(_ cell: Cell, _ count: Int, isLast: Bool) {
        if cell != Cell() {
            take(cell.pen)
            control(isLast ? "" : "\(count)", isLast ? "K" : "X")
        }
        if !isLast { control("\(count)", "C") }
    }
}
