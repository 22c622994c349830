// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux

/// The socket's place in the file system. To be used by the holder of the state directory's lock only.
struct ControlSocket: Sendable {
    let path: String
    /// Whether clients can only see.
    var isReadOnly = false
    let mode: SupervisorStatus.Mode

    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    private var directory: String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }
    private var name: String { String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]) }

    /// Listens, and returns the descriptor, which is the caller's to close. A socket that a dead daemon has left is
    /// replaced.
    ///
    /// The socket is reached through a descriptor of its directory, so its path may be longer than the 107 bytes of a
    /// socket's address. It is bound with mode 0600 and opened to the group after that, in system mode only.
    func listen() throws -> Int32 {
        try Directories.create(directory, mode: mode == .user ? 0o700 : 0o755)
        let home = try Files.open(directory, O_RDONLY | O_DIRECTORY)
        try clear(home.number)
        let listener = try UnixSockets.listen(name, in: home.number)
        if mode == .system {
            try check("set the mode of", path) { fchmodat(home.number, name, 0o660, 0) }
        }
        return listener.release()
    }

    /// Makes sure that what is to be replaced is a socket that nobody listens on.
    private func clear(_ home: Int32) throws {
        var status = stat()
        guard fstatat(home, name, &status, Int32(AT_SYMLINK_NOFOLLOW)) == 0 else {
            guard errno == ENOENT else { throw SystemError("examine", path, errno: errno) }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw Refusal(description: "\(path) is there and is no socket; it is left alone")
        }
        if try isAnswered(home) { throw Refusal(description: "another program listens on \(path)") }
    }

    private func isAnswered(_ directory: Int32) throws(SystemError) -> Bool {
        do {
            close(try UnixSockets.connect(name, in: directory).release())
            return true
        } catch  where error.errno == ECONNREFUSED {
            return false
        }
    }

    func remove() {
        unlink(path)
    }
}
