// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Profiles

/// The configuration's `clients`: how much clients may ask for at once, so that none of them keeps the daemon from the
/// others.
struct ClientLimits: Sendable, Equatable {
    /// Connections at a time, of everyone. Administrators may have a few more: others must not keep them out.
    var connections = 8192
    /// What each user's clients may have together.
    var perUser = PerUser()

    /// What is kept for administrators.
    static let reserve = 32

    struct PerUser: Sendable, Equatable {
        var connections = 1024
        /// In flight: read, and not answered.
        var requests = 1024
        var subscriptions = 512
        /// Bytes of requests that are in flight, or not whole yet.
        var requestBytes = 64 << 20
    }

    static func read(_ mapping: ConfigurationMapping) -> ClientLimits {
        var limits = ClientLimits()
        func count(_ key: String, _ mapping: ConfigurationMapping, or standard: Int) -> Int {
            mapping.integer(key, in: 1...60_000).map { Int($0.value) } ?? standard
        }
        limits.connections = count("connections", mapping, or: limits.connections)
        limits.perUser =
            mapping.mapping("per_user") { mapping in
                var limits = PerUser()
                limits.connections = count("connections", mapping, or: limits.connections)
                limits.requests = count("requests", mapping, or: limits.requests)
                limits.subscriptions = count("subscriptions", mapping, or: limits.subscriptions)
                let least = UInt64(ProtocolLimits.maximumRequestLine)
                limits.requestBytes =
                    mapping.byteCount("request_bytes", atLeast: least)
                    .map { Int(clamping: $0.value) } ?? limits.requestBytes
                return limits
            } ?? .init()
        return limits
    }
}
