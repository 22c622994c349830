// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// One place of the grid.
struct Cell: Equatable {
    var text = Text.nothing
    var pen = Pen()

    /// What is erased takes the background that is set then, as xterm and most others do (`bce` in terminfo).
    static func erased(_ background: Color) -> Cell { Cell(pen: Pen(background: background)) }

    /// What stands in a cell: nothing, a character, several that combine, or the second half of a wide one.
    struct Text: Equatable {
        private var raw: UInt32

        static let nothing = Text(raw: 0)
        static let secondHalf = Text(raw: 1 << 29)

        init(_ scalar: Unicode.Scalar, isWide: Bool) { raw = scalar.value | (isWide ? Text.wide : 0) }

        /// Several characters that combine, by their number in the canvas's table.
        init(cluster: UInt32, isWide: Bool) { raw = cluster | Text.several | (isWide ? Text.wide : 0) }

        private init(raw: UInt32) { self.raw = raw }
        private static let several: UInt32 = 1 << 31
        private static let wide: UInt32 = 1 << 30

        var isWide: Bool { raw & Text.wide != 0 }

        var cluster: UInt32? { raw & Text.several != 0 ? raw & 0x1FFF_FFFF : nil }

        /// nil for nothing, several, and the second half of a wide one.
        var scalar: Unicode.Scalar? {
            raw & Text.several != 0 || raw & 0x1FFF_FFFF == 0 ? nil : Unicode.Scalar(raw & 0x1FFF_FFFF)
        }

        /// Whether nothing is to be seen there but a background.
        var isBlank: Bool { raw == 0 || raw == 0x20 }
    }
}
