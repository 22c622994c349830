// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The last lines that have scrolled off a screen, at most `limit`.
struct History {
    private let limit: Int
    /// A ring once it is full: `oldest` is where it begins.
    private var ring: [Row] = []
    private var oldest = 0

    init(limit: Int) { self.limit = limit }

    var count: Int { ring.count }

    /// The line `index` lines after the oldest.
    subscript(index: Int) -> Row { ring[(oldest + index) % ring.count] }

    mutating func append(_ row: Row) {
        if ring.count < limit {
            ring.append(row.trimmed)
        } else if limit > 0 {
            ring[oldest] = row.trimmed
            oldest = (oldest + 1) % limit
        }
    }

    /// The newest, which is not kept any longer.
    mutating func popLast() -> Row? {
        guard !ring.isEmpty else { return nil }
        if oldest != 0 {
            ring = Array(ring[oldest...] + ring[..<oldest])
            oldest = 0
        }
        return ring.removeLast()
    }

    mutating func removeAll() {
        ring = []
        oldest = 0
    }

    mutating func rewrite(_ change: (Cell) -> Cell?) {
        for index in ring.indices { ring[index].rewrite(change) }
    }
}
