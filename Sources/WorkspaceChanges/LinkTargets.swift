// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Whether a link of the workspace leads out of it, as far as its text says.
enum LinkTargets {
    /// `workspace` is where the workspace is on the host, which is also where the agent saw it.
    static func leadsOutside(_ target: FileName, from path: WorkspacePath, workspace: String) -> Bool {
        var bytes = target.bytes[...]
        var depth = path.ancestors.count
        if bytes.first == slash {
            let root = Array(workspace.utf8)
            guard bytes.starts(with: root), bytes.count == root.count || bytes[root.count] == slash else { return true }
            bytes = bytes.dropFirst(root.count)
            depth = 0
        }
        var hasDescended = false
        for name in bytes.split(separator: slash) where name != [dot] {
            if name == [dot, dot] {
                // Up from a name is up from wherever that leads, if it is a link: no text can say where.
                if hasDescended || depth == 0 { return true }
                depth -= 1
            } else {
                hasDescended = true
            }
        }
        return false
    }
}
