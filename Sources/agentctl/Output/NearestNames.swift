// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What somebody may have meant who mistyped a name.
enum NearestNames {
    /// At most three names, the nearest first: those with few letters more, fewer, other or swapped, and those that
    /// begin with what was typed.
    static func of(_ typed: String, among names: some Sequence<String>) -> [String] {
        let typed = typed.lowercased()
        let most = max(1, typed.count / 3)
        let near = names.compactMap { name -> (distance: Int, name: String)? in
            let lower = name.lowercased()
            if typed.count >= 3, lower.hasPrefix(typed) { return (0, name) }
            let distance = distance(Array(typed.utf8), Array(lower.utf8))
            return distance <= most ? (distance, name) : nil
        }
        return near.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
    }

    /// `"a"`, `"a" or "b"`, `"a", "b" or "c"`
    static func text(_ names: [String]) -> String {
        let quoted = names.map { "\"\($0)\"" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
        return "\(quoted.dropLast().joined(separator: ", ")) or \(last)"
    }

    /// Letters to insert, to take out, to replace, or neighbours to swap, until one is the other (optimal string
    /// alignment).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var before: [Int] = []
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var this = [row + 1]
            for column in 0..<right.count {
                let cost = left[row] == right[column] ? 0 : 1
                var least = min(this[column] + 1, last[column + 1] + 1, last[column] + cost)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, before[column - 1] + 1)
                }
                this.append(least)
            }
            (before, last) = (last, this)
        }
        return last[right.count]
    }
}
