// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Text and controls.
extension Terminal: SequenceReceiver {
    func text(_ ascii: UnsafeBufferPointer<UInt8>) {
        guard !charsets.isPlain else { return engine.write(ascii) }
        for byte in ascii { character(charsets.map(byte)) }
    }

    func character(_ scalar: Unicode.Scalar) {
        charsets.single = nil
        switch CharacterWidth.of(scalar) {
        // xterm takes U+0080 to U+009F for controls, others for nothing; here they are nothing.
        case _ where 0x80...0x9F ~= scalar.value: break
        case 0: canvas.combine(scalar)
        case 1: canvas.drawing(Cell.Text(scalar, isWide: false)) { engine.write("x") }
        default: wide(scalar)
        }
    }

    private func wide(_ scalar: Unicode.Scalar) {
        let isAtEdge = engine.cursor.column >= columns - 1 && !canvas.pendingWrap
        if columns < 2 || isAtEdge && !canvas.wraps { return }
        // The engine makes room for one column.
        if modes.insert, !canvas.pendingWrap, !isAtEdge { shift(-1) }
        canvas.drawing(Cell.Text(scalar, isWide: true)) { engine.write("\u{4E00}") }
    }

    func control(_ byte: UInt8) {
        switch byte {
        case 0x08, 0x0A, 0x0B, 0x0C, 0x0D: move { engine.write(byte) }
        case 0x09: move { toColumn(tabs.next(after: engine.cursor.column, 1)) }
        case 0x0E: charsets.shifted = 1
        case 0x0F: charsets.shifted = 0
        default: break
        }
    }

    /// Has the cursor moved by the engine, from the last column if a character is yet to wrap there.
    func move(_ body: () -> Void) {
        if canvas.pendingWrap { engine.write("\u{1B}[C") }
        canvas.moved()
        body()
    }

    /// On the same line.
    func toColumn(_ column: Int) {
        engine.write(column + 1, final: UInt8(ascii: "G"))
    }

    func escape(intermediate: UInt8, final: UInt8) {
        switch (Unicode.Scalar(intermediate), Unicode.Scalar(final)) {
        case ("\0", "D"): move { engine.write("\u{1B}D") }
        case ("\0", "E"): move { engine.write("\u{1B}E") }
        case ("\0", "M"): move { engine.write("\u{1B}M") }
        case ("\0", "H"): tabs.set(cursor.column, true)
        case ("\0", "7"): saveCursor()
        case ("\0", "8"): restoreCursor()
        case ("\0", "="): modes.applicationKeypad = true
        case ("\0", ">"): modes.applicationKeypad = false
        case ("\0", "c"): reset()
        case ("\0", "n"): charsets.shifted = 2
        case ("\0", "o"): charsets.shifted = 3
        case ("\0", "N"): charsets.single = 2
        case ("\0", "O"): charsets.single = 3
        case ("#", "8"): alignmentTest()
        case ("(", _), (")", _), ("*", _), ("+", _):
            charsets.sets[Int(intermediate - 0x28)] = Charsets.Charset(rawValue: final) ?? .ascii
        default: break
        }
    }

    /// DECALN.
    private func alignmentTest() {
        setRows(0..<rows)
        canvas.grid.fill(Cell(text: Cell.Text("E", isWide: false)))
    }

    /// DECSTBM.
    func setRows(_ range: Range<Int>) {
        margins.rows = range
        move { engine.write(range.lowerBound + 1, range.upperBound, final: UInt8(ascii: "r")) }
    }

    func command(_ bytes: [UInt8]) {
        let fields = bytes[...].split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        guard let first = fields.first, let number = Int(String(decoding: first, as: UTF8.self)) else { return }
        let rest = bytes[min(first.endIndex + 1, bytes.endIndex)...]
        switch number {
        case 0:
            titles.present = Titles.Names(title: Titles.name(rest), icon: Titles.name(rest))
        case 1: titles.present.icon = Titles.name(rest)
        case 2: titles.present.title = Titles.name(rest)
        case 4: palette.setIndexed(fields.dropFirst())
        case 8: link(rest)
        case 10...19: palette.setSpecial(from: number, fields.dropFirst())
        case 104: palette.resetIndexed(fields.dropFirst())
        case 110...119: palette.resetSpecial(number - 100)
        default: break
        }
    }

    /// `parameters;address`; without an address the link ends.
    private func link(_ bytes: ArraySlice<UInt8>) {
        guard let separator = bytes.firstIndex(of: UInt8(ascii: ";")) else { return }
        let (parameters, address) = (bytes[..<separator], bytes[(separator + 1)...])
        var decoration = canvas.decoration(of: canvas.pen)
        // It goes into the snapshots of all who watch, where nothing of it may end the command that it is in.
        let isLink =
            !address.isEmpty && address.count <= Canvas.maximumAddress && parameters.count <= 256
            && bytes.allSatisfy { 0x20...0x7E ~= $0 }
        decoration.link = isLink ? .init(parameters: Array(parameters), address: Array(address)) : nil
        canvas.setDecoration(decoration)
    }
}
