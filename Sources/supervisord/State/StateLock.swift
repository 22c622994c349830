// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux

/// The state directory, held by one daemon at a time. Released when the process ends, however it does.
final class StateLock: Sendable {
    private static let name = "supervisord.lock"
    private let file: OwnedDescriptor

    private init(_ file: consuming OwnedDescriptor) {
        self.file = file
    }

    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// Makes the directory, if it is not there, and takes it. Fails with a sentence that names who has it.
    ///
    /// In system mode others may pass through it, because an agent's owner has to reach the agent's own directories;
    /// what else is in it only the daemon may read.
    static func take(_ path: String, mode: SupervisorStatus.Mode) throws -> StateLock {
        try Directories.create(path, mode: 0o700)
        let directory = try Files.open(path, O_RDONLY | O_DIRECTORY)
        let status = try Files.status(directory.number)
        guard status.st_uid == geteuid() else {
            throw Refusal(description: "the state directory \(path) belongs to the user \(status.st_uid), not to us")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw Refusal(description: "the state directory \(path) can be written by others; chmod 0700 it")
        }
        let file = try Files.open(name, O_RDWR | O_CREAT | O_NOFOLLOW, at: directory.number)
        guard try isOurs(file.number) else {
            let pid = try holder(file.number).map(String.init) ?? "unknown"
            throw Refusal(description: "another supervisord (pid \(pid)) uses the state directory \(path)")
        }
        try check("empty", name) { ftruncate(file.number, 0) }
        try Files.write(Array("\(getpid())\n".utf8), to: file.number)
        try Directories.create("\(path)/agents", mode: 0o700)
        if mode == .system {
            for open in [path, "\(path)/agents"] { try check("let others pass through", open) { chmod(open, 0o711) } }
        }
        return StateLock(file)
    }
}

extension StateLock {
    /// Takes the lock, and waits for it up to two seconds while its holder is dead, or was an earlier daemon of this
    /// process: one that ends while it starts a program leaves a child that has the lock until it executes that.
    private static func isOurs(_ file: Int32) throws(SystemError) -> Bool {
        for _ in 0..<100 {
            if try Files.tryLock(file) { return true }
            if let pid = try holder(file), pid != getpid(), kill(pid, 0) == 0 || errno != ESRCH { return false }
            usleep(20_000)
        }
        return false
    }

    /// The pid that the file names.
    private static func holder(_ file: Int32) throws(SystemError) -> Int32? {
        var text = [UInt8](repeating: 0, count: 32)
        let count = try check("read", name) { pread(file, &text, text.count, 0) }
        return Int32(String(decoding: text[..<count], as: UTF8.self).filter { $0.isNumber })
    }
}

enum Directories {
    /// Makes a directory and those above it that are missing, all with this mode, whatever the umask is.
    static func create(_ path: String, mode: mode_t) throws(SystemError) {
        if mkdir(path, mode) != 0 {
            if errno == EEXIST { return }
            guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
                throw SystemError("create the directory", path, errno: errno)
            }
            try create(String(path[..<slash]), mode: mode)
            try check("create the directory", path) { mkdir(path, mode) }
        }
        // Without following what somebody may have put there instead.
        let made = try Files.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        try check("set the mode of", path) { fchmod(made.number, mode) }
    }
}
