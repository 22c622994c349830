// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

extension ChangesDirectory {
    /// Makes the workspace what the agent has at `paths` and below them, or everywhere when there are none, and takes
    /// what was applied out of the agent's layer.
    ///
    /// First everything is looked at. When anything speaks against what was asked for, nothing of it is done; paths are
    /// judged one by one. A file is old or new at every moment. What was interrupted is finished by doing it again.
    ///
    /// - Parameter protected: what is refused unless `includingProtected`, besides what the profile protects.
    package func apply(
        _ paths: [WorkspacePath], protected: [WorkspacePath], includingProtected: Bool
    ) throws -> Outcome {
        let protection = Protection(protected + (baseline.protect ?? []).compactMap { WorkspacePath($0) })
        try Trash.clear(in: directory.number)
        var journal = try Journal.read(in: directory.number, start: baseline.start)
        try journal.removeTemporaries(workspace: workspace.number)
        // Modes are given exactly as the agent has them.
        let mask = umask(0)
        defer { umask(mask) }
        let layer = try UpperLayer(root: upper.number, changes: directory.number, need: 0o700)
        let outcome = Result {
            try apply(paths, protection: protection, includingProtected: includingProtected, layer, &journal)
        }
        try layer.restore()
        return try outcome.get()
    }

    private func apply(
        _ paths: [WorkspacePath], protection: Protection, includingProtected: Bool, _ layer: UpperLayer,
        _ journal: inout Journal
    ) throws -> Outcome {

        var scan = try Scan(layer: layer, workspace: workspace.number)
        // To tell what the agent renamed from what is gone from the workspace.
        if scan.changes.contains(where: { $0.isCopiedUp && $0.kind == .file }) {
            scan.findRenames(workspace: workspace.number, upper: upper.number)
        }
        let changes = scan.changes
        let indexes = Dictionary(uniqueKeysWithValues: changes.indices.map { (changes[$0].path, $0) })
        var check = ApplyCheck(
            changes: changes, obstacles: scan.obstacles, indexes: indexes, workspace: workspace.number,
            start: baseline.start, journal: journal, protection: includingProtected ? nil : protection)

        var outcome = Outcome()
        var chosen: Set<Int> = []
        for unit in Selection(paths, of: changes, indexes: indexes).units {
            let refusals = check.refusals(of: unit)
            outcome.refused += refusals
            if refusals.isEmpty { chosen.formUnion(unit.asked + unit.needed) }
            if unit.asked.isEmpty, !paths.isEmpty, refusals.isEmpty {
                outcome.warnings.append(
                    Outcome.Note(path: unit.path, code: "unchanged", message: "there is no change at or below it"))
            }
        }
        let unmakable = Set(changes.filter(\.isNeverApplied).map(\.path))
        let included = chosen.sorted().filter { index in
            let change = changes[index]
            // Also what was deleted only because something that cannot be made takes its directory's place.
            guard !unmakable.isEmpty,
                let path = ([change.path] + change.path.ancestors).first(where: unmakable.contains)
            else { return true }
            let kind = changes[indexes[path]!].kind.rawValue
            outcome.skipped.append(
                Outcome.Note(
                    path: change.path, code: "never-applied",
                    message: "a \(kind) is never applied" + (path == change.path ? "" : ", and one takes its place")))
            return false
        }
        guard !included.isEmpty else {
            if changes.isEmpty, scan.obstacles.isEmpty, paths.isEmpty { try emptyLayer() }
            return outcome
        }

        try journal.begin(touching: touched(by: included.map { changes[$0] }, &check), in: directory.number)
        let act = ApplyAct(
            changes, included: included, layer: layer, workspace: workspace.number, workspacePath: baseline.lower,
            prefix: journal.prefix)
        do {
            try act.run()
            try journal.finish(in: directory.number)
            if included.count == changes.count, scan.obstacles.isEmpty {
                try emptyLayer()
            } else {
                try takeOut(included.map { changes[$0] }, of: layer)
            }
        } catch let overtaken as ApplyAct.Overtaken {
            outcome.refused.append(
                Outcome.Note(path: overtaken.path, code: "conflict", message: overtaken.message))
        } catch {
            outcome.failure = "\(error); what was applied stays, and doing it again goes on from there"
        }
        outcome.done = act.done.sorted()
        outcome.warnings += act.warnings
        return outcome
    }

    /// The workspace's directories in which something is about to happen, or which are about to go.
    private func touched(
        by changes: [Change], _ check: inout ApplyCheck
    ) -> [(path: WorkspacePath, inode: UInt64)] {
        var paths = Set(changes.map(\.path.parent))
        for change in changes where change.old?.kind == .directory { paths.insert(change.path) }
        return paths.sorted().compactMap { path in check.directory(path).map { (path, $0.inode) } }
    }

    /// Nothing in the layer is a change any more.
    func emptyLayer() throws(SystemError) {
        guard try !Beneath.names(in: upper.number).isEmpty else { return }
        var trash = try Trash(in: directory.number)
        try trash.exchangeWithEmpty(FileName("upper"))
        try Journal.forget(in: directory.number)
        try trash.empty()
    }

    /// Takes what was applied out of a layer in which other changes stay. The innermost first: what is left of it at
    /// any moment means the same as the whole.
    private func takeOut(_ applied: [Change], of layer: UpperLayer) throws(SystemError) {
        var explicit: Set<WorkspacePath> = []
        for change in applied where !change.isImplied {
            for path in [.root] + change.path.ancestors where explicit.insert(path).inserted {
                try layer.makeExplicit(path, workspace: workspace.number)
            }
            if change.new?.kind == .directory, explicit.insert(change.path).inserted {
                try layer.makeExplicit(change.path, workspace: workspace.number)
            }
        }
        let parents = HostDirectories(root: upper.number)
        for change in applied.reversed() where !change.isImplied {
            let parent = try parents.open(change.path.parent)
            do {
                try Beneath.remove(
                    change.path.name, isDirectory: change.new?.kind == .directory, in: parent.number)
            } catch  where error.errno == ENOTEMPTY || error.errno == ENOENT {
                // Something in it was not chosen. The directory itself is as the workspace's now.
            }
        }
    }
}
