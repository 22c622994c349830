// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ScreenProtocol
import TerminalScreen

/// A terminal that is written to, resized and asked for snapshots, as the bytes say. Each snapshot has to make a screen
/// that has the same one.
enum ScreenFuzzing {
    /// The first two bytes are the size. After that 0xFE, which no character has, is followed by a new size, and 0xFF
    /// asks for a snapshot.
    static func follow(_ bytes: [UInt8]) {
        var rest = bytes[...]
        guard var size = size(&rest) else { return }
        let terminal = Terminal(size: size, historyLimit: 5)
        while let next = rest.firstIndex(where: { $0 >= 0xFE }) {
            terminal.feed(rest[..<next])
            let isResize = rest[next] == 0xFE
            rest = rest[(next + 1)...]
            if isResize {
                guard let new = self.size(&rest) else { return }
                size = new
                terminal.resize(size)
            } else {
                compare(terminal, size)
            }
        }
        terminal.feed(rest)
        compare(terminal, size)
    }

    private static func size(_ bytes: inout ArraySlice<UInt8>) -> ScreenSize? {
        guard let columns = bytes.popFirst(), let rows = bytes.popFirst() else { return nil }
        return ScreenSize(columns: UInt16(columns % 40) + 1, rows: UInt16(rows % 12) + 1)
    }

    private static func compare(_ terminal: Terminal, _ size: ScreenSize) {
        let copy = Terminal(size: size, historyLimit: 5)
        let first = terminal.snapshot(history: 0)
        copy.feed(first)
        precondition(copy.snapshot(history: 0) == first, "a screen begun from a snapshot has another one")
        precondition(
            copy.description.lines == terminal.description.lines, "a screen begun from a snapshot shows another")
    }
}
