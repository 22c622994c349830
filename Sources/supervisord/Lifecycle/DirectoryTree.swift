// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Removing a tree that an agent had a hand in: no symbolic link in it is followed, and no depth of it exhausts us.
enum DirectoryTree {
    /// Deeper directories are moved up to the top and come later, so that neither the stack nor the number of open
    /// descriptors grows with the tree.
    private static let maximumDepth = 64

    /// Removes a directory and all that is in it. One that is not there is no error.
    static func remove(_ path: String) throws(SystemError) {
        if access(path, F_OK) != 0 && errno == ENOENT { return }
        try empty(path)
        try check("remove the directory", path) { rmdir(path) }
    }

    /// Removes all that is in a directory.
    static func empty(_ path: String) throws(SystemError) {
        let top = try Files.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        var moved = 0
        var movedBefore: Int
        // Each round empties what the round before has moved to the top.
        repeat {
            movedBefore = moved
            try empty(top.number, top: top.number, depth: 0, moved: &moved)
        } while moved > movedBefore
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
        for name in try names(in: directory, atMost: left) where left > 0 {
            left -= 1
            var status = stat()
            guard fstatat(directory, name, &status, Int32(AT_SYMLINK_NOFOLLOW)) == 0 else { continue }
            bytes += UInt64(status.st_blocks) * 512
            guard status.isDirectory, depth < maximumDepth,
                let child = try? Files.open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, at: directory)
            else { continue }
            bytes += try size(child.number, depth: depth + 1, left: &left)
        }
        return bytes
    }

    private static func empty(_ directory: Int32, top: Int32, depth: Int, moved: inout Int) throws(SystemError) {
        // A part at a time, however many there are; and not for ever, should their owner go on making more.
        for _ in 0..<mostParts {
            let some = try names(in: directory, atMost: part)
            if some.isEmpty { return }
            try remove(some, from: directory, top: top, depth: depth, moved: &moved)
        }
    }

    private static let part = 4096
    private static let mostParts = 4096

    private static func remove(
        _ names: [String], from directory: Int32, top: Int32, depth: Int, moved: inout Int
    ) throws(SystemError) {
        for name in names {
            if unlinkat(directory, name, 0) == 0 || errno == ENOENT { continue }
            // A directory answers EISDIR (unlink(2)); POSIX has EPERM.
            guard errno == EISDIR || errno == EPERM else { throw SystemError("remove", name, errno: errno) }
            if depth == maximumDepth {
                moved += 1
                // Random, because the tree may hold any name that could be guessed.
                let other = "\(moved)-\(UInt64.random(in: 0...UInt64.max))"
                try check("move up", name) { renameat(directory, name, top, other) }
                continue
            }
            let child = try openForRemoval(name, in: directory)
            try empty(child.number, top: top, depth: depth + 1, moved: &moved)
            try check("remove the directory", name) { unlinkat(directory, name, Int32(AT_REMOVEDIR)) }
        }
    }

    /// A directory without permissions of its own is given them: the agent may have taken them away.
    private static func openForRemoval(_ name: String, in directory: Int32) throws(SystemError) -> OwnedDescriptor {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
        do {
            let child = try Files.open(name, flags, at: directory)
            try check("make writable", name) { fchmod(child.number, 0o700) }
            return child
        } catch  where error.errno == EACCES {
            // Nobody can put a link here meanwhile: the agent's jail is gone.
            try check("make readable", name) { fchmodat(directory, name, 0o700, 0) }
            return try Files.open(name, flags, at: directory)
        }
    }

    private static func names(in directory: Int32, atMost limit: Int) throws(SystemError) -> [String] {
        // Opened anew, since closedir(3) closes what it was given, and for a position of its own.
        let copy = try Files.open(".", O_RDONLY | O_DIRECTORY, at: directory).release()
        guard let stream = fdopendir(copy) else {
            let number = errno
            close(copy)
            throw SystemError("list a directory", errno: number)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < limit, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
