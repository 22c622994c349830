// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import FoundationEssentials
import SupervisorClient

/// Which daemon a command talks to.
struct ConnectionOptions: ParsableArguments {
    @Option(help: "The daemon's socket (else AGENT_SUPERVISOR_SOCKET, else your own daemon's, else the system's).")
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "The machine whose daemon is meant, reached by ssh (else AGENT_SUPERVISOR_HOST, else this one).",
            valueName: "ssh://[user@]host[:port][/socket]"))
    var host: String?

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    var path: String { SocketPath.resolve(option: socket, environment: Self.environment) }

    /// The other machine, if it is to be another.
    func remote() throws -> SSHDestination? {
        let named = host ?? (socket == nil ? Self.environment["AGENT_SUPERVISOR_HOST"] : nil)
        guard let named, !named.isEmpty else { return nil }
        if socket != nil {
            throw Failure.usage("--socket is a socket of this machine; one of another is named after the host: \(named)/path")
        }
        return try SSHDestination(named)
    }

    func withClient<Result>(_ body: (SupervisorClient) async throws -> Result) async throws -> Result {
        guard let remote = try remote() else { return try await SupervisorClient.withConnection(path: path, body) }
        let (ssh, program) = (Self.environment["AGENT_SUPERVISOR_SSH"], Self.environment["AGENT_SUPERVISOR_REMOTE_AGENTCTL"])
        let client = try await SupervisorClient.connect(
            to: remote, ssh: ssh ?? "ssh", program: program ?? "agentctl")
        defer { client.close() }
        return try await body(client)
    }
}
