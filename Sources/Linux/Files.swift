// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// Opening, reading and writing files by descriptor.
package enum Files {
    /// open(2), relative to the working directory unless `directory` is given. Close-on-exec is added.
    package static func open(
        _ path: String, _ flags: Int32, mode: mode_t = 0o600, at directory: Int32 = AT_FDCWD
    ) throws(SystemError) -> OwnedDescriptor {
        OwnedDescriptor(
            owning: try check("open", path) { Glibc.openat(directory, path, flags | O_CLOEXEC, mode) })
    }

    /// openat2(2), kernel 5.6: `resolve` says how far the path may lead.
    package static func open(
        _ path: String, _ flags: Int32, resolve: UInt64, at directory: Int32
    ) throws(SystemError) -> OwnedDescriptor {
        OwnedDescriptor(
            owning: try check("open", path) { cl_openat2(directory, path, UInt64(flags | O_CLOEXEC), 0, resolve) })
    }

    /// An anonymous file in memory that holds `bytes`, positioned at its start.
    package static func memory(_ name: String, holding bytes: [UInt8]) throws(SystemError) -> OwnedDescriptor {
        let file = OwnedDescriptor(owning: try check("create a memory file", name) { cl_memfd_create(name) })
        try write(bytes, to: file.number)
        try check("rewind the memory file", name) { lseek(file.number, 0, SEEK_SET) }
        return file
    }

    /// Everything up to the end of the file, at most `limit` bytes (EFBIG beyond).
    package static func readAll(_ descriptor: Int32, limit: Int = 16 << 20) throws(SystemError) -> [UInt8] {
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = try check("read") { Glibc.read(descriptor, &buffer, buffer.count) }
            if count == 0 { return result }
            result.append(contentsOf: buffer[..<count])
            if result.count > limit { throw SystemError("read", errno: EFBIG) }
        }
    }

    /// Writes all of `bytes`, however many calls it takes.
    package static func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            done += try check("write") {
                bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            }
        }
    }

    /// Replaces a file below `directory` so that it holds either the old content or the new, also after a power cut.
    package static func replace(_ name: String, with bytes: [UInt8], at directory: Int32) throws(SystemError) {
        let temporary = name + ".new"
        let file = try open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, at: directory)
        try write(bytes, to: file.number)
        try check("flush", temporary) { fsync(file.number) }
        try check("rename", temporary) { renameat(directory, temporary, directory, name) }
        try check("flush the directory of", name) { fsync(directory) }
    }

    package static func status(_ descriptor: Int32) throws(SystemError) -> stat {
        var result = stat()
        try check("examine a descriptor") { fstat(descriptor, &result) }
        return result
    }

    /// The target of a symbolic link, or nil when it is no link.
    package static func linkTarget(_ path: String, at directory: Int32 = AT_FDCWD) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            readlinkat(directory, path, bytes.bindMemory(to: CChar.self).baseAddress!, bytes.count)
        }
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// Takes the lock of the open file (flock(2)), shared by every descriptor that was duplicated or inherited from
    /// it. False when another holds it.
    package static func tryLock(_ descriptor: Int32) throws(SystemError) -> Bool {
        do {
            try check("lock") { cl_flock_exclusive(descriptor) }
            return true
        } catch  where error.errno == EWOULDBLOCK {
            return false
        }
    }
}

extension stat {
    package var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
    package var isSymbolicLink: Bool { st_mode & S_IFMT == S_IFLNK }
}
