// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What is drawn on: the screen that shows, the pen, and what has scrolled off the main screen.
final class Canvas {
    var grid: Grid
    /// The main screen while the alternate one shows.
    var covered: Grid?
    var pen = Pen()
    /// What DECSC has put aside, on each screen. On the alternate one that it has done so is known, because many
    /// terminals have one place for both, where the main screen's would be lost.
    var saved: (main: SavedCursor, alternate: SavedCursor?) = (SavedCursor(), nil)
    /// Lines that have scrolled off the main screen.
    var history: History
    /// Whether characters go on in the next line when one is full.
    var wraps = true
    /// Whether the last column was written to, and the next character goes to the next line.
    private(set) var pendingWrap = false

    /// What stands for the placeholder that the engine is given instead: a character beyond ASCII.
    private var incoming: Cell.Text?
    /// Whether the engine is only brought into a state, and nothing is drawn.
    private var isDrawing = true
    /// The last character that was drawn, for what combines with it.
    private(set) var last: (text: Cell.Text, row: Int, column: Int)?

    private var clusters = CellTable<[Unicode.Scalar]>(limit: 1 << 16, sharesNumbers: false)
    private var decorations = CellTable<Decoration>(limit: 4096, sharesNumbers: true)

    private static let maximumCluster = 6
    /// In bytes; a longer address is no link.
    static let maximumAddress = 2083

    init(columns: Int, rows: Int, historyLimit: Int) {
        grid = Grid(columns: columns, rows: rows)
        history = History(limit: historyLimit)
    }

    // What the engine does.

    func put(_ scalar: UInt32, row: Int, column: Int) {
        let text = incoming ?? Cell.Text(Unicode.Scalar(scalar) ?? "\u{FFFD}", isWide: false)
        if isDrawing {
            if pendingWrap, row > 0 { grid.setContinues(true, row: row - 1) }
            grid.put(text, pen, row: row, column: column)
            last = (text, row, column)
        } else if grid.rows.indices ~= row {
            last = (grid.rows[row][column].text, row, column)
        }
        pendingWrap = wraps && column + (text.isWide ? 2 : 1) >= grid.columns
    }

    func scroll(_ area: Grid.Area, up: Int, left: Int) {
        // Where lines leave below a margin they are gone, as in xterm.
        let isKept = covered == nil && area.rows.lowerBound == 0
        grid.scroll(area, up: up, left: left, background: pen.background) { if isKept { history.append($0) } }
    }

    func erase(_ area: Grid.Area, sparingProtected: Bool = false) {
        grid.erase(area, background: pen.background, sparingProtected: sparingProtected)
    }

    // What is done to it otherwise.

    /// Draws a placeholder's character while `body` has the engine place it.
    func drawing(_ text: Cell.Text, _ body: () -> Void) {
        incoming = text
        body()
        incoming = nil
    }

    /// Has the engine go where it would be had it drawn.
    func withoutDrawing(_ body: () -> Void) {
        isDrawing = false
        body()
        isDrawing = true
    }

    /// The cursor was moved by something else than a character.
    func moved() {
        pendingWrap = false
        last = nil
    }

    /// Adds a character that takes no room to the last one, if the cursor has not left it.
    func combine(_ scalar: Unicode.Scalar) {
        guard let (text, row, column) = last, !scalars(of: text).isEmpty, grid.rows.indices ~= row,
            column < grid.columns,
            grid.rows[row][column].text == text
        else { return }
        var scalars = self.scalars(of: text)
        guard scalars.count < Canvas.maximumCluster else { return }
        scalars.append(scalar)
        guard let number = clusters.number(for: scalars, renumber: renumberClusters) else {
            last = nil
            return
        }
        let cell = grid.rows[row][column]
        let combined = Cell.Text(cluster: UInt32(number), isWide: text.isWide)
        grid.put(combined, cell.pen, row: row, column: column)
        last = (combined, row, column)
    }

    func scalars(of text: Cell.Text) -> [Unicode.Scalar] {
        if let cluster = text.cluster { return clusters[Int(cluster)] ?? ["\u{FFFD}"] }
        return text.scalar.map { [$0] } ?? []
    }

    func decoration(of pen: Pen) -> Decoration {
        pen.decoration == 0 ? Decoration() : decorations[Int(pen.decoration) - 1] ?? Decoration()
    }

    func setDecoration(_ decoration: Decoration) {
        guard decoration != Decoration() else {
            pen.decoration = 0
            return
        }
        let number = decorations.number(for: decoration, renumber: renumberDecorations)
        pen.decoration = number.map { UInt16($0 + 1) } ?? 0
    }

    private func renumberClusters(_ number: (Int) -> Int) {
        rewrite { cell in
            guard let cluster = cell.text.cluster else { return nil }
            return Cell(text: .init(cluster: UInt32(number(Int(cluster))), isWide: cell.text.isWide), pen: cell.pen)
        }
    }

    private func renumberDecorations(_ number: (Int) -> Int) {
        func renumbered(_ pen: Pen) -> Pen? {
            guard pen.decoration != 0 else { return nil }
            var pen = pen
            pen.decoration = UInt16(number(Int(pen.decoration) - 1) + 1)
            return pen
        }
        rewrite { cell in renumbered(cell.pen).map { Cell(text: cell.text, pen: $0) } }
        pen = renumbered(pen) ?? pen
        saved.main.pen = renumbered(saved.main.pen) ?? saved.main.pen
        if let pen = saved.alternate?.pen { saved.alternate?.pen = renumbered(pen) ?? pen }
    }

    private func rewrite(_ change: (Cell) -> Cell?) {
        grid.rewrite(change)
        covered?.rewrite(change)
        history.rewrite(change)
    }
}
