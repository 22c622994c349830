// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What the daemon and `agent-screen` say to each other is cut into frames: a byte for the kind, four for the payload's
/// length, little-endian, then the payload.
package struct ScreenFrame: Equatable, Sendable {
    /// The longest payload either side sends, in bytes.
    package static let maximumPayload = 1 << 20
    package static let headerLength = 5

    package var kind: UInt8
    package var payload: [UInt8]

    package init(kind: UInt8, payload: [UInt8]) {
        self.kind = kind
        self.payload = payload
    }

    package var bytes: [UInt8] {
        let length = UInt32(payload.count)
        return [kind] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + payload
    }
}

/// Frames from bytes as they come. Keeps at most one frame.
package struct ScreenFrameReader: Sendable {
    private var bytes: [UInt8] = []
    private var next = 0

    package init() {}

    /// Whether the bytes so far end within a frame.
    package var isWithinFrame: Bool { next < bytes.count }

    package mutating func append(_ more: some Collection<UInt8>) {
        bytes.removeFirst(next)
        next = 0
        bytes.append(contentsOf: more)
    }

    /// The next frame that is complete.
    package mutating func frame() throws(ScreenProtocolError) -> ScreenFrame? {
        guard bytes.count - next >= ScreenFrame.headerLength else { return nil }
        let length = (0..<4).reduce(0) { $0 | Int(bytes[next + 1 + $1]) << (8 * $1) }
        guard length <= ScreenFrame.maximumPayload else { throw .tooLong(length) }
        let start = next + ScreenFrame.headerLength
        guard bytes.count - start >= length else { return nil }
        let frame = ScreenFrame(kind: bytes[next], payload: Array(bytes[start..<start + length]))
        next = start + length
        if next == bytes.count {
            // A long frame's room is not kept for the short ones that follow.
            bytes.removeAll(keepingCapacity: bytes.capacity <= 128 * 1024)
            next = 0
        }
        return frame
    }
}

/// What is wrong with the bytes of the other side.
package enum ScreenProtocolError: Error, Equatable, CustomStringConvertible {
    case tooLong(Int)
    case unknownKind(UInt8)
    case wrongLength(kind: String, Int)
    case impossibleSize(columns: UInt16, rows: UInt16)
    case notStarted
    case startedAlready
    case cutOff

    package var description: String {
        switch self {
        case .tooLong(let length):
            "a frame of \(length) bytes is longer than the \(ScreenFrame.maximumPayload) that are allowed; send output in pieces"
        case .unknownKind(let kind): "a frame is of kind \(kind), which this version does not know"
        case .wrongLength(let kind, let length):
            "a frame of kind \(kind) has \(length) bytes of payload, which cannot be"
        case .impossibleSize(let columns, let rows):
            "a screen cannot have \(columns) columns and \(rows) rows; each must be between 1 and 1000"
        case .notStarted: "the first frame is no start; say the size first"
        case .cutOff: "the input ended within a frame"
        case .startedAlready: "a second start came; a screen is kept of one terminal"
        }
    }
}
