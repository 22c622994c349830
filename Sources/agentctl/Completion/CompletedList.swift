// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Completes the last of words with commas between.
enum CompletedList {
    /// Whole values, which begin with what is there, for words that are not there yet.
    static func of(_ words: [String], after prefix: String) -> [String] {
        let given = prefix.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let last = given.last ?? ""
        let before = given.dropLast().map { "\($0)," }.joined()
        return words.filter { $0.hasPrefix(last) && !given.dropLast().contains($0) }.map { before + $0 }
    }
}
