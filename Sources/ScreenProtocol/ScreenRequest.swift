// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// From the daemon to `agent-screen`. Requests are followed in their order, and answered in it.
package enum ScreenRequest: Equatable, Sendable {
    /// The first one.
    case start(ScreenSize)
    /// What the agent wrote to its terminal, cut anywhere; before that, what an earlier screen answered to `snapshot`.
    case output([UInt8])
    case resize(ScreenSize)
    /// Asks what the terminal shows, as a `ScreenDescription` in JSON.
    case look
    /// Asks for the bytes that put a terminal of this size into this state, with at most `history` lines of what has
    /// scrolled off the main screen before it.
    case snapshot(history: UInt16)

    private enum Kind: UInt8 {
        case start = 1
        case output, resize, look, snapshot
    }

    package init(_ frame: ScreenFrame) throws(ScreenProtocolError) {
        guard let kind = Kind(rawValue: frame.kind) else { throw .unknownKind(frame.kind) }
        let payload = frame.payload
        func require(_ isRight: Bool) throws(ScreenProtocolError) {
            guard isRight else { throw .wrongLength(kind: "\(kind)", payload.count) }
        }
        func number(_ index: Int) -> UInt16 { UInt16(payload[index]) | UInt16(payload[index + 1]) << 8 }
        func size() throws(ScreenProtocolError) -> ScreenSize {
            guard let size = ScreenSize(columns: number(0), rows: number(2)) else {
                throw .impossibleSize(columns: number(0), rows: number(2))
            }
            return size
        }
        switch kind {
        case .start:
            try require(payload.count == 4)
            self = .start(try size())
        case .output: self = .output(payload)
        case .resize:
            try require(payload.count == 4)
            self = .resize(try size())
        case .look:
            try require(payload.isEmpty)
            self = .look
        case .snapshot:
            try require(payload.count == 2)
            self = .snapshot(history: number(0))
        }
    }

    /// What is to be sent. Output that is longer than a frame's payload may be has to be cut by the sender.
    package var frame: ScreenFrame {
        func bytes(_ number: UInt16) -> [UInt8] { [UInt8(truncatingIfNeeded: number), UInt8(number >> 8)] }
        func bytes(_ size: ScreenSize) -> [UInt8] { bytes(size.columns) + bytes(size.rows) }
        return switch self {
        case .start(let size): ScreenFrame(kind: Kind.start.rawValue, payload: bytes(size))
        case .output(let output): ScreenFrame(kind: Kind.output.rawValue, payload: output)
        case .resize(let size): ScreenFrame(kind: Kind.resize.rawValue, payload: bytes(size))
        case .look: ScreenFrame(kind: Kind.look.rawValue, payload: [])
        case .snapshot(let history): ScreenFrame(kind: Kind.snapshot.rawValue, payload: bytes(history))
        }
    }
}
