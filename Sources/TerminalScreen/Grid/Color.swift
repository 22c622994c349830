// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A colour of text or of what is behind it.
struct Color: Hashable {
    private var raw: UInt32

    /// The terminal's own.
    static let ofTerminal = Color(raw: 0)

    /// One of the 256 of the palette.
    static func palette(_ index: UInt8) -> Color { Color(raw: 1 << 24 | UInt32(index)) }

    /// The first 16 of the palette by their own names (30 to 37, 90 to 97), which terminals may brighten with bold text.
    static func basic(_ index: UInt8) -> Color { Color(raw: 3 << 24 | UInt32(index)) }

    static func rgb(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Color {
        Color(raw: 2 << 24 | UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue))
    }

    private init(raw: UInt32) { self.raw = raw }

    enum Form {
        case ofTerminal
        case palette(UInt8)
        case basic(UInt8)
        case rgb(UInt8, UInt8, UInt8)
    }

    var form: Form {
        func byte(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: raw >> shift) }
        return switch raw >> 24 {
        case 0: .ofTerminal
        case 1: .palette(byte(0))
        case 3: .basic(byte(0))
        default: .rgb(byte(16), byte(8), byte(0))
        }
    }
}
