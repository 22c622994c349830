// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Decides which output travels as text.
public enum OutputText {
    /// Cuts bytes of one stream, consecutive in offset, into payloads of at most `maximum` bytes each, without splitting
    /// a character of UTF-8. A payload that is valid UTF-8 is text, any other is bytes.
    ///
    /// While more may follow, the beginning of a character at the very end is left over: `remainder` says how many
    /// bytes (0 to 3) belong in front of what comes next. Pass `mayContinue: false` when the stream has ended, or when
    /// the bytes after these belong to another stream or lie beyond a gap; then nothing is left over.
    public static func payloads(
        of bytes: some RandomAccessCollection<UInt8>, encoding: OutputEncoding = .text, mayContinue: Bool,
        maximum: Int = ProtocolLimits.maximumChunk
    ) -> (payloads: [OutputChunk.Payload], remainder: Int) {
        precondition(maximum >= 4, "a payload must have room for the longest character")
        var payloads: [OutputChunk.Payload] = []
        var rest = bytes[...]
        if encoding == .base64 {
            while !rest.isEmpty {
                payloads.append(.bytes(Array(rest.prefix(maximum))))
                rest = rest.dropFirst(maximum)
            }
            return (payloads, 0)
        }
        while !rest.isEmpty {
            var piece = rest.prefix(maximum)
            if piece.count < rest.count || mayContinue { piece = piece.dropLast(incompleteTail(of: piece)) }
            // What is left is no more than the beginning of a character.
            if piece.isEmpty { break }
            payloads.append(String(validating: piece, as: UTF8.self).map { .text($0) } ?? .bytes(Array(piece)))
            rest = rest.dropFirst(piece.count)
        }
        return (payloads, rest.count)
    }

    /// How many bytes at the end are the beginning of a character that is not whole yet: 0 to 3.
    static func incompleteTail(of bytes: some BidirectionalCollection<UInt8>) -> Int {
        var tail: [UInt8] = []
        for byte in bytes.reversed().prefix(3) {
            tail.insert(byte, at: 0)
            if byte & 0xC0 == 0x80 { continue }
            return isBeginning(tail) ? tail.count : 0
        }
        return 0
    }

    /// Whether a byte that starts a character, and what follows it, can still become one (Unicode 16, table 3-7).
    private static func isBeginning(_ tail: [UInt8]) -> Bool {
        let length: Int
        let second: ClosedRange<UInt8>
        switch tail[0] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return false
        }
        return tail.count < length && (tail.count == 1 || second.contains(tail[1]))
    }
}
