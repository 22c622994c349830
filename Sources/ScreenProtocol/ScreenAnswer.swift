// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// From `agent-screen` to the daemon: an answer in as many parts as it takes. The payload's first byte is 1 in the last
/// part and 0 before; the rest are the answer's bytes.
package struct ScreenAnswer: Equatable, Sendable {
    package enum Kind: UInt8, Sendable {
        /// To `look`: JSON.
        case description = 0x81
        /// To `snapshot`: bytes for a terminal.
        case snapshot = 0x82
    }

    /// How long a part `agent-screen` makes, in bytes.
    package static let partLength = 64 * 1024

    package var kind: Kind
    package var isLast: Bool
    package var bytes: [UInt8]

    package init(kind: Kind, isLast: Bool, bytes: [UInt8]) {
        self.kind = kind
        self.isLast = isLast
        self.bytes = bytes
    }

    package init(_ frame: ScreenFrame) throws(ScreenProtocolError) {
        guard let kind = Kind(rawValue: frame.kind) else { throw .unknownKind(frame.kind) }
        guard let last = frame.payload.first, last <= 1 else {
            throw .wrongLength(kind: "\(kind)", frame.payload.count)
        }
        self.init(kind: kind, isLast: last == 1, bytes: Array(frame.payload.dropFirst()))
    }

    package var frame: ScreenFrame { ScreenFrame(kind: kind.rawValue, payload: [isLast ? 1 : 0] + bytes) }
}
