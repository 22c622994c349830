// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Synchronization

/// Agents that something is being done to, and which of them it is not done to yet.
final class Waiting: Sendable {
    private let names: [String]
    private let left: Mutex<Set<Int>>

    init(_ names: [String]) {
        self.names = names
        left = Mutex(Set(names.indices))
    }

    func remove(_ index: Int) { left.withLock { _ = $0.remove(index) } }

    /// `a`, or `a and 3 more`
    var text: String {
        let left = left.withLock { $0 }
        guard let first = left.min() else { return "" }
        return left.count == 1 ? names[first] : "\(names[first]) and \(left.count - 1) more"
    }
}
