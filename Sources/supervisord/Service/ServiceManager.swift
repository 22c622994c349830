// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// What the service manager that started this daemon is told (sd_notify(3)): datagrams to the socket that it names in
/// the environment. Without one nothing is said.
struct ServiceManager: Sendable {
    /// A path, or a name with `@` before it in the abstract namespace.
    private let address: String?
    /// How long the service manager waits for a sign of life, in microseconds; nil when it does not.
    let watchdog: Int64?

    init(_ environment: [String: String]) {
        address = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        // For another process, if it names one (sd_watchdog_enabled(3)).
        let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
        watchdog = isMeant ? environment["WATCHDOG_USEC"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil } : nil
    }

    func ready(_ status: String) { _ = say("READY=1", "STATUS=\(status)") }

    /// False when it has not been heard, and may be said again.
    func show(_ status: String) -> Bool { say("STATUS=\(status)") }

    func isAlive() { _ = say("WATCHDOG=1") }

    func stopping() { _ = say("STOPPING=1", "STATUS=shutting down; agents run on") }

    /// `ready` has to follow.
    func reloading() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let microseconds = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
        _ = say("RELOADING=1", "MONOTONIC_USEC=\(microseconds)")
    }

    /// A service manager that does not listen is no reason to fail, and one that is slow none to wait for longer than a
    /// moment.
    private func say(_ lines: String...) -> Bool {
        guard let address else { return true }
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { return false }
        let descriptor = OwnedDescriptor(owning: number)
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var path = Array(address.utf8)
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        guard path.count < MemoryLayout.size(ofValue: name.sun_path) else { return false }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path) }
        let length = MemoryLayout<sa_family_t>.size + path.count
        let text = Array(lines.joined(separator: "\n").utf8)
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor.number, text, text.count, Int32(MSG_NOSIGNAL), $0, socklen_t(length)) >= 0
            }
        }
    }
}
