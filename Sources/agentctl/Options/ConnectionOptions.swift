// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import FoundationEssentials
import SupervisorClient

/// Which daemon a command talks to.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's socket (else AGENT_SUPERVISOR_SOCKET, else your own daemon's, else the system's).",
            valueName: "path"), completion: .file())
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "The machine whose daemon is meant, reached by ssh (else AGENT_SUPERVISOR_HOST, else this one).",
            valueName: "ssh://[user@]host[:port][/socket]"))
    var host: String?

    /// Where the daemon is that is meant.
    var address: DaemonAddress {
        get throws {
            do {
                return try DaemonAddress(
                    socket: socket, host: host, environment: ProcessInfo.processInfo.environment)
            } catch {
                throw Failure.usage("\(error)")
            }
        }
    }

    /// A connection, which is the caller's to close.
    func connect() async throws -> SupervisorClient {
        let address = try address
        return try await Progress.during({ "connecting to \(address), \($0)" }) { try await address.connect() }
    }

    /// Of an agent that is not there the error says which there are.
    func withClient<Result>(_ body: (SupervisorClient) async throws -> Result) async throws -> Result {
        let client = try await connect()
        defer { client.close() }
        do {
            return try await body(client)
        } catch let error as ProtocolError where error.kind == .agentNotFound {
            throw await MissingAgent.failure(error, client: client) ?? error
        }
    }
}
