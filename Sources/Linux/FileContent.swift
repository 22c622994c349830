// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// The bytes of open regular files, of any size, in blocks.
package enum FileContent {
    private static let block = 256 * 1024

    /// Whether two files hold the same. What is a hole in both is not read.
    package static func isSame(_ a: Int32, _ b: Int32) throws(SystemError) -> Bool {
        let size = try Files.status(a).st_size
        guard try Files.status(b).st_size == size else { return false }
        var first = [UInt8](repeating: 0, count: block)
        var second = first
        var offset: off_t = 0
        var mayBeHole = true
        while offset < size {
            if mayBeHole {
                let next = min(try data(a, from: offset, size: size), try data(b, from: offset, size: size))
                if next >= size { return true }
                offset = max(offset, next)
            }
            let count = try read(a, &first, at: offset)
            guard try read(b, &second, at: offset) == count else { return false }
            // Cut short by somebody else since: it is not what it was.
            guard count > 0 else { return false }
            guard memcmp(first, second, count) == 0 else { return false }
            mayBeHole = first[count - 1] == 0
            offset += off_t(count)
        }
        return true
    }

    /// Makes the empty file `to` hold what `from` holds: by sharing the blocks where the file system can, else by
    /// copying in the kernel where that can, and holes stay holes.
    package static func copy(from: Int32, to: Int32) throws(SystemError) {
        let size = try Files.status(from).st_size
        if size == 0 || cl_clone_file(from, to) == 0 { return }
        try check("set the size") { ftruncate(to, size) }
        var buffer: [UInt8] = []
        var offset: off_t = 0
        while offset < size {
            offset = try data(from, from: offset, size: size)
            if offset >= size { return }
            let end = try hole(from, from: offset, size: size)
            while offset < end {
                let copied =
                    buffer.isEmpty ? cl_copy_file_range(from, offset, to, offset, min(Int(end - offset), 1 << 30)) : -1
                if copied > 0 {
                    offset += off_t(copied)
                    continue
                }
                // Not between these two file systems, or not at all (copy_file_range(2) says so in many ways): by hand.
                if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: block) }
                let count = try read(from, &buffer, at: offset)
                guard count > 0 else { throw SystemError("read a file that somebody cuts short", errno: EIO) }
                try write(buffer[..<count], to: to, at: offset)
                offset += off_t(count)
            }
        }
    }

    /// The first bytes, `limit` at most.
    package static func beginning(of file: Int32, limit: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = try read(file, &bytes, at: 0)
        return Array(bytes[..<count])
    }

    /// Fills as much of `buffer` as the file has from `offset` on.
    private static func read(_ file: Int32, _ buffer: inout [UInt8], at offset: off_t) throws(SystemError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = try check("read a file") {
                buffer.withUnsafeMutableBytes {
                    pread(file, $0.baseAddress! + done, $0.count - done, offset + off_t(done))
                }
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to file: Int32, at offset: off_t) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            done += try check("write a file") {
                bytes.withUnsafeBytes {
                    pwrite(file, $0.baseAddress! + done, $0.count - done, offset + off_t(done))
                }
            }
        }
    }

    /// Where data begins at or after `offset`; `size` when nothing but a hole is left.
    private static func data(_ file: Int32, from offset: off_t, size: off_t) throws(SystemError) -> off_t {
        do {
            return try check("look for data") { lseek(file, offset, cl_SEEK_DATA) }
        } catch  where error.errno == ENXIO {
            return size
        } catch  where error.errno == EINVAL {
            return offset
        }
    }

    private static func hole(_ file: Int32, from offset: off_t, size: off_t) throws(SystemError) -> off_t {
        do {
            return try check("look for a hole") { lseek(file, offset, cl_SEEK_HOLE) }
        } catch  where error.errno == EINVAL || error.errno == ENXIO {
            return size
        }
    }
}
