// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A place in a configuration file. Lines and columns count from 1, columns in characters.
package struct SourcePosition: Sendable, Hashable, CustomStringConvertible {
    /// The path as it was given when the file was loaded.
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int = 1, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }

    /// The short form that a mount carries into error messages: `codex.yaml:14`.
    var origin: String { "\(file.split(separator: "/").last.map(String.init) ?? file):\(line)" }
}

/// A value and where it was written.
package struct Located<Value: Sendable>: Sendable {
    package var value: Value
    package var position: SourcePosition

    package init(_ value: Value, _ position: SourcePosition) {
        self.value = value
        self.position = position
    }
}

/// One thing wrong with a configuration file.
package struct ProfileProblem: Sendable, Equatable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var column: Int
    /// A clause for a person, without the position.
    package var message: String

    package init(_ position: SourcePosition, _ message: String) {
        file = position.file
        line = position.line
        column = position.column
        self.message = message
    }

    /// `codex.yaml:14:5: unknown key "netwrok"; did you mean "network"?`
    package var description: String { "\(file):\(line):\(column): \(message)" }
}

/// Everything wrong with a configuration file and those that it extends, in the order of the files.
package struct ProfileProblems: Error, Sendable, Equatable, CustomStringConvertible {
    /// At least one.
    package var problems: [ProfileProblem]

    package init(_ problems: [ProfileProblem]) {
        self.problems = problems
    }

    init(_ position: SourcePosition, _ message: String) {
        self.init([ProfileProblem(position, message)])
    }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// Where the walk through a file puts what it finds, so that one run names everything that is wrong.
final class Findings {
    private(set) var problems: [ProfileProblem] = []

    func add(_ position: SourcePosition, _ message: String) {
        problems.append(ProfileProblem(position, message))
    }

    /// A reader goes from top to bottom; the walk goes by key.
    var sorted: [ProfileProblem] {
        problems.enumerated().sorted { one, other in
            (one.element.line, one.element.column, one.offset)
                < (other.element.line, other.element.column, other.offset)
        }.map(\.element)
    }

    /// Gives `value` if nothing was found.
    func conclude<Value>(_ value: Value) throws(ProfileProblems) -> Value {
        guard problems.isEmpty else { throw ProfileProblems(sorted) }
        return value
    }
}
