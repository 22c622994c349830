// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// One thing that the agent's view of the workspace has otherwise than the workspace.
package struct Change: Sendable {
    package enum Status: String, Sendable {
        case added, modified, deleted
        /// Only the mode is another.
        case mode
        /// A file became a directory, a directory a link, and so on.
        case type
    }

    package let path: WorkspacePath
    package let status: Status
    /// What the workspace has.
    package let old: FileNode?
    /// What the agent has instead.
    package let new: FileNode?
    /// Where a link points that the agent made.
    package var target: FileName?
    /// It came from there, or went there, with its content as it was. Still two changes: one added, one deleted.
    package var renamedFrom: WorkspacePath?
    package var renamedTo: WorkspacePath?
    /// Nothing in the agent's layer stands for this one: what it lies in was deleted or replaced as a whole.
    let isImplied: Bool
    /// Added, but made from something that the workspace had: renamed by the agent, or gone from the workspace since.
    let isCopiedUp: Bool
    /// The outermost directory around it of which the agent saw nothing of the workspace's: its own, in the place of one
    /// that it had removed, or where there was none.
    let hidden: WorkspacePath?

    init(
        _ path: WorkspacePath, _ status: Status, old: FileNode? = nil, new: FileNode? = nil, target: FileName? = nil,
        isImplied: Bool = false, isCopiedUp: Bool = false, hidden: WorkspacePath? = nil
    ) {
        self.path = path
        self.status = status
        self.old = old
        self.new = new
        self.target = target
        self.isImplied = isImplied
        self.isCopiedUp = isCopiedUp
        self.hidden = hidden
    }

    /// What it is now, or was.
    package var kind: FileNode.Kind { (new ?? old)!.kind }

    /// Apply cannot make a FIFO, a socket or a device.
    package var isNeverApplied: Bool { new.map { !$0.isOrdinary } ?? false }
}

/// Something in the way of knowing what the agent changed there.
package struct Obstacle: Sendable {
    package let path: WorkspacePath
    package let message: String
}

/// What is wrong with all of it: the description is a sentence.
package struct ChangesFailure: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
