// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The forms in which a cgroup's files are written.
package enum CgroupText {
    /// `name number` on each line: memory.events, cpu.stat, cgroup.events.
    package static func numbers(_ text: String) -> [String: Int64] {
        let pairs = text.split(separator: "\n").compactMap { line -> (String, Int64)? in
            let words = line.split(separator: " ")
            guard words.count == 2, let number = Int64(words[1]) else { return nil }
            return (String(words[0]), number)
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// `name key=number …` on each line: io.stat (by device) and PSI (`some`, `full`). Values that are no whole
    /// numbers are left out.
    package static func keyedNumbers(_ text: String) -> [String: [String: Int64]] {
        var result: [String: [String: Int64]] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let name = words.first else { continue }
            for word in words.dropFirst() {
                guard let equals = word.firstIndex(of: "="), let number = Int64(word[word.index(after: equals)...])
                else { continue }
                result[String(name), default: [:]][String(word[..<equals])] = number
            }
        }
        return result
    }

    /// One number and nothing else; nil for `max` as well.
    package static func number(_ text: String) -> Int64? {
        Int64(text.prefix { $0 != "\n" })
    }
}
