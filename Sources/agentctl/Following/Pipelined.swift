// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Does the same to each item, so many at once: one connection carries them all, and a daemon has other clients too.
/// Results stand in the order of their items. The first failure ends it.
func pipelined<Item: Sendable, Value: Sendable>(
    _ items: [Item], atMost limit: Int, _ body: @escaping @Sendable (Item) async throws -> Value
) async throws -> [Value] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
        var values = [Value?](repeating: nil, count: items.count)
        var rest = items.enumerated().makeIterator()
        func add() {
            guard let (index, item) = rest.next() else { return }
            group.addTask { (index, try await body(item)) }
        }
        for _ in 0..<limit { add() }
        for try await (index, value) in group {
            values[index] = value
            add()
        }
        return values.compactMap(\.self)
    }
}
