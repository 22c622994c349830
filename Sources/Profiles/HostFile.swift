// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Glibc

/// What this module asks of the host's file system. It writes nothing.
enum HostFile {
    /// The whole of a regular file of at most `limit` bytes.
    static func read(_ path: String, limit: Int) throws(HostFileError) -> [UInt8] {
        // Without O_NONBLOCK a fifo with a name that ends in .yaml would hold the daemon for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw HostFileError(path: path, reason: reason(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw HostFileError(path: path, reason: reason(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw HostFileError(path: path, reason: "it is not a regular file")
        }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 {
                let number = errno
                if number == EINTR { continue }
                throw HostFileError(path: path, reason: reason(number))
            }
            if count == 0 { return content }
            content += buffer[..<count]
            guard content.count <= limit else {
                throw HostFileError(path: path, reason: "it is larger than \(limit / 1024) KiB")
            }
        }
    }

    /// Whether a regular file stands there that this process can see.
    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Whether it is a regular file with an execute bit. The bits, not access(2): the agent's owner will run it, who
    /// need not be the user of this process.
    static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_mode & 0o111 != 0
    }

    /// The path without symbolic links (realpath(3)).
    static func resolved(_ path: String) throws(HostFileError) -> String {
        guard let resolved = realpath(path, nil) else { throw HostFileError(path: path, reason: reason(errno)) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Likewise, of a path whose end need not exist; what this process may not look at stays as it is.
    static func resolvedAsFarAsPossible(_ path: String) -> String {
        var directory = path
        var rest = ""
        while directory.count > 1 {
            if let resolved = try? resolved(directory) { return resolved == "/" ? rest : resolved + rest }
            let slash = directory.lastIndex(of: "/") ?? directory.startIndex
            rest = directory[slash...] + rest
            directory = String(directory[..<slash])
        }
        return path
    }

    /// Whether a socket stands there that this process can see.
    static func isSocket(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// The names in a directory, or none if it cannot be read.
    static func names(in directory: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    }

    private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}

/// Why a file of the host could not be used.
struct HostFileError: Error {
    var path: String
    var reason: String
}
