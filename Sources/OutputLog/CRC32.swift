// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The CRC-32 of zlib and Ethernet (polynomial 0xEDB88320), eight bytes a step with eight tables ("slicing by eight").
///
/// Our own, because zlib would be one more library in every shim for thirty lines.
enum CRC32 {
    private static let tables: [[UInt32]] = {
        var first = [UInt32](repeating: 0, count: 256)
        for index in 0..<256 {
            var value = UInt32(index)
            for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
            first[index] = value
        }
        var tables = [first]
        for _ in 1..<8 {
            let last = tables[tables.count - 1]
            tables.append(last.map { ($0 >> 8) ^ first[Int($0 & 0xFF)] })
        }
        return tables
    }()
    private static let table = tables.flatMap { $0 }

    /// The checksum of `bytes`, or of what was checked before followed by `bytes`.
    static func checksum(_ bytes: ArraySlice<UInt8>, continuing previous: UInt32 = 0) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            bytes.withUnsafeBytes { input in
                var value = ~previous
                var position = 0
                while position + 8 <= input.count {
                    let word = UInt64(littleEndian: input.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                    let mixed = word ^ UInt64(value)
                    value = 0
                    for byte in 0..<8 {
                        value ^= table[(7 - byte) << 8 | Int(truncatingIfNeeded: mixed >> (UInt64(byte) * 8)) & 0xFF]
                    }
                    position += 8
                }
                while position < input.count {
                    value = (value >> 8) ^ table[Int((value ^ UInt32(input[position])) & 0xFF)]
                    position += 1
                }
                return ~value
            }
        }
    }
}
