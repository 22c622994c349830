// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What was asked for in a jail, as often as one program did so. Names are the agent's choice, and so untrusted.
struct AccessRecord: Codable {
    var use: Use
    /// An absolute path inside the jail.
    var path: String?
    /// As `127.0.0.1:443`, `[::1]:443`, `unix:/path`, `unix:@abstract`, or `family 16`.
    var address: String?
    /// As in /proc/PID/comm.
    var process: String
    var count: UInt64
    /// Whether there was something of that path in the jail when it was last asked for.
    var jail: Bool?
    /// Whether there is on the host, which the keeper adds.
    var host: Bool?

    enum Use: String, Codable {
        case read, write, execute, look, connect, bind, send
        /// Calls of processes that let nobody look into them (ptrace(2)), and what there was no room for.
        case unseen
    }

    struct Key: Hashable {
        var use: Use
        var name: String?
        var process: String
    }

    var key: Key { Key(use: use, name: path ?? address, process: process) }
}
