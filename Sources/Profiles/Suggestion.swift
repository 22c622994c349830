// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `; did you mean "network"?` for a word that is nearly one of the candidates, else nothing.
func suggestion(for word: String, among candidates: some Sequence<String>) -> String {
    // Words in files are short; a long one resembles nothing and would only cost time.
    guard word.utf8.count <= 64 else { return "" }
    let allowed = max(1, word.utf8.count / 3)
    let bytes = Array(word.utf8)
    var nearest: (distance: Int, candidate: String)?
    for candidate in candidates {
        // A word broken off is nearer than one mistyped.
        let isBegun = bytes.count > 2 && candidate.hasPrefix(word)
        let distance = isBegun ? 0 : editDistance(bytes, Array(candidate.utf8), atMost: nearest?.distance ?? allowed)
        guard let distance else { continue }
        if nearest.map({ (distance, candidate) < $0 }) ?? true { nearest = (distance, candidate) }
    }
    return nearest.map { "; did you mean \"\($0.candidate)\"?" } ?? ""
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other; nil for more than
/// `limit` of them, which is mostly known soon.
private func editDistance(_ one: [UInt8], _ other: [UInt8], atMost limit: Int) -> Int? {
    guard abs(one.count - other.count) <= limit else { return nil }
    var beforeLast: [Int] = []
    var last = Array(0...other.count)
    for (row, byte) in one.enumerated() {
        var current = [row + 1]
        for (column, otherByte) in other.enumerated() {
            var cost = min(last[column] + (byte == otherByte ? 0 : 1), last[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, byte == other[column - 1], one[row - 1] == otherByte {
                cost = min(cost, beforeLast[column - 1] + 1)
            }
            current.append(cost)
        }
        // A swap goes back two rows, so both have to be beyond it.
        if (current + beforeLast).allSatisfy({ $0 > limit }), last.allSatisfy({ $0 > limit }) { return nil }
        beforeLast = last
        last = current
    }
    return last[other.count] <= limit ? last[other.count] : nil
}
