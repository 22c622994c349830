// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Control sequences. The engine gets those that move and scroll, spelt anew with what is within bounds; what it does
/// wrongly, or does not know in all its versions, is done here.
extension Terminal {
    func sequence(_ sequence: ControlSequence) {
        switch (sequence.leader, sequence.intermediate) {
        case (0, 0): plain(sequence)
        case (UInt8(ascii: "?"), 0): questioned(sequence)
        case (UInt8(ascii: ">"), 0), (UInt8(ascii: "<"), 0), (UInt8(ascii: "="), 0): keyboardSequence(sequence)
        case (0, UInt8(ascii: " ")) where sequence.final == UInt8(ascii: "q"):
            let style = sequence.parameter(0, or: 0)
            if style <= 6 { modes.cursorStyle = style }
        case (0, UInt8(ascii: "!")) where sequence.final == UInt8(ascii: "p"): softReset()
        case (0, UInt8(ascii: "\"")) where sequence.final == UInt8(ascii: "q"):
            if sequence.parameter(0, or: 0) == 1 {
                canvas.pen.style.insert(.protected)
            } else {
                canvas.pen.style.remove(.protected)
            }
        default: break
        }
    }

    private func plain(_ sequence: ControlSequence) {
        let count = sequence.count()
        let final = sequence.final
        let cursor = engine.cursor
        switch Unicode.Scalar(final) {
        case "A": moveRows(-count, cursor.row)
        case "B": moveRows(count, cursor.row)
        case "E": moveRows(count, cursor.row, toBeginning: true)
        case "F": moveRows(-count, cursor.row, toBeginning: true)
        case "C", "D", "a", "e": move { engine.write(count, final: final) }
        case "G", "`", "d": move { engine.write(count, final: final) }
        case "H", "f": move { engine.write(count, sequence.count(1), final: UInt8(ascii: "H")) }
        case "I": move { toColumn(tabs.next(after: self.cursor.column, count)) }
        case "Z": move { toColumn(tabs.previous(before: self.cursor.column, count)) }
        case "J" where sequence.parameter(0, or: 0) == 3: canvas.history.removeAll()
        case "J", "K": edit { engine.write(sequence.parameter(0, or: 0), final: final) }
        case "L", "M", "S", "X": edit { engine.write(count, final: final) }
        // With more it asks for another kind of mouse reports (xterm's highlighting).
        case "T" where sequence.parameters.count < 2: edit { engine.write(count, final: final) }
        case "@": edit { shift(-count) }
        case "P": edit { shift(count) }
        case "b": repeatLast(count)
        case "g":
            switch sequence.parameter(0, or: 0) {
            case 0: tabs.set(self.cursor.column, false)
            case 3: tabs.clear()
            default: break
            }
        case "h", "l": for mode in sequence.parameters { setMode(mode.map(Int.init) ?? 0, final == UInt8(ascii: "h")) }
        case "m": setPen(sequence)
        case "r":
            let (top, bottom) = (sequence.count(), min(sequence.parameter(1, or: 0), rows))
            let end = bottom == 0 ? rows : bottom
            if top < end { setRows(top - 1..<end) }
        case "s": if modes.isOn(Modes.Private.margins) { setColumns(sequence) } else { saveCursor() }
        case "u": restoreCursor()
        case "t":
            switch sequence.parameter(0, or: 0) {
            case 22: titles.push()
            case 23: titles.pop()
            default: break
            }
        default: break
        }
    }

    /// What changes cells and leaves the cursor, where it does not wrap any more.
    private func edit(_ body: () -> Void) { move(body) }

    /// Up and down, not out of the margins from within; the engine knows no margins there.
    private func moveRows(_ count: Int, _ row: Int, toBeginning: Bool = false) {
        let highest = row >= margins.rows.lowerBound ? margins.rows.lowerBound : 0
        let lowest = row < margins.rows.upperBound ? margins.rows.upperBound - 1 : rows - 1
        let target = min(max(row + count, highest), lowest)
        move {
            if target < row { engine.write(row - target, final: UInt8(ascii: "A")) }
            if target > row { engine.write(target - row, final: UInt8(ascii: "B")) }
            if toBeginning { engine.write("\r") }
        }
    }

    /// ICH and DCH: the engine does them between the upper and the lower margin only.
    func shift(_ left: Int) {
        let cursor = engine.cursor
        let sides = modes.isOn(Modes.Private.margins) ? margins.columns : 0..<columns
        guard sides ~= cursor.column else { return }
        let area = Grid.Area(rows: cursor.row..<cursor.row + 1, columns: cursor.column..<sides.upperBound)
        canvas.scroll(area, up: 0, left: left)
    }

    /// REP, to the end of the line as in tmux: a few bytes must not be work for a whole screen.
    private func repeatLast(_ count: Int) {
        guard let text = canvas.last?.text, !canvas.pendingWrap else { return }
        let room = (columns - engine.cursor.column) / (text.isWide ? 2 : 1)
        for _ in 0..<min(count, room) {
            canvas.drawing(text) { engine.write(text.isWide ? "\u{4E00}" : "x") }
        }
    }

    /// DECSLRM.
    private func setColumns(_ sequence: ControlSequence) {
        let (left, right) = (sequence.count(), min(sequence.parameter(1, or: 0), columns))
        let end = right == 0 ? columns : right
        guard left < end else { return }
        margins.columns = left - 1..<end
        move { engine.write(left, end, final: UInt8(ascii: "s")) }
    }

    private func setMode(_ mode: Int, _ isOn: Bool) {
        switch mode {
        case 4:
            modes.insert = isOn
            engine.write(isOn ? "\u{1B}[4h" : "\u{1B}[4l")
        case 20:
            modes.newline = isOn
            engine.write(isOn ? "\u{1B}[20h" : "\u{1B}[20l")
        default: break
        }
    }

    private func questioned(_ sequence: ControlSequence) {
        switch Unicode.Scalar(sequence.final) {
        case "h", "l":
            for mode in sequence.parameters {
                if let mode { setPrivateMode(Int(mode), sequence.final == UInt8(ascii: "h")) }
            }
        case "J", "K":
            edit { eraseSelectively(sequence.parameter(0, or: 0), line: sequence.final == UInt8(ascii: "K")) }
        // DECST8C.
        case "W" where sequence.parameter(0, or: 0) == 5: tabs = TabStops(columns: columns)
        default: break
        }
    }

    private func eraseSelectively(_ what: Int, line: Bool) {
        let cursor = engine.cursor
        let here = cursor.row..<cursor.row + 1
        func erase(_ rows: Range<Int>, _ columns: Range<Int>) {
            canvas.erase(.init(rows: rows, columns: columns), sparingProtected: true)
        }
        switch what {
        case 0:
            erase(here, cursor.column..<columns)
            if !line { erase(cursor.row + 1..<rows, 0..<columns) }
        case 1:
            erase(here, 0..<cursor.column + 1)
            if !line { erase(0..<cursor.row, 0..<columns) }
        case 2: erase(line ? here : 0..<rows, 0..<columns)
        default: break
        }
    }

    private func setPrivateMode(_ mode: Int, _ isOn: Bool) {
        switch mode {
        case 47, 1047: setAlternate(isOn, withCursor: false)
        case 1049: setAlternate(isOn, withCursor: true)
        case 1048: if isOn { saveCursor() } else { restoreCursor() }
        case Modes.Private.origin:
            modes.set(mode, isOn)
            move { engine.write(isOn ? "\u{1B}[?6h" : "\u{1B}[?6l") }
        case Modes.Private.autowrap:
            modes.set(mode, isOn)
            if !isOn, canvas.pendingWrap { move {} }
            canvas.wraps = isOn
            engine.write(isOn ? "\u{1B}[?7h" : "\u{1B}[?7l")
        case Modes.Private.margins:
            modes.set(mode, isOn)
            margins.columns = 0..<columns
            engine.write("\u{1B}[?69h")
            move {
                // Setting them is the only way to have them as at first, and moves the cursor.
                let cursor = cursor
                engine.write(1, columns, final: UInt8(ascii: "s"))
                engine.write(isOn ? "\u{1B}[?69h" : "\u{1B}[?69l")
                place(cursor)
            }
        default: modes.set(mode, isOn)
        }
    }

    private func keyboardSequence(_ sequence: ControlSequence) {
        let flags = isAlternate ? \Keyboard.alternate : \Keyboard.main
        let (first, second) = (sequence.parameter(0, or: 0), sequence.parameter(1, or: 1))
        switch (Unicode.Scalar(sequence.leader), Unicode.Scalar(sequence.final)) {
        case (">", "u"): keyboard[keyPath: flags].push(first)
        case ("<", "u"): keyboard[keyPath: flags].pop(sequence.count())
        case ("=", "u"): keyboard[keyPath: flags].set(first, how: second)
        case (">", "m"):
            if sequence.parameters.isEmpty {
                keyboard.resetModifiers()
            } else {
                keyboard.setModifiers(first, sequence.parameters.count > 1 ? sequence.parameter(1, or: 0) : nil)
            }
        case (">", "n"): keyboard.setModifiers(first, nil)
        default: break
        }
    }
}
