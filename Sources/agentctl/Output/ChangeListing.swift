// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// What an agent changed in an overlay, as `agentctl changes` shows it.
enum ChangeListing: Listed {
    static let columns: [Column<WorkspaceChange>] = [
        Column("change", style: style) { change, _ in
            change.renamedFrom == nil ? change.change.rawValue : "renamed"
        },
        Column("kind") { change, _ in (change.new ?? change.old)?.kind },
        Column("mode") { change, _ in mode(of: change) },
        Column("path") { change, _ in change.path + (change.new?.target.map { " -> \($0)" } ?? "") },
        Column("from") { change, _ in change.renamedFrom },
    ]

    static func id(of change: WorkspaceChange) -> String { change.path }

    @Sendable private static func style(of change: WorkspaceChange) -> Style? {
        if change.old == nil { return .good }
        return change.new == nil ? .bad : .waiting
    }

    private static func mode(of change: WorkspaceChange) -> String? {
        guard let new = change.new, new.kind != "symlink" else { return nil }
        guard let old = change.old, old.kind == new.kind, old.mode != new.mode else { return new.mode }
        return "\(old.mode)->\(new.mode)"
    }
}
