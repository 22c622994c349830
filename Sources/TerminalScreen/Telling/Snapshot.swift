// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The bytes that put a terminal of the same size, in whatever state it is, into the state of this one. Read by a new
/// `Terminal`, they make it the same as well; so what they are made of is never more than what it understands.
extension Terminal {
    /// As long as a snapshot is with all that belongs to it, in bytes: what somebody attaches to is to come at once.
    package static let snapshotLength = 1 << 20

    /// With at most `history` lines of what has scrolled off the main screen before it. One that would be too long goes
    /// without those, and one that still would without colours and the like: never without text and modes.
    package func snapshot(history: Int) -> [UInt8] {
        snapshot(history: history, isBare: false, limit: Self.snapshotLength)
            ?? snapshot(history: 0, isBare: false, limit: Self.snapshotLength)
            ?? snapshot(history: 0, isBare: true, limit: .max) ?? []
    }

    private func snapshot(history: Int, isBare: Bool, limit: Int) -> [UInt8]? {
        let writer = SnapshotWriter(canvas: canvas, isBare: isBare, limit: limit)
        writeSnapshot(history: history, writer)
        return writer.isTooLong ? nil : writer.bytes
    }

    private func writeSnapshot(history: Int, _ writer: SnapshotWriter) {
        writeReset(writer)
        writeNames(writer)
        let main = canvas.covered ?? canvas.grid
        let first = canvas.history.count - min(history, canvas.history.count)
        let kept = (first..<canvas.history.count).map { index in
            var row = canvas.history[index]
            row.cut(to: columns)
            return row
        }
        writer.write(rows: kept + main.rows, columns: columns)
        write(keyboard.main, writer)
        if isAlternate {
            // 1049 puts the cursor of the main screen aside and takes it back in the end; some terminals keep that apart
            // from what DECSC does.
            place(canvas.saved.main, writer)
            writer.write("\u{1B}7\u{1B}[?1049h\u{1B}[?6l")
            writeAtFirst(writer)
            writer.write("\u{1B}[H\u{1B}[2J")
            writer.write(rows: canvas.grid.rows, columns: columns)
            write(keyboard.alternate, writer)
        }
        if let saved = isAlternate ? canvas.saved.alternate : canvas.saved.main {
            place(saved, writer)
            writer.write("\u{1B}7\u{1B}[?6l")
        }
        writeMargins(writer)
        writeModes(writer)
        placeCursor(writer)
        if let single = charsets.single { writer.write(single == 2 ? "\u{1B}N" : "\u{1B}O") }
        writer.write(unfinished)
    }

    /// What any terminal starts from. Not RIS: it takes away what people have scrolled back to.
    private func writeReset(_ writer: SnapshotWriter) {
        // Whatever sequence or string it is in the middle of ends, and it shows its main screen.
        writer.write("\u{18}\u{1B}\\\u{1B}[?1049l")
        writer.control("4", "l")
        writer.control("20", "l")
        for mode in Modes.offAtFirst { writer.control("?\(mode)", "l") }
        writer.write("\u{1B}[?7h\u{1B}[?25h\u{1B}>\u{1B}[r\u{1B}[0 q\u{1B}[<99u\u{1B}[=0;1u")
        for resource in Keyboard.modifierResources { writer.control(">\(resource)", "m") }
        writer.command(Array("8;;".utf8))
        for command in [104] + Array(110...119) { writer.command(Array("\(command)".utf8)) }
        // After XTMODKEYS, which a terminal that does not know it may take for attributes.
        writeAtFirst(writer)
        writer.control("3", "g")
        for (column, isStop) in tabs.stops.enumerated() where isStop {
            writer.control("\(column + 1)", "G")
            writer.write("\u{1B}H")
        }
        writer.write("\u{1B}[H\u{1B}[2J")
    }

    /// The plain pen and the plain character sets.
    private func writeAtFirst(_ writer: SnapshotWriter) {
        writer.write("\u{1B}(B\u{1B})B\u{1B}*B\u{1B}+B\u{0F}")
        writer.take(Pen())
        writer.write("\u{1B}[0m\u{1B}[0\"q")
        writer.isPlain()
    }

    private func writeNames(_ writer: SnapshotWriter) {
        func write(_ names: Titles.Names) {
            if let icon = names.icon { writer.command(Array("1;\(icon)".utf8)) }
            if let title = names.title { writer.command(Array("2;\(title)".utf8)) }
        }
        for names in titles.stack {
            write(names)
            writer.control("22;0", "t")
        }
        write(titles.present)
        for (index, value) in palette.indexed.sorted(by: { $0.key < $1.key }) {
            writer.command(Array("4;\(index);".utf8) + value)
        }
        for (number, value) in palette.special.sorted(by: { $0.key < $1.key }) {
            writer.command(Array("\(number);".utf8) + value)
        }
    }

    private func write(_ flags: Keyboard.Flags, _ writer: SnapshotWriter) {
        guard flags != Keyboard.Flags() else { return }
        writer.control("=\(flags.stack[0]);1", "u")
        for flags in flags.stack.dropFirst() { writer.control(">\(flags)", "u") }
    }

    private func writeMargins(_ writer: SnapshotWriter) {
        if modes.isOn(Modes.Private.margins) {
            writer.write("\u{1B}[?69h")
            if margins.columns != 0..<columns {
                writer.control("\(margins.columns.lowerBound + 1);\(margins.columns.upperBound)", "s")
            }
        }
        if margins.rows != 0..<rows { writer.control("\(margins.rows.lowerBound + 1);\(margins.rows.upperBound)", "r") }
    }

    /// The cursor, the pen and the character sets, as DECSC keeps them. There are no margins yet that origin mode could
    /// refer to: what is kept is a place on the screen.
    private func place(_ saved: SavedCursor, _ writer: SnapshotWriter) {
        if saved.origin { writer.write("\u{1B}[?6h") }
        writer.move(row: saved.cursor.row, column: saved.cursor.column)
        write(saved.pen, saved.charsets, writer)
    }

    /// If the cursor is where the last character left it, that is written once more: it may be yet to wrap, be combined
    /// with what comes next, or be repeated (REP), which tmux does with nothing but what came immediately before. So it
    /// comes after all else if it can.
    private func placeCursor(_ writer: SnapshotWriter) {
        let isOrigin = modes.isOn(Modes.Private.origin)
        if isOrigin { writer.write("\u{1B}[?6h") }
        let wraps = modes.isOn(Modes.Private.autowrap)
        guard let last = canvas.last, !canvas.scalars(of: last.text).isEmpty,
            canvas.grid.rows[last.row][last.column].text == last.text
        else {
            move(writer, to: cursor, isOrigin: isOrigin)
            write(canvas.pen, charsets, writer)
            if modes.insert { writer.control("4", "h") }
            if !wraps { writer.write("\u{1B}[?7l") }
            return
        }
        // One that was written to the last column while lines did not wrap is not yet to wrap, even if they do now.
        let isAtEdge = cursor.column == columns - 1 && !cursor.pendingWrap
        if !wraps || isAtEdge { writer.write("\u{1B}[?7l") }
        move(writer, to: Cursor(row: last.row, column: last.column), isOrigin: isOrigin)
        let pen = canvas.grid.rows[last.row][last.column].pen
        // Beyond ASCII it is what it is in any character set.
        let isASCII = canvas.scalars(of: last.text)[0].isASCII
        write(pen, isASCII ? Charsets() : charsets, writer)
        writer.write(last.text)
        if pen != canvas.pen || isASCII && charsets != Charsets() { write(canvas.pen, charsets, writer) }
        if wraps, isAtEdge { writer.write("\u{1B}[?7h") }
        if modes.insert { writer.control("4", "h") }
    }

    private func move(_ writer: SnapshotWriter, to cursor: Cursor, isOrigin: Bool) {
        let hasSides = isOrigin && modes.isOn(Modes.Private.margins)
        writer.move(
            row: max(cursor.row - (isOrigin ? margins.rows.lowerBound : 0), 0),
            column: max(cursor.column - (hasSides ? margins.columns.lowerBound : 0), 0))
    }

    private func write(_ pen: Pen, _ charsets: Charsets, _ writer: SnapshotWriter) {
        writer.take(pen)
        for (index, set) in charsets.sets.enumerated() { writer.write([0x1B, 0x28 + UInt8(index), set.rawValue]) }
        writer.write(["\u{0F}", "\u{0E}", "\u{1B}n", "\u{1B}o"][charsets.shifted])
    }

    /// All that neither moves the cursor nor changes how characters are written.
    private func writeModes(_ writer: SnapshotWriter) {
        let own: Set<Int> = [
            Modes.Private.origin, Modes.Private.autowrap, Modes.Private.margins, Modes.Private.synchronizedOutput,
        ]
        for (mode, isOn) in modes.changed.sorted(by: { $0.key < $1.key }) where !own.contains(mode) {
            writer.control("?\(mode)", isOn ? "h" : "l")
        }
        if modes.newline { writer.control("20", "h") }
        if modes.applicationKeypad { writer.write("\u{1B}=") }
        if modes.cursorStyle != 0 { writer.control("\(modes.cursorStyle) ", "q") }
        if modes.mouse != 0 { writer.control("?\(modes.mouse)", "h") }
        if modes.mouseEncoding != 0 { writer.control("?\(modes.mouseEncoding)", "h") }
        for (resource, value) in keyboard.modifiers.sorted(by: { $0.key < $1.key }) {
            writer.control(">\(resource);\(value)", "m")
        }
        if modes.isOn(Modes.Private.synchronizedOutput) { writer.control("?2026", "h") }
    }
}
