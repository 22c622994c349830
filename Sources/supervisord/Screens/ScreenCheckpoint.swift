// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import OutputLog
import ScreenProtocol

/// A screen as it was at an offset, kept in the agent's directory: what a terminal's modes are, set hours ago, is long out
/// of the output's ring. With it, the sizes that the terminal has been given since.
struct ScreenCheckpoint: Sendable, Equatable {
    /// The terminal had this size from this byte of output on.
    struct Resize: Codable, Sendable, Equatable {
        let offset: UInt64
        let size: ScreenSize
    }

    /// Of the first byte that the snapshot knows nothing of.
    var offset: UInt64
    var size: ScreenSize
    var snapshot: [UInt8] = []
    /// In the order of their offsets, none before `offset`.
    var resizes: [Resize] = []

    /// So many are kept while nobody looks; of more, the latest.
    static let maximumResizes = 256

    /// Adds a change of size. What lies after it cannot be right any more, as after a daemon's death.
    mutating func resize(to size: ScreenSize, at offset: UInt64) {
        resizes.removeAll { $0.offset >= offset }
        resizes.append(.init(offset: offset, size: size))
        resizes.removeFirst(max(0, resizes.count - Self.maximumResizes))
    }
}

extension ScreenCheckpoint {
    /// The file in the agent's directory, mode 0600: a line of JSON, then the snapshot's bytes.
    private static let file = "screen"
    private static let currentVersion = 1

    private struct Head: Codable {
        var version = ScreenCheckpoint.currentVersion
        let offset: UInt64
        let size: ScreenSize
        let resizes: [Resize]
    }

    /// Nil where there is none that can be read: then the screen is made from what is left of the output. Fails where
    /// there is one that may be read later. Blocks.
    init?(in directory: AgentDirectory) throws {
        let bytes: [UInt8]
        do {
            bytes = try directory.read(Self.file)
        } catch let error where [EMFILE, ENFILE, ENOMEM].contains(error.errno) {
            throw error
        } catch {
            return nil
        }
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let head = try? JSONDecoder().decode(Head.self, from: Data(bytes[..<end])),
            head.version == Self.currentVersion
        else { return nil }
        self.init(
            offset: head.offset, size: head.size, snapshot: Array(bytes[(end + 1)...]), resizes: head.resizes)
    }

    /// Blocks.
    func write(in directory: AgentDirectory) throws {
        let home = try directory.open()
        let head = try CanonicalJSON.encode(Head(offset: offset, size: size, resizes: resizes))
        try Files.replace(Self.file, with: head + [UInt8(ascii: "\n")] + snapshot, at: home.number)
    }
}
