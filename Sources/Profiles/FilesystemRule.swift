// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// One entry of a profile's `filesystem` lists.
struct FilesystemRule: Sendable {
    var kind: Kind
    var path: Template
    /// A path that the host does not have is left out.
    var optional: Bool

    enum Kind: String, CaseIterable, Sendable {
        /// An empty directory in memory.
        case `private`
        case readOnly = "read_only"
        case writable
        /// Covered, whatever else gives it.
        case hidden
    }

    static func read(_ mapping: ConfigurationMapping) -> [FilesystemRule] {
        Kind.allCases.flatMap { kind in
            mapping.list(kind.rawValue) { node in rule(kind, node, in: mapping) } ?? []
        }
    }

    private static func rule(_ kind: Kind, _ node: ConfigurationNode, in mapping: ConfigurationMapping)
        -> FilesystemRule?
    {
        guard case .mapping = node.content else {
            guard let text = mapping.text(node, "a path or {path: …, optional: true}") else { return nil }
            return mapping.path(text).map { FilesystemRule(kind: kind, path: $0, optional: false) }
        }
        let rule = mapping.mapping(node, "") { entry -> FilesystemRule? in
            let optional = entry.boolean("optional")?.value ?? false
            guard let text = entry.string("path") else {
                entry.problem(entry.position, "an entry needs a \"path\"")
                return nil
            }
            return entry.path(text).map { FilesystemRule(kind: kind, path: $0, optional: optional) }
        }
        return rule ?? nil
    }
}
