// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Where an overlay keeps what an agent changes, opened: `upper` in it, the workspace it was laid over, and the lock.
package struct ChangesDirectory: ~Copyable {
    package let path: String
    package let baseline: Baseline
    let directory: OwnedDescriptor
    let upper: OwnedDescriptor
    let workspace: OwnedDescriptor
    /// Whether the agent may still be at it: a jail holds the lock for as long as its overlay is mounted.
    package let isInUse: Bool
    /// Whether nobody else looks at it either.
    let isAlone: Bool

    package enum Purpose {
        case look
        /// Only when no jail uses it: what happens to an overlay whose upper directory is changed is undefined
        /// (the kernel's overlayfs.rst, "Changes to underlying filesystems").
        case change
    }

    /// Fails when the workspace is another than the one that the changes were made to.
    package static func open(_ path: String, for purpose: Purpose) throws -> ChangesDirectory {
        let directory = try Files.open(path, O_RDONLY | O_DIRECTORY)
        var isAlone = try Files.tryLock(directory.number)
        var isInUse = false
        switch purpose {
        case .change:
            // Who only looks is done in a moment.
            for _ in 0..<200 where !isAlone {
                usleep(10_000)
                isAlone = try Files.tryLock(directory.number)
            }
            guard isAlone else {
                throw ChangesFailure(
                    "\(path) is in use: the agent still runs, or its changes are being applied or discarded; "
                        + "stop the agent, or wait")
            }
        case .look: isInUse = try !Files.tryLockShared(directory.number)
        }
        let baseline = try Baseline.read(in: directory.number)
        let upper = try Beneath.open(FileName("upper"), O_RDONLY | O_DIRECTORY, at: directory.number)
        let workspace = try baseline.openWorkspace()
        return ChangesDirectory(
            path: path, baseline: baseline, directory: directory, upper: upper, workspace: workspace,
            isInUse: isInUse, isAlone: isAlone)
    }

    private init(
        path: String, baseline: Baseline, directory: consuming OwnedDescriptor, upper: consuming OwnedDescriptor,
        workspace: consuming OwnedDescriptor, isInUse: Bool, isAlone: Bool
    ) {
        self.path = path
        self.baseline = baseline
        self.directory = directory
        self.upper = upper
        self.workspace = workspace
        self.isInUse = isInUse
        self.isAlone = isAlone
    }
}
