// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The four character sets that a program may choose for ASCII's place, and which of them is in force (ECMA-35). In a
/// terminal that reads UTF-8 only those for ASCII's half matter.
struct Charsets: Equatable {
    enum Charset: UInt8 {
        case ascii = 0x42  // B
        case british = 0x41  // A
        /// DEC's special graphics: lines and corners.
        case drawing = 0x30  // 0
    }

    /// G0 to G3.
    var sets: [Charset] = [.ascii, .ascii, .ascii, .ascii]
    /// Which of them is in force.
    var shifted = 0
    /// For the next character alone.
    var single: Int?

    /// Whether characters are what they are.
    var isPlain: Bool { single == nil && sets[shifted] == .ascii }

    mutating func map(_ byte: UInt8) -> Unicode.Scalar {
        let set = sets[single ?? shifted]
        single = nil
        switch set {
        case .ascii: return Unicode.Scalar(byte)
        case .british: return byte == 0x23 ? "£" : Unicode.Scalar(byte)
        case .drawing: return 0x5F...0x7E ~= byte ? Charsets.drawings[Int(byte - 0x5F)] : Unicode.Scalar(byte)
        }
    }

    /// 0x5F to 0x7E (VT220 Programmer Reference, table 2-4).
    private static let drawings = Array("\u{A0}◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·".unicodeScalars)
}
