// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What the kernel tells of the TCP sockets of this network namespace (sock_diag(7)).
package enum SocketDiagnosis {
    /// A socket with somebody at its other end, or on the way there.
    package struct Connection: Equatable, Sendable {
        /// By which a process's descriptor names it: `socket:[INODE]`.
        package let inode: UInt32
        package let localPort: UInt16
        /// Data went out after the last came in, or it is still connecting.
        package let waits: Bool
    }

    private static let netlinkFamily: Int32 = 16  // AF_NETLINK
    private static let socketDiagnosis: Int32 = 4  // NETLINK_SOCK_DIAG
    private static let byFamily: UInt16 = 20  // SOCK_DIAG_BY_FAMILY
    private static let requestAndDump: UInt16 = 0x0301  // NLM_F_REQUEST | NLM_F_DUMP
    private enum State {
        static let established: UInt8 = 1
        static let connecting: UInt8 = 2
        static let listening: UInt8 = 10
    }

    /// Connections that were made from here: those to a port that is listened on here are left out, at whose other end
    /// somebody else waits. Fails with ENOENT where the kernel has no such module.
    package static func outgoing() throws(SystemError) -> [Connection] {
        var connections: [Connection] = []
        var listening: Set<UInt16> = []
        for family in [AF_INET, AF_INET6] {
            try dump(UInt8(family)) { state, connection in
                if state == State.listening {
                    listening.insert(connection.localPort)
                } else {
                    connections.append(connection)
                }
            }
        }
        return connections.filter { !listening.contains($0.localPort) }
    }

    private static func dump(_ family: UInt8, _ take: (UInt8, Connection) -> Void) throws(SystemError) {
        let number = try check("open a socket for sock_diag") {
            socket(netlinkFamily, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), socketDiagnosis)
        }
        let descriptor = OwnedDescriptor(owning: number)
        // struct nlmsghdr, then struct inet_diag_req_v2 (linux/netlink.h, linux/inet_diag.h).
        var request = Bytes()
        request.append(UInt32(72))
        request.append(byFamily)
        request.append(requestAndDump)
        request.append(UInt32(1))
        request.append(UInt32(0))
        // With struct tcp_info: bit INET_DIAG_INFO - 1.
        request.bytes += [family, UInt8(IPPROTO_TCP), 1 << 1, 0]
        request.append(UInt32(1 << State.established | 1 << State.connecting | 1 << State.listening))
        request.bytes += [UInt8](repeating: 0, count: 48)
        let bytes = request.bytes
        try check("ask sock_diag") { send(descriptor.number, bytes, bytes.count, 0) }
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = try check("read from sock_diag") { recv(descriptor.number, &buffer, buffer.count, 0) }
            if try !read(Array(buffer[..<count]), take) { return }
        }
    }

    /// Takes in one piece of the answer. False after the last.
    private static func read(
        _ bytes: [UInt8], _ take: (UInt8, Connection) -> Void
    ) throws(SystemError) -> Bool {
        var position = 0
        while position + 16 <= bytes.count {
            let length = Int(bytes.value(at: position, as: UInt32.self))
            guard length >= 16, position + length <= bytes.count else { return false }
            switch bytes.value(at: position + 4, as: UInt16.self) {
            case 3: return false  // NLMSG_DONE
            case 2:  // NLMSG_ERROR
                let problem = position + 20 <= bytes.count ? bytes.value(at: position + 16, as: Int32.self) : -EIO
                throw SystemError("ask sock_diag", errno: -problem)
            case byFamily: message(bytes[(position + 16)..<(position + length)], take)
            default: break
            }
            position += (length + 3) & ~3
        }
        return true
    }

    /// struct inet_diag_msg, of 72 bytes, and its attributes.
    private static func message(_ bytes: ArraySlice<UInt8>, _ take: (UInt8, Connection) -> Void) {
        let message = Array(bytes)
        guard message.count >= 72 else { return }
        let state = message[1]
        var waits = state == State.connecting
        var position = 72
        while position + 4 <= message.count {
            let length = Int(message.value(at: position, as: UInt16.self))
            guard length >= 4, position + length <= message.count else { break }
            // INET_DIAG_INFO: struct tcp_info (linux/tcp.h, kernel 4.6).
            if message.value(at: position + 2, as: UInt16.self) == 2, length >= 4 + 160, state == State.established {
                func member(_ offset: Int) -> UInt32 { message.value(at: position + 4 + offset, as: UInt32.self) }
                // tcpi_last_data_sent and tcpi_last_data_recv, milliseconds ago by the kernel's coarse clock;
                // tcpi_data_segs_in and tcpi_data_segs_out.
                let (sent, received, segmentsIn, segmentsOut) = (member(44), member(52), member(152), member(156))
                waits = segmentsOut > 0 && (segmentsIn == 0 || sent < received)
            }
            position += (length + 3) & ~3
        }
        // The port is in network order; the inode is the last member.
        let port = UInt16(bigEndian: message.value(at: 4, as: UInt16.self))
        take(state, Connection(inode: message.value(at: 68, as: UInt32.self), localPort: port, waits: waits))
    }

    private struct Bytes {
        var bytes: [UInt8] = []

        mutating func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value) { bytes += $0 }
        }
    }
}

extension Array<UInt8> {
    /// In this machine's byte order, as netlink is.
    fileprivate func value<Value: FixedWidthInteger>(at position: Int, as type: Value.Type) -> Value {
        withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Value.self) }
    }
}
