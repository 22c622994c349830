// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl version`
struct Version: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the versions of agentctl, the daemon and the protocol.",
        discussion: "\"agentctl --version\" asks no daemon.")

    @OptionGroup var output: FormatOptions
    @OptionGroup var connection: ConnectionOptions

    private struct Report: Encodable {
        var client: Initialize.Program
        /// Null without a daemon.
        var server: Initialize.Program?
        var protocolVersion: Int?

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(client, forKey: .client)
            try container.encode(server, forKey: .server)
            try container.encode(protocolVersion, forKey: .protocolVersion)
        }

        private enum CodingKeys: CodingKey {
            case client, server, protocolVersion
        }
    }

    /// What there is to say of our side is said also when there is no daemon.
    func run() async throws {
        let client = Initialize.Program(name: "agentctl", version: AgentCtl.version)
        do {
            let greeting = try await connection.withClient { try await $0.call(Initialize.self, .init(client: client)) }
            try show(.init(client: client, server: greeting.server, protocolVersion: greeting.protocolVersion))
        } catch let error as ClientError {
            try show(.init(client: client))
            throw error
        }
    }

    private func show(_ report: Report) throws {
        guard output.format == .table else { return try JSONOutput.write(report, pretty: output.format == .json) }
        var sheet = Sheet()
        sheet.add("Client", "\(report.client.name) \(report.client.version)")
        sheet.add("Daemon", report.server.map { "\($0.name) \($0.version)" })
        sheet.add("Protocol", report.protocolVersion.map(String.init))
        try StandardOutput.write(sheet.text)
    }
}
