// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

extension ChangesDirectory {
    /// Drops what the agent changed at `paths` and below them, or everywhere when there are none.
    package func discard(_ paths: [WorkspacePath]) throws -> Outcome {
        try Trash.clear(in: directory.number)
        let journal = try Journal.read(in: directory.number, start: baseline.start)
        try journal.removeTemporaries(workspace: workspace.number)
        let layer = try UpperLayer(root: upper.number, changes: directory.number, need: 0o700)
        let outcome = Result { try discard(paths, layer) }
        try layer.restore()
        return try outcome.get()
    }

    private func discard(_ paths: [WorkspacePath], _ layer: UpperLayer) throws -> Outcome {
        let scan = try Scan(layer: layer, workspace: workspace.number)
        let changes = scan.changes
        var outcome = Outcome()
        if paths.isEmpty || paths.contains(where: \.isRoot) {
            try startAnew()
            outcome.done = changes.map(\.path)
            return outcome
        }

        let indexes = Dictionary(changes.indices.map { (changes[$0].path, $0) }) { first, _ in first }
        var trash = try Trash(in: directory.number)
        var dropped: Set<Int> = []
        for unit in Selection(paths, of: changes, indexes: indexes).units {
            if let whole = whole(of: unit.path, changes, indexes) {
                outcome.refused.append(
                    Outcome.Note(
                        path: unit.path, code: "part-of-whole",
                        message: "the agent deleted or replaced \(whole.quoted) as a whole: discard that"))
                continue
            }
            try drop(unit.path, from: layer, &trash)
            dropped.formUnion(unit.asked)
            if unit.asked.isEmpty, !scan.obstacles.contains(where: { $0.path.isWithin(unit.path) }) {
                outcome.warnings.append(
                    Outcome.Note(path: unit.path, code: "unchanged", message: "there is no change at or below it"))
            }
        }
        try trash.empty()
        outcome.done = dropped.sorted().map { changes[$0].path }
        return outcome
    }

    /// The change that a path has no share of its own in.
    private func whole(of path: WorkspacePath, _ changes: [Change], _ indexes: [WorkspacePath: Int]) -> WorkspacePath? {
        path.ancestors.first { ancestor in
            guard let index = indexes[ancestor] else { return false }
            return changes[index].new?.kind != .directory
        }
    }

    private func drop(_ path: WorkspacePath, from layer: UpperLayer, _ trash: inout Trash) throws(SystemError) {
        for ancestor in [.root] + path.ancestors {
            do {
                try layer.makeExplicit(ancestor, workspace: workspace.number)
            } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
                // Nothing of the agent's is there.
                return
            }
        }
        let parent = try layer.openDirectory(path.parent)
        guard try Beneath.status(of: path.name, in: parent.number) != nil else { return }
        try trash.take(path.name, from: parent.number)
    }
}
