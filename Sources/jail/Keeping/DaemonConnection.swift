// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import ShimProtocol

/// The daemon's connection to this shim: requests in, answers and news out, neither ever waited for.
struct DaemonConnection: ~Copyable {
    let descriptor: OwnedDescriptor
    private var incoming: [UInt8] = []
    private var outgoing: [UInt8] = []
    private var published: ShimStatus?
    private(set) var isClosed = false

    init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }

    var hasOutgoing: Bool { !outgoing.isEmpty }

    /// The whole requests that have come. One that cannot be read closes the connection: the daemon is newer than this
    /// shim only in ways that add members, so it means that something is broken.
    mutating func receive() -> [ShimRequest] {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = read(descriptor.number, &buffer, buffer.count)
            if count > 0 {
                incoming.append(contentsOf: buffer[..<count])
                if count < buffer.count { break }
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                isClosed = true
                break
            } else if errno == EAGAIN {
                break
            }
        }
        var requests: [ShimRequest] = []
        while let newline = incoming.firstIndex(of: UInt8(ascii: "\n")) {
            if let request = try? JSONDecoder().decode(ShimRequest.self, from: Data(incoming[..<newline])) {
                requests.append(request)
            } else {
                isClosed = true
            }
            incoming.removeSubrange(...newline)
        }
        if incoming.count > ShimProtocol.maximumLine { isClosed = true }
        return requests
    }

    mutating func send(_ report: ShimReport) {
        guard let bytes = try? JSONEncoder().encode(report) else { return }
        outgoing.append(contentsOf: bytes)
        outgoing.append(UInt8(ascii: "\n"))
        flush()
    }

    /// Sends news if there is any and the last has gone out: a daemon that does not read costs one message of memory.
    mutating func publish(_ status: ShimStatus) {
        guard outgoing.isEmpty, status != published else { return }
        published = status
        send(ShimReport(status: status))
    }

    mutating func flush() {
        while !outgoing.isEmpty {
            let count = outgoing.withUnsafeBytes { write(descriptor.number, $0.baseAddress, $0.count) }
            if count >= 0 {
                outgoing.removeFirst(count)
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                isClosed = true
                return
            }
        }
    }
}
