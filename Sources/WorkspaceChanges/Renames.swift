// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Pairs of a deleted and an added file with the same content.
struct Renames {
    let workspace: Int32
    let upper: Int32

    /// How much of a file is read to find candidates for it. They are then compared whole.
    private static let sample = 64 * 1024
    /// How many candidates are compared whole: many files that begin alike must not cost the square of their number.
    private static let attempts = 8

    func mark(_ changes: inout [Change]) {
        var deletedBySize: [Int64: [Int]] = [:]
        for (index, change) in changes.enumerated() {
            // Empty files are all equal, which says nothing.
            if change.status == .deleted, let old = change.old, old.kind == .file, old.size > 0 {
                deletedBySize[old.size, default: []].append(index)
            }
        }
        var added: [Int64: [Int]] = [:]
        for (index, change) in changes.enumerated() {
            if change.status == .added, let new = change.new, new.kind == .file, deletedBySize[new.size] != nil {
                added[new.size, default: []].append(index)
            }
        }
        for (size, additions) in added.sorted(by: { $0.key < $1.key }) {
            pair(deletedBySize[size]!, additions, &changes)
        }
    }

    private func pair(_ deletions: [Int], _ additions: [Int], _ changes: inout [Change]) {
        var candidates: [Int: [Int]] = [:]
        // Reversed, so that taking from the end takes the first.
        for index in deletions.reversed() {
            guard let hash = hash(changes[index].path, in: workspace) else { continue }
            candidates[hash, default: []].append(index)
        }
        for index in additions {
            guard let hash = hash(changes[index].path, in: upper), let open = candidates[hash] else { continue }
            let name = changes[index].path.name
            let near = open.indices.suffix(Renames.attempts).reversed()
            // A file that kept its name moved, rather than one that did not.
            let order =
                near.filter { changes[open[$0]].path.name == name }
                + near.filter { changes[open[$0]].path.name != name }
            guard let found = order.first(where: { isSame(changes[open[$0]].path, changes[index].path) }) else {
                continue
            }
            changes[index].renamedFrom = changes[open[found]].path
            changes[open[found]].renamedTo = changes[index].path
            candidates[hash]!.remove(at: found)
        }
    }

    /// Swift's hash has a secret of this process's in it: an agent cannot make files that meet in it.
    private func hash(_ path: WorkspacePath, in root: Int32) -> Int? {
        guard let file = try? Beneath.open(path.fileName, O_RDONLY | O_NONBLOCK, at: root),
            let bytes = try? FileContent.beginning(of: file.number, limit: Renames.sample)
        else { return nil }
        var hasher = Hasher()
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    private func isSame(_ old: WorkspacePath, _ new: WorkspacePath) -> Bool {
        guard let one = try? Beneath.open(old.fileName, O_RDONLY | O_NONBLOCK, at: workspace),
            let other = try? Beneath.open(new.fileName, O_RDONLY | O_NONBLOCK, at: upper)
        else { return false }
        return (try? FileContent.isSame(one.number, other.number)) ?? false
    }
}
