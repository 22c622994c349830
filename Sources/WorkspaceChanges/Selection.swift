// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// What of the changes is asked for: everything as one, or each path as one of its own. One is done whole or not.
struct Selection {
    struct Unit {
        /// The root when everything is meant.
        let path: WorkspacePath
        /// Changes at and below it.
        let asked: [Int]
        /// Directories that have to be there for them.
        let needed: [Int]
    }

    let units: [Unit]

    init(_ paths: [WorkspacePath], of changes: [Change], indexes: [WorkspacePath: Int]) {
        units = (paths.isEmpty ? [.root] : paths).map { path in
            let asked = Selection.indices(within: path, of: changes)
            let needed =
                asked.isEmpty
                ? []
                : path.ancestors.compactMap { ancestor -> Int? in
                    guard let index = indexes[ancestor], changes[index].new?.kind == .directory,
                        changes[index].status != .mode
                    else { return nil }
                    return index
                }
            return Unit(path: path, asked: asked, needed: needed)
        }
    }

    /// By bisection: what lies below a path stands together, though not right behind it.
    static func indices(within path: WorkspacePath, of changes: [Change]) -> [Int] {
        if path.isRoot { return Array(changes.indices) }
        let prefix = path.bytes + [slash]
        let first = firstIndex(of: changes) { !$0.path.bytes.lexicographicallyPrecedes(prefix) }
        let end = firstIndex(of: changes) {
            !$0.path.bytes.lexicographicallyPrecedes(path.bytes + [slash + 1])
        }
        let itself = firstIndex(of: changes) { !($0.path < path) }
        let own = itself < changes.count && changes[itself].path == path ? [itself] : []
        return own + Array(first..<end)
    }

    /// The first for which `isBeyond` holds, which holds for all after it too.
    private static func firstIndex(of changes: [Change], where isBeyond: (Change) -> Bool) -> Int {
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if isBeyond(changes[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
