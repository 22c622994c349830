// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Directories of one tree, opened by path. The last one stays open: work goes in the order of paths.
final class HostDirectories {
    final class Opened {
        let path: WorkspacePath
        let descriptor: OwnedDescriptor
        var number: Int32 { descriptor.number }

        init(_ path: WorkspacePath, _ descriptor: consuming OwnedDescriptor) {
            self.path = path
            self.descriptor = descriptor
        }
    }

    let root: Int32
    private var last: Opened?

    init(root: Int32) { self.root = root }

    func open(_ path: WorkspacePath) throws(SystemError) -> Opened {
        if let last, last.path == path { return last }
        let opened = Opened(path, try Beneath.open(path.fileName, O_RDONLY | O_DIRECTORY, at: root))
        last = opened
        return opened
    }

    /// Whether it still is what has its path: somebody may have moved it away since, out of the tree.
    func isStill(_ opened: Opened) -> Bool {
        guard let place = try? Beneath.open(opened.path.fileName, Files.pathOnly | O_DIRECTORY, at: root),
            let present = try? Files.status(place.number), let before = try? Files.status(opened.number)
        else { return false }
        return present.st_dev == before.st_dev && present.st_ino == before.st_ino
    }

    /// After a directory was replaced by another, what was open is no longer what has its path.
    func forget() { last = nil }
}
