// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Which of an agent's outputs some bytes came from.
package enum OutputStream: UInt8, Sendable {
    case tty = 0
    case stdout = 1
    case stderr = 2
}

/// Some bytes of output as they were stored together.
package struct OutputChunk: Sendable, Equatable {
    /// Of the first byte, in bytes since the agent's first output.
    package var offset: UInt64
    package var stream: OutputStream
    /// When they were read from the agent, in nanoseconds since the epoch.
    package var time: Int64
    package var bytes: [UInt8]

    package var end: UInt64 { offset + UInt64(bytes.count) }
}

/// The form of one record in a segment file: a header of 32 bytes, little-endian, then the bytes of output.
///
///     0  4  magic
///     4  4  length of the output that follows
///     8  8  offset of its first byte
///    16  8  time, nanoseconds since the epoch
///    24  1  stream
///    25  3  zero
///    28  4  CRC-32 of the 28 bytes before and of the output
///
/// The checksum is what lets a reader follow the writer without a lock: a record that is only half there yet fails it,
/// and so does one that a power cut tore.
enum OutputRecord {
    static let headerSize = 32
    /// The longest output in one record, in bytes.
    static let maximumLength = 64 * 1024
    static let magic: UInt32 = 0x314C_4F41  // "AOL1"

    struct Header: Equatable {
        var length: Int
        var offset: UInt64
        var time: Int64
        var stream: OutputStream

        var end: UInt64 { offset + UInt64(length) }
    }

    static func encode(_ bytes: ArraySlice<UInt8>, offset: UInt64, time: Int64, stream: OutputStream) -> [UInt8] {
        var record: [UInt8] = []
        record.reserveCapacity(headerSize + bytes.count)
        record.append(littleEndian: magic)
        record.append(littleEndian: UInt32(bytes.count))
        record.append(littleEndian: offset)
        record.append(littleEndian: UInt64(bitPattern: time))
        record.append(contentsOf: [stream.rawValue, 0, 0, 0])
        let checksum = CRC32.checksum(bytes, continuing: CRC32.checksum(record[...]))
        record.append(littleEndian: checksum)
        record.append(contentsOf: bytes)
        return record
    }

    /// The header at the start of `bytes`, or nil when none can be there. Its checksum is not looked at.
    static func header(_ bytes: ArraySlice<UInt8>) -> Header? {
        guard bytes.count >= headerSize else { return nil }
        let length = Int(bytes.littleEndian(at: 4, as: UInt32.self))
        guard bytes.littleEndian(at: 0, as: UInt32.self) == magic, (1...maximumLength).contains(length),
            let stream = OutputStream(rawValue: bytes[bytes.startIndex + 24])
        else { return nil }
        return Header(
            length: length, offset: bytes.littleEndian(at: 8, as: UInt64.self),
            time: Int64(bitPattern: bytes.littleEndian(at: 16, as: UInt64.self)), stream: stream)
    }

    /// Whether the record that starts `bytes` is whole.
    static func isIntact(_ bytes: ArraySlice<UInt8>, length: Int) -> Bool {
        guard bytes.count >= headerSize + length else { return false }
        let start = bytes.startIndex
        let head = CRC32.checksum(bytes[start..<start + 28])
        let whole = CRC32.checksum(bytes[start + headerSize..<start + headerSize + length], continuing: head)
        return whole == bytes.littleEndian(at: 28, as: UInt32.self)
    }
}

extension Array<UInt8> {
    fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func littleEndian<Value: FixedWidthInteger>(at position: Int, as type: Value.Type) -> Value {
        withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: Value.self)) }
    }
}
