// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What DECSC keeps. Nothing saved is the same as the beginning.
struct SavedCursor {
    var cursor = Cursor()
    var pen = Pen()
    var charsets = Charsets()
    var origin = false
}

/// Where the next character goes, from 0.
struct Cursor: Equatable {
    var row = 0
    var column = 0
    /// The last column was written to, and the next character goes to the next line (the "last column flag" of DEC's).
    var pendingWrap = false
}

/// The part of the screen that scrolls.
struct Margins: Equatable {
    var rows: Range<Int>
    var columns: Range<Int>

    init(_ size: (columns: Int, rows: Int)) {
        rows = 0..<size.rows
        columns = 0..<size.columns
    }
}

/// Where HT stops, by column.
struct TabStops: Equatable {
    private(set) var stops: [Bool]

    /// The first column needs none: there everything stops.
    init(columns: Int) { stops = (0..<columns).map { $0 > 0 && $0 % 8 == 0 } }

    mutating func set(_ column: Int, _ isStop: Bool) { stops[column] = isStop }
    mutating func clear() { stops = stops.map { _ in false } }

    mutating func resize(_ columns: Int) {
        if columns < stops.count { stops.removeLast(stops.count - columns) }
        stops += (stops.count..<columns).map { $0 % 8 == 0 }
    }

    /// The last column if there is no stop after this one.
    func next(after column: Int, _ count: Int) -> Int {
        var (column, count) = (column, count)
        while column < stops.count - 1, count > 0 {
            column += 1
            if stops[column] { count -= 1 }
        }
        return column
    }

    func previous(before column: Int, _ count: Int) -> Int {
        var (column, count) = (column, count)
        while column > 0, count > 0 {
            column -= 1
            if stops[column] { count -= 1 }
        }
        return column
    }
}
