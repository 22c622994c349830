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

    /// Calls `body` with each change at `paths` and below them, or with each there is, and its diff of at most `limit`
    /// bytes, until it answers false.
    package func diffs(
        _ paths: [WorkspacePath], limit: Int, _ body: (Change, UnifiedDiff) throws -> Bool
    ) throws -> [Obstacle] {
        let layer = try lookedAt()
        let obstacles = Result { try diffs(paths, limit: limit, layer, body) }
        try layer.restore()
        return try obstacles.get()
    }

    private func diffs(
        _ paths: [WorkspacePath], limit: Int, _ layer: UpperLayer, _ body: (Change, UnifiedDiff) throws -> Bool
    ) throws -> [Obstacle] {
        let scan = try Scan(layer: layer, workspace: workspace.number)
        let chosen = Selection(paths, of: scan.changes, indexes: [:]).units.flatMap(\.asked)
        for index in Set(chosen).sorted() {
            let change = scan.changes[index]
            let diff = UnifiedDiff(of: change, workspace: workspace.number, upper: upper.number, limit: limit)
            guard try body(change, diff) else { break }
        }
        return scan.obstacles.filter { obstacle in
            paths.isEmpty || paths.contains { obstacle.path.isWithin($0) || $0.isWithin(obstacle.path) }
        }
    }

    /// Directories that the agent closed are only opened when nobody else works in them.
    private func lookedAt() throws -> UpperLayer {
        try UpperLayer(root: upper.number, changes: directory.number, need: isInUse ? 0 : 0o500)
    }
}
