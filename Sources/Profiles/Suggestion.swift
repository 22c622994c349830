// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `; did you mean "network"?` for a word that is nearly one of the candidates, else nothing.
func suggestion(for word: String, among candidates: some Sequence<String>) -> String {
    // Words in files are short; a long one resembles nothing and would only cost time.
    guard word.utf8.count <= 64 else { return "" }
    let allowed = max(1, word.utf8.count / 3)
    let nearest =
        candidates
        .map { candidate in
            // A word broken off is nearer than one mistyped.
            let begun = word.utf8.count > 2 && candidate.hasPrefix(word)
            return (distance: begun ? 0 : editDistance(Array(word.utf8), Array(candidate.utf8)), candidate: candidate)
        }
        .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }
    guard let nearest, nearest.distance <= allowed else { return "" }
    return "; did you mean \"\(nearest.candidate)\"?"
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
private func editDistance(_ one: [UInt8], _ other: [UInt8]) -> Int {
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
        beforeLast = last
        last = current
    }
    return last[other.count]
}
