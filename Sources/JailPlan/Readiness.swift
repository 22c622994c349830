// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

extension JailPlan {
    /// How a command shows, by what it writes, that it is ready for work.
    package struct Readiness: Codable, Sendable, Equatable {
        /// What is written to its input as soon as it runs, a newline after it: for one that is ready once it answers.
        package var request: String?
        package var sign: Sign

        package enum Sign: Codable, Sendable, Equatable {
            /// The first byte.
            case output
            /// A line that matches the whole pattern, in which `*` stands for anything and `?` for one byte.
            case line(pattern: String)
            /// A line that is a JSON object with these members at least: each with the string, the whole number, `true`,
            /// `false` or `null` that is written here, or with any value for `*`.
            case json(members: [String: String])
        }

        package init(request: String? = nil, sign: Sign) {
            self.request = request
            self.sign = sign
        }

        /// Lines that are longer, in bytes, match nothing: whoever looks for a sign keeps no more of one.
        package static let longestLine = 64 * 1024

        /// - Parameter line: without its end.
        package func isMet(by line: ArraySlice<UInt8>) -> Bool {
            switch sign {
            case .output: true
            case .line(let pattern): Self.matches(line, Array(pattern.utf8))
            case .json(let members): Self.hasMembers(line, members)
            }
        }

        /// In time that grows with both lengths multiplied at worst: the text is the agent's own, and hostile.
        private static func matches(_ text: ArraySlice<UInt8>, _ pattern: [UInt8]) -> Bool {
            var (place, at) = (text.startIndex, 0)
            // Where to go on when what follows the last `*` does not fit: it then stands for one byte more.
            var star: (pattern: Int, text: Int)?
            while place < text.endIndex {
                if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                    at += 1
                    star = (at, place)
                } else if at < pattern.count, pattern[at] == UInt8(ascii: "?") || pattern[at] == text[place] {
                    at += 1
                    place += 1
                } else if let last = star {
                    (at, place) = (last.pattern, last.text + 1)
                    star = (at, place)
                } else {
                    return false
                }
            }
            return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
        }

        private static func hasMembers(_ line: ArraySlice<UInt8>, _ wanted: [String: String]) -> Bool {
            guard line.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { return false }
            var parser = PlanParser(bytes: Array(line))
            guard case .object(let members)? = try? parser.document() else { return false }
            return wanted.allSatisfy { name, text in
                members.contains { $0.name == name && (text == "*" || $0.value.isWritten(text)) }
            }
        }
    }
}

extension PlanTree {
    fileprivate func isWritten(_ text: String) -> Bool {
        switch self {
        case .null: text == "null"
        case .bool(let bool): text == "\(bool)"
        case .integer(let isNegative, let magnitude): text == (isNegative ? "-\(magnitude)" : "\(magnitude)")
        case .string(let string): text == string
        case .number, .array, .object: false
        }
    }
}
