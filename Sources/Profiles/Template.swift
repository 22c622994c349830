// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What `${…}` can stand for in a path, an environment value or a launcher's argument.
package enum Variable: String, CaseIterable, Sendable {
    /// The agent's workspace, an absolute path.
    case workspace
    /// The owner's home directory.
    case home
    /// The owner's name.
    case user
    /// The agent's name.
    case agent
    /// The directory that the launcher's program comes in, or the program itself.
    case package
    /// The launcher's program, without symbolic links.
    case program
    /// The request's prompt: in a launcher's arguments only.
    case prompt
}

/// A text with variables in it.
struct Template: Sendable, Equatable {
    enum Piece: Sendable, Equatable {
        case text(String)
        case variable(Variable)
    }

    let pieces: [Piece]
    let position: SourcePosition

    var variables: Set<Variable> {
        Set(
            pieces.compactMap { piece in
                if case .variable(let variable) = piece { variable } else { nil }
            })
    }

    /// The text, if no variable is in it.
    var literal: String? {
        guard variables.isEmpty else { return nil }
        return expanded([:])
    }

    /// Reads a text, reporting unknown variables and those not in `allowed`. A `$` without `{` is just that.
    init?(_ text: Located<String>, allowed: Set<Variable>, findings: Findings) {
        var pieces: [Piece] = []
        var rest = text.value[...]
        position = text.position
        while let start = rest.firstRange(ofOpening: "${") {
            guard let end = rest[start...].firstIndex(of: "}") else {
                findings.add(text.position, "\"${\" without \"}\" in \"\(text.value)\"")
                return nil
            }
            let name = String(rest[rest.index(start, offsetBy: 2)..<end])
            guard let variable = Variable(rawValue: name), allowed.contains(variable) else {
                let names = allowed.map(\.rawValue).sorted()
                findings.add(
                    text.position,
                    "unknown variable ${\(name)}; here one can write "
                        + names.map { "${\($0)}" }.joined(separator: " "))
                return nil
            }
            if start > rest.startIndex { pieces.append(.text(String(rest[..<start]))) }
            pieces.append(.variable(variable))
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        self.pieces = pieces
    }

    /// The text with values put in; nil if one has none.
    func expanded(_ values: [Variable: String]) -> String? {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let part): text += part
            case .variable(let variable):
                guard let value = values[variable] else { return nil }
                text += value
            }
        }
        return text
    }

    /// As written.
    var source: String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .variable(let variable): "${\(variable.rawValue)}"
            }
        }.joined()
    }
}

extension Substring {
    fileprivate func firstRange(ofOpening opening: String) -> Index? {
        indices.first { self[$0...].hasPrefix(opening) }
    }
}

extension Set<Variable> {
    /// What has a value in a path, in an environment value and in an argument.
    static let everywhere: Set<Variable> = [.workspace, .home, .user, .agent, .package, .program]
}
