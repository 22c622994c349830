// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

extension ChangesDirectory {
    /// What the agent changed, with renames marked. While the agent runs it is what was there at some moment of the
    /// walk.
    package func scan() throws -> Scan {
        let layer = try lookedAt()
        let scan = Result {
            var scan = try Scan(layer: layer, workspace: workspace.number)
            scan.findRenames(workspace: workspace.number, upper: upper.number)
            return scan
        }
        try layer.restore()
        return try scan.get()
    }

    /// Of which changes diffs are asked for, and how much of each.
    package struct DiffRequest: Sendable {
        /// These and what is below them; none is everything.
        package var paths: [WorkspacePath] = []
        /// Nothing that is below them.
        package var isExact = false
        /// In bytes: where in each diff to begin, and how much of it to give at most.
        package var from = 0
        package var limit: Int

        package init(limit: Int) { self.limit = limit }
    }

    /// Calls `body` with each change that is asked for and its diff, until it answers false.
    package func diffs(
        _ request: DiffRequest, _ body: (Change, UnifiedDiff) throws -> Bool
    ) throws -> [Obstacle] {
        let layer = try lookedAt()
        let obstacles = Result { try diffs(request, layer, body) }
        try layer.restore()
        return try obstacles.get()
    }

    private func diffs(
        _ request: DiffRequest, _ layer: UpperLayer, _ body: (Change, UnifiedDiff) throws -> Bool
    ) throws -> [Obstacle] {
        let scan = try Scan(layer: layer, workspace: workspace.number)
        let paths = request.paths
        let named = Set(paths)
        let chosen = Selection(paths, of: scan.changes, indexes: [:]).units.flatMap(\.asked)
        for index in Set(chosen).sorted() {
            let change = scan.changes[index]
            if request.isExact, !named.contains(change.path) { continue }
            let diff = UnifiedDiff(
                of: change, workspace: workspace.number, upper: upper.number, from: request.from, limit: request.limit)
            guard try body(change, diff) else { break }
        }
        return scan.obstacles.filter { obstacle in
            paths.isEmpty || paths.contains { obstacle.path.isWithin($0) || $0.isWithin(obstacle.path) }
        }
    }

    /// Directories that the agent closed are only opened when nobody else works in them.
    private func lookedAt() throws -> UpperLayer {
        try UpperLayer(root: upper.number, changes: directory.number, need: isAlone ? 0o500 : 0)
    }
}
