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

    var path: String { SocketPath.resolve(option: socket, environment: ProcessInfo.processInfo.environment) }

    func withClient<Result>(_ body: (SupervisorClient) async throws -> Result) async throws -> Result {
        try await SupervisorClient.withConnection(path: path, body)
    }
}
