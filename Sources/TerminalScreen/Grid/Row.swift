// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A line of the grid. One that was erased as a whole costs nothing, neither time nor memory.
struct Row {
    /// The cells from the left; those that are not there are `rest`.
    private var cells: [Cell] = []
    private var rest: Cell
    /// Whether its text goes on in the next line, because it was too long for this one.
    var continues = false

    init(_ rest: Cell = Cell()) { self.rest = rest }

    subscript(column: Int) -> Cell {
        column < cells.count ? cells[column] : rest
    }

    /// Cells that can be written, `columns` of them.
    mutating func write<Result>(_ columns: Int, _ body: (inout [Cell]) -> Result) -> Result {
        if cells.count < columns {
            cells.reserveCapacity(columns)
            cells += repeatElement(rest, count: columns - cells.count)
        }
        return body(&cells)
    }

    mutating func fill(_ range: Range<Int>, of columns: Int, with cell: Cell) {
        if range.lowerBound == 0, range.upperBound >= columns {
            rest = cell
            cells.removeAll()
        } else if !(cells.isEmpty && rest == cell) {
            write(columns) { cells in
                for column in range { cells[column] = cell }
            }
        }
    }

    /// A wide character of which only one half is left is none, without a background either as in tmux: looks at both
    /// sides of a column's left edge.
    mutating func mend(at column: Int, of columns: Int) {
        guard cells.count >= columns else { return }
        let isSplit = column > 0 && column < columns && cells[column].text == .secondHalf
        if column > 0, cells[column - 1].text.isWide, !isSplit { cells[column - 1] = Cell() }
        if column < columns, cells[column].text == .secondHalf, column == 0 || !cells[column - 1].text.isWide {
            cells[column] = Cell()
        }
    }

    mutating func resize(from old: Int, to columns: Int) {
        guard old != columns else { return }
        if columns > old, rest != Cell() { write(old) { _ in } }
        cut(to: columns)
        if !cells.isEmpty { rest = Cell() }
        continues = false
    }

    /// Without what is beyond so many columns.
    mutating func cut(to columns: Int) {
        guard cells.count > columns else { return }
        cells.removeSubrange(columns...)
        if cells[columns - 1].text.isWide { cells[columns - 1] = Cell() }
        continues = false
    }

    /// The same without the room for blank cells at its end, for keeping.
    var trimmed: Row {
        var kept = self
        guard rest == Cell() || !cells.isEmpty else { return kept }
        let end = cells.lastIndex { $0 != Cell() }.map { $0 + 1 } ?? 0
        kept.cells = Array(cells[..<end])
        kept.rest = Cell()
        return kept
    }

    /// The first column from which on everything is as an erased line of the terminal's own background.
    func end(of columns: Int) -> Int {
        if rest != Cell(), cells.count < columns { return columns }
        return cells.prefix(columns).lastIndex { $0 != Cell() }.map { $0 + 1 } ?? 0
    }

    /// Every cell that is stored, replaced unless the answer is nil.
    mutating func rewrite(_ change: (Cell) -> Cell?) {
        if let changed = change(rest) { rest = changed }
        for column in cells.indices {
            if let changed = change(cells[column]) { cells[column] = changed }
        }
    }
}
