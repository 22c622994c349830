// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// Where a daemon is: which to connect to, and to connect to again.
public enum DaemonAddress: Sendable, Hashable, CustomStringConvertible {
    /// On this machine, by its socket's path.
    case socket(String)
    /// On another, through `program` there, which is agentctl, and which `ssh` runs; both by name or path.
    case host(SSHDestination, ssh: String = "ssh", program: String = "agentctl")

    /// What an environment says: `AGENT_SUPERVISOR_HOST`, or else as `SocketPath` says. `AGENT_SUPERVISOR_SSH` and
    /// `AGENT_SUPERVISOR_REMOTE_AGENTCTL` name the programs.
    ///
    /// - Parameters:
    ///   - socket: a path that goes before the environment.
    ///   - host: an address that does.
    public init(socket: String? = nil, host: String? = nil, environment: [String: String]) throws(ClientError) {
        let named = host ?? (socket == nil ? environment["AGENT_SUPERVISOR_HOST"] : nil)
        guard let named, !named.isEmpty else {
            self = .socket(SocketPath.resolve(option: socket, environment: environment))
            return
        }
        guard socket == nil else {
            throw ClientError(
                .invalidAddress,
                "a socket of another machine is named after the host: \(named)/path/to/socket, and not as one of this machine"
            )
        }
        self = .host(
            try SSHDestination(named), ssh: environment["AGENT_SUPERVISOR_SSH"] ?? "ssh",
            program: environment["AGENT_SUPERVISOR_REMOTE_AGENTCTL"] ?? "agentctl")
    }

    /// Whether paths in requests are this machine's.
    public var isLocal: Bool { if case .socket = self { true } else { false } }

    /// As it is written.
    public var description: String {
        switch self {
        case .socket(let path): path
        case .host(let destination, _, _): destination.description
        }
    }

    /// A connection to that daemon, which is the caller's to close.
    public func connect() async throws(ClientError) -> SupervisorClient {
        switch self {
        case .socket(let path): try await SupervisorClient.connect(path: path)
        case .host(let destination, let ssh, let program):
            try await SupervisorClient.connect(to: destination, ssh: ssh, program: program)
        }
    }

    /// Connects, and closes the connection when `body` ends in whatever way.
    public func withConnection<Result>(_ body: (SupervisorClient) async throws -> Result) async throws -> Result {
        let client = try await connect()
        defer { client.close() }
        return try await body(client)
    }
}
