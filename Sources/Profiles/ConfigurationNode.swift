// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A value in a configuration file, as written and where.
package struct ConfigurationNode: Sendable {
    package var content: Content
    package var position: SourcePosition

    package enum Content: Sendable {
        /// `plain` is false for a quoted or block scalar. Only a plain one is ever a number, a boolean or null.
        case scalar(String, plain: Bool)
        case sequence([ConfigurationNode])
        /// No key twice, in the order of the file.
        case mapping([Member])
    }

    package struct Member: Sendable {
        package var key: String
        package var keyPosition: SourcePosition
        package var value: ConfigurationNode
    }

    static let nothing = ConfigurationNode(content: .scalar("", plain: true), position: SourcePosition(file: ""))

    /// Nothing was written, or one of YAML's words for it.
    var isNull: Bool {
        guard case .scalar(let text, plain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What it is, for an error message.
    var kind: String {
        switch content {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar where isNull: "nothing"
        case .scalar(let text, plain: _): "\"\(text.count > 40 ? text.prefix(40) + "…" : text[...])\""
        }
    }
}
