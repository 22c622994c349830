// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Removing a tree that an agent had a hand in: no symbolic link in it is followed, and no depth of it exhausts us.
enum DirectoryTree {
    /// Deeper directories are moved up to the top and come later, so that neither the stack nor the number of open
    /// descriptors grows with the tree.
    private static let maximumDepth = 64

    /// Removes a directory and all that is in it. One that is not there is no error. Fails with EXDEV where something is
    /// mounted in it, and with ECANCELED once `goesOn` does not hold any more.
    static func remove(_ path: String, while goesOn: @escaping () -> Bool = { true }) throws(SystemError) {
        if access(path, F_OK) != 0 && errno == ENOENT { return }
        try empty(path, while: goesOn)
        try check("remove the directory", path) { rmdir(path) }
    }

    /// Removes all that is in a directory.
    static func empty(_ path: String, while goesOn: @escaping () -> Bool = { true }) throws(SystemError) {
        let top = try Files.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        var emptying = Emptying(top: top.number, goesOn: goesOn)
        try emptying.run()
    }

    /// Bytes on the disk of all that is in a directory. Of an agent's own making there may be any number of files: from
    /// some depth and number on they are not counted.
    static func size(_ path: String) throws(SystemError) -> UInt64 {
        let top = try Files.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        var left = mostCounted
        return try size(top.number, depth: 0, left: &left)
    }

    private static let mostCounted = 200_000

    private static func size(_ directory: Int32, depth: Int, left: inout Int) throws(SystemError) -> UInt64 {
        var bytes: UInt64 = 0
        for name in try Beneath.names(in: directory, atMost: left) where left > 0 {
            left -= 1
            var status = stat()
            guard name.withPointer({ fstatat(directory, $0, &status, Int32(AT_SYMLINK_NOFOLLOW)) }) == 0 else {
                continue
            }
            bytes += UInt64(status.st_blocks) * 512
            guard status.isDirectory, depth < maximumDepth,
                let child = try? Beneath.open(name, O_RDONLY | O_DIRECTORY, at: directory)
            else { continue }
            bytes += try size(child.number, depth: depth + 1, left: &left)
        }
        return bytes
    }

    private struct Emptying {
        let top: Int32
        let goesOn: () -> Bool
        /// How many directories have been moved to the top.
        private var moved = 0

        private static let part = 4096
        private static let mostParts = 4096

        init(top: Int32, goesOn: @escaping () -> Bool) {
            self.top = top
            self.goesOn = goesOn
        }

        mutating func run() throws(SystemError) {
            var movedBefore: Int
            // Each round empties what the round before has moved to the top.
            repeat {
                movedBefore = moved
                try empty(top, depth: 0)
            } while moved > movedBefore
        }

        private mutating func empty(_ directory: Int32, depth: Int) throws(SystemError) {
            // A part at a time, however many there are; and not for ever, should their owner go on making more.
            for _ in 0..<Self.mostParts {
                let some = try Beneath.names(in: directory, atMost: Self.part)
                if some.isEmpty { return }
                for name in some { try remove(name, from: directory, depth: depth) }
            }
        }

        private mutating func remove(_ name: FileName, from directory: Int32, depth: Int) throws(SystemError) {
            guard goesOn() else { throw SystemError("remove", name.text, errno: ECANCELED) }
            if name.withPointer({ unlinkat(directory, $0, 0) }) == 0 || errno == ENOENT { return }
            // A directory answers EISDIR (unlink(2)); POSIX has EPERM.
            guard errno == EISDIR || errno == EPERM else { throw SystemError("remove", name.text, errno: errno) }
            if depth == maximumDepth {
                moved += 1
                // Random, because the tree may hold any name that could be guessed.
                let other = FileName("\(moved)-\(UInt64.random(in: 0...UInt64.max))")
                return try Beneath.rename(name, in: directory, to: other, in: top)
            }
            let child = try Self.openForRemoval(name, in: directory)
            try empty(child.number, depth: depth + 1)
            try Beneath.remove(name, isDirectory: true, in: directory)
        }

        /// A directory without permissions of its own is given them: the agent may have taken them away.
        private static func openForRemoval(_ name: FileName, in directory: Int32) throws(SystemError) -> OwnedDescriptor
        {
            do {
                let child = try Beneath.open(name, O_RDONLY | O_DIRECTORY, at: directory)
                try Beneath.setMode(0o700, of: child.number)
                return child
            } catch  where error.errno == EACCES {
                // What is opened so is a directory, and the one that is given a mode.
                let child = try Beneath.open(name, Files.pathOnly | O_DIRECTORY, at: directory)
                try Beneath.setMode(0o700, of: child.number)
                return try Beneath.open(name, O_RDONLY | O_DIRECTORY, at: directory)
            }
        }
    }
}
