// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import OutputLog
import ScreenProtocol

/// A running `agent-screen`, and how far it has followed its agent's output.
struct ScreenModel: Sendable {
    let process: ScreenProcess
    private(set) var offset: UInt64
    private(set) var size: ScreenSize
    /// Changes of size that it has not come to.
    var resizes: [ScreenCheckpoint.Resize]
    /// It has once been at the output's end.
    private(set) var hasFollowed = false
    /// What is left of the snapshot that it begins with.
    private var snapshot: ArraySlice<UInt8>

    /// After so long others have its thread.
    private static let slice = Duration.milliseconds(100)
    private static let pieceLength = 64 * 1024

    /// - Parameter process: one that has not been sent anything.
    init(_ process: ScreenProcess, _ checkpoint: ScreenCheckpoint) {
        self.process = process
        offset = checkpoint.offset
        size = checkpoint.size
        resizes = checkpoint.resizes
        snapshot = checkpoint.snapshot[...]
    }

    /// Has it take output, for as long as a slice is. Returns whether it is at the end. Blocks.
    mutating func follow(_ directory: AgentDirectory, to end: UInt64) throws -> Bool {
        let pause = ContinuousClock.now + Self.slice
        var cursor = OutputLogReader(directory: directory.output).cursor(at: offset)
        repeat {
            if let piece = nextPiece() {
                try process.send(.output(piece))
                continue
            }
            try resize()
            guard offset < end else {
                hasFollowed = true
                return true
            }
            let next = min(resizes.first?.offset ?? .max, end) - offset
            switch try cursor.next(limit: min(Int(clamping: next), Self.pieceLength)) {
            case .chunk(let chunk)?:
                try process.send(.output(chunk.bytes))
                offset = chunk.end
            case .gap(_, let to)?:
                // Whatever it was in the middle of does not go on after it (CAN).
                try process.send(.output([0x18]))
                offset = to
            case nil:
                hasFollowed = true
                return true
            }
        } while ContinuousClock.now < pause
        return false
    }

    private mutating func nextPiece() -> [UInt8]? {
        guard !snapshot.isEmpty else { return nil }
        defer {
            snapshot = snapshot.dropFirst(Self.pieceLength)
            // Else all of it would be kept.
            if snapshot.isEmpty { snapshot = [] }
        }
        return Array(snapshot.prefix(Self.pieceLength))
    }

    private mutating func resize() throws {
        while let resize = resizes.first, resize.offset <= offset {
            resizes.removeFirst()
            try process.send(.resize(resize.size))
            size = resize.size
        }
    }
}
