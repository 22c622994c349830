// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import NIOPosix
import OutputLog
import Synchronization

/// One reader's place in an agent's stored output. Reading happens on threads that may block.
final class LogFollower: Sendable {
    private let cursor: Mutex<OutputLogCursor>
    private let threads: NIOThreadPool

    /// How much one call of `next` brings at most: items, and bytes in them. This, and what lies in the connection's
    /// buffer, is all the memory that a subscriber costs.
    private static let maximumItems = 256
    private static let maximumBytes = 64 * 1024

    init(_ directory: AgentDirectory, from offset: UInt64, threads: NIOThreadPool) {
        cursor = Mutex(OutputLogReader(directory: directory.output).cursor(at: offset))
        self.threads = threads
    }

    /// What follows, or nothing when there is no more at present, or no log: not yet, or no longer.
    func next() async throws -> [OutputLogCursor.Item] {
        do {
            return try await threads.runIfActive {
                try self.cursor.withLock { cursor in
                    var items: [OutputLogCursor.Item] = []
                    var room = Self.maximumBytes
                    while room > 0, items.count < Self.maximumItems, let item = try cursor.next(limit: room) {
                        if case .chunk(let chunk) = item { room -= chunk.bytes.count }
                        items.append(item)
                    }
                    return items
                }
            }
        } catch let error as SystemError where error.errno == ENOENT {
            return []
        }
    }
}
