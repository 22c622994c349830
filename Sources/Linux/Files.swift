// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// Opening, reading and writing files by descriptor.
package enum Files {
    /// O_PATH: a place in the file system, without the right to read or write what is there (open(2)).
    package static let pathOnly = cl_O_PATH
    /// O_TMPFILE: a file without a name, in the directory that is opened (kernel 3.11).
    package static let unnamed = cl_O_TMPFILE

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
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            let number = count < 0 ? errno : result.count + count > limit ? EFBIG : 0
            if number == EINTR { continue }
            guard number == 0 else {
                throw SystemError("read", linkTarget("/proc/self/fd/\(descriptor)") ?? "", errno: number)
            }
            if count == 0 { return result }
            result.append(contentsOf: buffer[..<count])
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

    /// Sets the time of the last modification.
    package static func setModified(_ time: FileTime, of descriptor: Int32) throws(SystemError) {
        try check("set the time of a file") {
            futimens(descriptor, [timespec(tv_sec: 0, tv_nsec: cl_UTIME_OMIT), time.timespec])
        }
    }

    /// Everything that was written to the file system that this descriptor belongs to is on its device after this.
    package static func flushFileSystem(of descriptor: Int32) throws(SystemError) {
        try check("flush the file system") { cl_syncfs(descriptor) }
    }

    package static func status(_ descriptor: Int32) throws(SystemError) -> stat {
        var result = stat()
        try check("examine a descriptor") { fstat(descriptor, &result) }
        return result
    }

    /// The names in a directory, at most `limit` of them (E2BIG beyond), without `.` and `..`; none if there is none.
    package static func names(
        in path: String, at directory: Int32, limit: Int = .max
    ) throws(SystemError) -> [String] {
        let opened: OwnedDescriptor
        do {
            opened = try open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, at: directory)
        } catch  where [ENOENT, ENOTDIR, ELOOP].contains(error.errno) {
            return []
        }
        let number = opened.release()
        guard let stream = fdopendir(number) else {
            let problem = errno
            close(number)
            throw SystemError("list", path, errno: problem)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw SystemError("list", path, errno: errno) }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            names.append(name)
            if names.count > limit { throw SystemError("list", path, errno: E2BIG) }
        }
    }

    /// The target of a symbolic link, or nil when it is no link.
    package static func linkTarget(_ path: String, at directory: Int32 = AT_FDCWD) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            readlinkat(directory, path, bytes.bindMemory(to: CChar.self).baseAddress!, bytes.count)
        }
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// Reads a regular file of at most `limit` bytes (EFBIG beyond). Anything else is EINVAL and is not opened: a
    /// device may act on it, and a FIFO would wait.
    package static func readRegular(
        _ file: borrowing OwnedDescriptor, named path: String, limit: Int
    ) throws(SystemError) -> [UInt8] {
        guard try status(file.number).isRegular else {
            throw SystemError("read, being no regular file,", path, errno: EINVAL)
        }
        let opened = try open("/proc/self/fd/\(file.number)", O_RDONLY | O_NONBLOCK | O_NOCTTY)
        do {
            return try readAll(opened.number, limit: limit)
        } catch {
            throw SystemError("read", path, errno: error.errno)
        }
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

    /// Takes the lock of the open file for as long as nobody wants it alone (flock(2), LOCK_SH). False when another
    /// holds it alone.
    package static func tryLockShared(_ descriptor: Int32) throws(SystemError) -> Bool {
        do {
            try check("lock") { cl_flock_shared(descriptor) }
            return true
        } catch  where error.errno == EWOULDBLOCK {
            return false
        }
    }
}

extension stat {
    package var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
    package var isRegular: Bool { st_mode & S_IFMT == S_IFREG }
    package var isSymbolicLink: Bool { st_mode & S_IFMT == S_IFLNK }
}
