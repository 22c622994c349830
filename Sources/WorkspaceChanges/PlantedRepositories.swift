// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Directories that git would take for a repository once the changes are applied, without a `.git`: those that hold
/// what a repository's own directory holds. git run anywhere below one obeys its `config`. They may lie anywhere, in
/// another repository's own directory too.
struct PlantedRepositories {
    let changes: [Change]
    let indexes: [WorkspacePath: Int]
    let workspace: Int32

    /// What git looks for to know one (gitrepository-layout(5)).
    private static let marks = ["HEAD", "objects", "refs", "commondir"].map { FileName($0) }

    func isPart(_ change: Change) -> Bool {
        guard change.status == .added || change.status == .type, PlantedRepositories.marks.contains(change.path.name)
        else { return false }
        return isRepository(change.path.parent)
    }

    /// Whether it is among what git obeys in a directory that is a repository by itself: a bare one of the owner's.
    func isSetting(_ change: Change) -> Bool {
        change.path.ancestors.contains { PlantedRepositories.code.contains($0.name) && isRepository($0.parent) }
            || (PlantedRepositories.code.contains(change.path.name) && isRepository(change.path.parent))
    }

    private static let code = Set(["hooks", "config", "config.worktree", "commondir"].map { FileName($0) })

    private func isRepository(_ place: WorkspacePath) -> Bool {
        let has = PlantedRepositories.marks.map { exists(place.appending($0)) }
        return has[0] && (has[1] && has[2] || has[3])
    }

    private func exists(_ path: WorkspacePath) -> Bool {
        if let index = indexes[path] { return changes[index].new != nil }
        return (try? Beneath.open(path.fileName, Files.pathOnly, at: workspace)) != nil
    }
}
