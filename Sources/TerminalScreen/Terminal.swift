// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ScreenProtocol

/// The model of one agent's terminal: fed with what the agent writes, it knows what a terminal would show. It answers
/// nothing to the agent: that is for the terminals of those who look.
///
/// Where terminals differ it does as xterm, unless its comments say otherwise.
package final class Terminal {
    package private(set) var size: ScreenSize
    private var scanner = SequenceScanner()

    let canvas: Canvas
    private(set) var engine: Engine
    var modes = Modes()
    var margins: Margins
    var tabs: TabStops
    var charsets = Charsets()
    var keyboard = Keyboard()
    var titles = Titles()
    var palette = Palette()

    /// `historyLimit`: how many lines are kept that have scrolled off the main screen.
    package init(size: ScreenSize, historyLimit: Int = 500) {
        self.size = size
        let (columns, rows) = (Int(size.columns), Int(size.rows))
        canvas = Canvas(columns: columns, rows: rows, historyLimit: historyLimit)
        engine = Engine(columns: columns, rows: rows, canvas: canvas)
        margins = Margins((columns, rows))
        tabs = TabStops(columns: columns)
    }

    var columns: Int { canvas.grid.columns }
    var rows: Int { canvas.grid.rows.count }
    var isAlternate: Bool { canvas.covered != nil }
    var unfinished: [UInt8] { scanner.unfinished }

    var cursor: Cursor {
        let (row, column) = engine.cursor
        // libvterm leaves the cursor on the first half of a wide character that fills the line.
        return Cursor(
            row: row, column: canvas.pendingWrap ? columns - 1 : column, pendingWrap: canvas.pendingWrap)
    }

    var saved: SavedCursor {
        get { isAlternate ? canvas.saved.alternate ?? SavedCursor() : canvas.saved.main }
        set { if isAlternate { canvas.saved.alternate = newValue } else { canvas.saved.main = newValue } }
    }

    /// What the agent wrote, cut anywhere.
    package func feed(_ bytes: some Collection<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable { scanner.scan($0, for: self) }
        if done == nil { Array(bytes).withUnsafeBufferPointer { scanner.scan($0, for: self) } }
    }

    /// Lines are not broken anew: what is too long for fewer columns is cut off, as in xterm.
    package func resize(_ new: ScreenSize) {
        guard new != size else { return }
        size = new
        let (columns, rows) = (Int(new.columns), Int(new.rows))
        var cursor = cursor
        if cursor.pendingWrap, columns != self.columns {
            cursor.pendingWrap = false
            if columns > self.columns { cursor.column += 1 }
        }
        let moved = resize(&canvas.grid, columns, rows, cursorRow: cursor.row, isMain: !isAlternate)
        cursor.row += moved
        if var covered = canvas.covered {
            let down = resize(&covered, columns, rows, cursorRow: canvas.saved.main.cursor.row, isMain: true)
            canvas.saved.main.cursor.row += down
            canvas.covered = covered
            canvas.saved.alternate?.cursor.row += moved
        } else {
            canvas.saved.main.cursor.row += moved
        }
        limit(&canvas.saved.main.cursor)
        if canvas.saved.alternate != nil { limit(&canvas.saved.alternate!.cursor) }
        limit(&cursor)
        tabs.resize(columns)
        margins = Margins((columns, rows))
        renewEngine(cursor)
    }

    private func resize(
        _ grid: inout Grid, _ columns: Int, _ rows: Int, cursorRow: Int, isMain: Bool
    ) -> Int {
        var history = canvas.history
        let moved = grid.resize(columns: columns, rows: rows, cursorRow: cursorRow) {
            if isMain { history.append($0) }
        } returning: {
            isMain ? history.popLast() : nil
        }
        canvas.history = history
        return moved
    }

    private func limit(_ cursor: inout Cursor) {
        cursor.row = min(max(cursor.row, 0), Int(size.rows) - 1)
        if cursor.column >= Int(size.columns) {
            cursor.column = Int(size.columns) - 1
            cursor.pendingWrap = false
        }
        if cursor.column < Int(size.columns) - 1 { cursor.pendingWrap = false }
    }

    /// An engine of the present size, in the state that the modes, the margins and `cursor` say.
    private func renewEngine(_ cursor: Cursor) {
        engine = Engine(columns: columns, rows: rows, canvas: canvas)
        canvas.moved()
        setEngineModes()
        place(cursor)
    }

    func setEngineModes() {
        if modes.insert { engine.write("\u{1B}[4h") }
        if modes.newline { engine.write("\u{1B}[20h") }
        canvas.wraps = modes.isOn(Modes.Private.autowrap)
        engine.write(canvas.wraps ? "\u{1B}[?7h" : "\u{1B}[?7l")
        engine.write(modes.isOn(Modes.Private.margins) ? "\u{1B}[?69h" : "\u{1B}[?69l")
        engine.write(modes.isOn(Modes.Private.origin) ? "\u{1B}[?6h" : "\u{1B}[?6l")
    }

    /// Puts the engine's cursor there, which in origin mode can only be within the margins.
    func place(_ cursor: Cursor) {
        let isOrigin = modes.isOn(Modes.Private.origin)
        let hasSides = isOrigin && modes.isOn(Modes.Private.margins)
        let row = cursor.row - (isOrigin ? margins.rows.lowerBound : 0)
        func move(_ column: Int) {
            let column = column - (hasSides ? margins.columns.lowerBound : 0)
            engine.write(max(row, 0) + 1, max(column, 0) + 1, final: UInt8(ascii: "H"))
        }
        move(cursor.column)
        canvas.moved()
        guard cursor.pendingWrap, canvas.wraps, cursor.column == columns - 1 else { return }
        // As it came there: by a character in the last column. Nothing is drawn, and nothing may be pushed aside.
        let isWide = canvas.grid.rows[cursor.row][columns - 1].text == .secondHalf
        if isWide { move(columns - 2) }
        if modes.insert { engine.write("\u{1B}[4l") }
        canvas.withoutDrawing {
            canvas.drawing(Cell.Text("\u{4E00}", isWide: isWide)) { engine.write(isWide ? "\u{4E00}" : "x") }
        }
        if modes.insert { engine.write("\u{1B}[4h") }
    }

    /// That it is yet to wrap, or that one character is of another set, is not put aside: some terminals do, some do not.
    func saveCursor() {
        var (cursor, charsets) = (cursor, charsets)
        cursor.pendingWrap = false
        charsets.single = nil
        saved = SavedCursor(
            cursor: cursor, pen: canvas.pen, charsets: charsets, origin: modes.isOn(Modes.Private.origin))
    }

    func restoreCursor() {
        let saved = saved
        modes.set(Modes.Private.origin, saved.origin)
        engine.write(saved.origin ? "\u{1B}[?6h" : "\u{1B}[?6l")
        charsets = saved.charsets
        canvas.pen = saved.pen
        place(saved.cursor)
    }

    /// With the cursor, leaving takes it back to where it was on the main screen (1049). A terminal that shows the
    /// alternate screen already is not cleared, as in tmux, kitty and xterm.js.
    func setAlternate(_ isOn: Bool, withCursor: Bool) {
        if isOn {
            if withCursor { saveCursor() }
            guard !isAlternate else { return }
            move {}
            canvas.covered = canvas.grid
            canvas.grid = Grid(columns: columns, rows: rows)
            canvas.grid.fill(.erased(canvas.pen.background))
            canvas.saved.alternate = nil
            keyboard.alternate = Keyboard.Flags()
        } else {
            if let covered = canvas.covered {
                canvas.grid = covered
                canvas.covered = nil
            }
            if withCursor { restoreCursor() } else { move {} }
        }
    }

    /// RIS. What has scrolled off stays.
    func reset() {
        if let covered = canvas.covered { canvas.grid = covered }
        canvas.covered = nil
        canvas.pen = Pen()
        canvas.saved = (SavedCursor(), nil)
        modes = Modes()
        margins = Margins((columns, rows))
        tabs = TabStops(columns: columns)
        charsets = Charsets()
        keyboard = Keyboard()
        palette = Palette()
        canvas.grid.fill(Cell())
        renewEngine(Cursor())
    }

    /// DECSTR.
    func softReset() {
        modes.softReset()
        canvas.pen = Pen()
        charsets = Charsets()
        if isAlternate { canvas.saved.alternate = nil } else { canvas.saved.main = SavedCursor() }
        let cursor = cursor
        margins = Margins((columns, rows))
        renewEngine(cursor)
    }
}
