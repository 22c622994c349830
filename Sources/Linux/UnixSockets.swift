// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// Unix-domain sockets (unix(7)).
package enum UnixSockets {
    /// Two connected ends that keep message boundaries.
    package static func pair() throws(SystemError) -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        try check("create a pair of sockets") {
            socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | O_CLOEXEC, 0, &ends)
        }
        return (ends[0], ends[1])
    }

    /// A listening stream socket `name` in `directory`, mode 0600. Whatever has that name is removed first.
    ///
    /// The address goes through /proc/self/fd, because a socket's path may have only 107 bytes.
    package static func listen(_ name: String, in directory: Int32) throws(SystemError) -> OwnedDescriptor {
        let listener = try stream()
        _ = unlinkat(directory, name, 0)
        // The mode of the socket file is that of the socket's own inode at bind.
        try check("set the mode of the socket", name) { fchmod(listener.number, 0o600) }
        try check("bind the socket", name) {
            withAddress(of: name, in: directory) { bind(listener.number, $0, $1) }
        }
        try check("listen on the socket", name) { Glibc.listen(listener.number, SOMAXCONN) }
        return listener
    }

    /// A connection to the socket `name` in `directory`. ECONNREFUSED when nobody listens any more.
    package static func connect(_ name: String, in directory: Int32) throws(SystemError) -> OwnedDescriptor {
        let connection = try stream()
        try check("connect to the socket", name) {
            withAddress(of: name, in: directory) { Glibc.connect(connection.number, $0, $1) }
        }
        return connection
    }

    /// The next waiting connection, non-blocking like the connection it returns; nil when none waits.
    package static func accept(_ listener: Int32) throws(SystemError) -> OwnedDescriptor? {
        do {
            return OwnedDescriptor(owning: try check("accept a connection") { cl_accept(listener) })
        } catch  where error.errno == EAGAIN || error.errno == ECONNABORTED {
            return nil
        }
    }

    /// Whether it is a Unix-domain stream socket on which connections are waited for.
    package static func isListening(_ socket: Int32) throws(SystemError) -> Bool {
        func option(_ name: Int32) throws(SystemError) -> Int32? {
            var value: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            do {
                try check("examine the socket", "\(socket)") { getsockopt(socket, SOL_SOCKET, name, &value, &length) }
            } catch  where error.errno == ENOTSOCK {
                return nil
            }
            return value
        }
        guard try option(SO_DOMAIN) == AF_UNIX, try option(SO_TYPE) == Int32(SOCK_STREAM.rawValue) else { return false }
        return try option(SO_ACCEPTCONN) == 1
    }

    /// The path that a socket is bound to; nil for one without.
    package static func path(of socket: Int32) throws(SystemError) -> String? {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        try check("ask for the socket's address", "\(socket)") {
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
            }
        }
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        let path = withUnsafeBytes(of: address.sun_path) {
            String(decoding: $0.prefix(max(0, Int(length) - offset)).prefix { $0 != 0 }, as: UTF8.self)
        }
        return path.isEmpty ? nil : path
    }

    /// Sends one message, with a descriptor if given.
    package static func send(_ bytes: [UInt8], descriptor: Int32 = -1, to socket: Int32) throws(SystemError) {
        try check("send a message") { cl_send(socket, bytes, bytes.count, descriptor) }
    }

    /// One message: its bytes (none at the end of the conversation), the descriptor that came with it if any, and,
    /// when `SO_PASSCRED` is set, the sender's pid as this process's pid namespace numbers it.
    package static func receive(
        from socket: Int32, limit: Int
    ) throws(SystemError) -> (bytes: [UInt8], descriptor: Int32?, sender: Int32) {
        var buffer = [UInt8](repeating: 0, count: limit)
        var descriptor: Int32 = -1
        var sender: pid_t = 0
        let count = try check("receive a message") { cl_receive(socket, &buffer, limit, &descriptor, &sender) }
        return (Array(buffer[..<count]), descriptor < 0 ? nil : descriptor, sender)
    }

    /// Asks the kernel to name the sender of each message.
    package static func passCredentials(_ socket: Int32) throws(SystemError) {
        var on: Int32 = 1
        try check("ask for senders' credentials") {
            setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    private static func stream() throws(SystemError) -> OwnedDescriptor {
        OwnedDescriptor(
            owning: try check("create a socket") {
                socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
            })
    }

    private static func withAddress(
        of name: String, in directory: Int32, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("/proc/self/fd/\(directory)/\(name)".utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else {
            errno = ENAMETOOLONG
            return -1
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
