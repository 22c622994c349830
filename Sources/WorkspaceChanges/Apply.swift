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
    /// - Parameters:
    ///   - protected: what is refused unless `includingProtected`, besides what the profile protects.
    ///   - home: the owner's, whose git configuration may name more.
    package func apply(
        _ paths: [WorkspacePath], protected: [WorkspacePath], includingProtected: Bool, home: String?
    ) throws -> Outcome {
        let protection = Protection(
            protected + (baseline.protect ?? []).compactMap { WorkspacePath($0) } + whereGitLooks(home: home))
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

    /// Directories of the workspace that the owner's git takes hooks from, and files of it that it includes.
    private func whereGitLooks(home: String?) -> [WorkspacePath] {
        var git = GitConfiguration(ofOwnerAt: home)
        git.add(repositoryAt: baseline.lower)
        let hooks = git.hooksPaths.map { GitConfiguration.absolute($0, from: baseline.lower, home: home) }
        return (hooks + git.included).compactMap { path in
            path.hasPrefix(baseline.lower + "/")
                ? WorkspacePath(String(path.dropFirst(baseline.lower.count + 1))) : nil
        }
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
        let indexes = Dictionary(changes.indices.map { (changes[$0].path, $0) }) { first, _ in first }
        var check = ApplyCheck(
            changes: changes, obstacles: scan.obstacles, indexes: indexes, workspace: workspace.number,
            start: FileTime(nanosecondsSinceEpoch: baseline.start), journal: journal,
            protection: includingProtected ? nil : protection)

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
            if changes.isEmpty, scan.obstacles.isEmpty, paths.isEmpty { try startAnew() }
            return outcome
        }

        let making = included.map { changes[$0] }.filter { $0.new?.kind == .directory && $0.status != .mode }
        try journal.begin(
            touching: touched(by: included.map { changes[$0] }, &check), making: making.map(\.path),
            in: directory.number)
        let act = ApplyAct(
            changes, included: included, layer: layer, workspace: workspace.number, workspacePath: baseline.lower,
            prefix: journal.prefix)
        do {
            try act.run()
            try journal.finish(in: directory.number)
            if included.count == changes.count, scan.obstacles.isEmpty {
                try startAnew()
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

    /// Nothing in the layer is a change any more: what the workspace has now is what the next agent begins with.
    func startAnew() throws(SystemError) {
        let now = Clock.fileTime()
        if try !Beneath.names(in: upper.number).isEmpty {
            var trash = try Trash(in: directory.number)
            try trash.exchangeWithEmpty(FileName("upper"))
            try Journal.forget(in: directory.number)
            try trash.empty()
        }
        var baseline = baseline
        baseline.start = now
        try baseline.write(in: directory.number)
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
