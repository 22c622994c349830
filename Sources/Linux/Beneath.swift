// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// Work in a tree whose content somebody else chose: nothing here follows a symbolic link, crosses a mount or leaves
/// the directory it is given.
package enum Beneath {
    /// Opens `path`, one name or several, below `directory` (openat2(2), kernel 5.6). ELOOP where a name is a symbolic
    /// link, EXDEV where another file system is mounted.
    package static func open(_ path: FileName, _ flags: Int32, at directory: Int32) throws(SystemError)
        -> OwnedDescriptor
    {
        let resolve =
            cl_RESOLVE_BENEATH | cl_RESOLVE_NO_SYMLINKS | cl_RESOLVE_NO_MAGICLINKS | cl_RESOLVE_NO_XDEV
        return OwnedDescriptor(
            owning: try check("open", path.text) {
                path.withPointer { cl_openat2(directory, $0, UInt64(flags | O_CLOEXEC | O_NOFOLLOW), 0, resolve) }
            })
    }

    /// What `name` is itself, links included; nil when there is nothing of that name.
    package static func status(of name: FileName, in directory: Int32) throws(SystemError) -> stat? {
        var result = stat()
        do {
            try check("examine", name.text) {
                name.withPointer { fstatat(directory, $0, &result, AT_SYMLINK_NOFOLLOW) }
            }
            return result
        } catch  where error.errno == ENOENT {
            return nil
        }
    }

    /// The names in an open directory but `.` and `..`, in no order.
    package static func names(in directory: Int32, atMost limit: Int = .max) throws(SystemError) -> [FileName] {
        // Opened anew: the position in a directory belongs to the open file, and closedir(3) closes what it was given.
        let number = try check("open a directory") { openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard let stream = fdopendir(number) else {
            let failure = errno
            close(number)
            throw SystemError("list a directory", errno: failure)
        }
        defer { closedir(stream) }
        var result: [FileName] = []
        while result.count < limit {
            errno = 0
            guard let entry = readdir(stream) else {
                let failure = errno
                if failure != 0 { throw SystemError("list a directory", errno: failure) }
                return result
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: UInt8.self, capacity: 256) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0)))
                }
            }
            if name != [0x2E] && name != [0x2E, 0x2E] { result.append(FileName(name)) }
        }
        return result
    }

    /// Where the symbolic link `name` points.
    package static func target(of name: FileName, in directory: Int32) throws(SystemError) -> FileName {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = try check("read the link", name.text) {
            name.withPointer { pointer in
                buffer.withUnsafeMutableBytes {
                    readlinkat(directory, pointer, $0.bindMemory(to: CChar.self).baseAddress!, $0.count)
                }
            }
        }
        return FileName(Array(buffer[..<count]))
    }

    package static func makeDirectory(_ name: FileName, mode: UInt32, in directory: Int32) throws(SystemError) {
        try check("make the directory", name.text) { name.withPointer { mkdirat(directory, $0, mode) } }
    }

    package static func makeLink(_ name: FileName, to target: FileName, in directory: Int32) throws(SystemError) {
        try check("make the link", name.text) {
            name.withPointer { name in target.withPointer { symlinkat($0, directory, name) } }
        }
    }

    /// An overlay's mark for something that is gone: a character device 0/0, which anyone may make since kernel 5.8.
    package static func makeWhiteout(_ name: FileName, in directory: Int32) throws(SystemError) {
        try check("make a whiteout", name.text) { name.withPointer { cl_make_whiteout(directory, $0) } }
    }

    package static func remove(_ name: FileName, isDirectory: Bool, in directory: Int32) throws(SystemError) {
        try check("remove", name.text) {
            name.withPointer { unlinkat(directory, $0, isDirectory ? AT_REMOVEDIR : 0) }
        }
    }

    /// Renames, replacing what may be there.
    package static func rename(_ old: FileName, in from: Int32, to new: FileName, in to: Int32) throws(SystemError) {
        try check("rename \(old.text) to", new.text) {
            old.withPointer { old in new.withPointer { renameat(from, old, to, $0) } }
        }
    }

    /// Renames to a name that must be free, or fails with EEXIST.
    package static func renameNew(_ old: FileName, in from: Int32, to new: FileName, in to: Int32) throws(SystemError) {
        try check("rename \(old.text) to", new.text) {
            old.withPointer { old in new.withPointer { cl_rename_new(from, old, to, $0) } }
        }
    }

    /// Two names of one directory trade places, at once.
    package static func exchange(_ a: FileName, _ b: FileName, in directory: Int32) throws(SystemError) {
        try check("exchange \(a.text) and", b.text) {
            a.withPointer { a in b.withPointer { cl_rename_exchange(directory, a, $0) } }
        }
    }

    /// chmod(2) of what a descriptor, also an O_PATH one, refers to.
    package static func setMode(_ mode: UInt32, of descriptor: Int32) throws(SystemError) {
        // By its link in /proc: fchmod(2) refuses O_PATH, and what cannot be opened otherwise needs a mode first.
        try check("change the mode of a directory") { chmod("/proc/self/fd/\(descriptor)", mode) }
    }
}
