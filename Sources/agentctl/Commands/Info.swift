// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl info`
struct Info: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show how the daemon is, and who you are to it.")

    @OptionGroup var output: FormatOptions
    @OptionGroup var colour: ColourOptions
    @OptionGroup var connection: ConnectionOptions

    private struct Report: Codable {
        var status: SupervisorStatus.Result
        var peer: Initialize.Peer
        var protocolVersion: Int
        var capabilities: Initialize.Capabilities
    }

    func run() async throws {
        let report = try await connection.withClient { client in
            let program = Initialize.Program(name: "agentctl", version: AgentCtl.version)
            let greeting = try await client.call(Initialize.self, .init(client: program))
            return Report(
                status: try await client.call(SupervisorStatus.self, Nothing()), peer: greeting.peer,
                protocolVersion: greeting.protocolVersion, capabilities: greeting.capabilities)
        }
        guard output.format == .table else { return try JSONOutput.write(report, pretty: output.format == .json) }
        let status = report.status
        let agents = status.agents.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        var sheet = Sheet()
        sheet.add("Daemon", "\(status.server.name) \(status.server.version), \(status.mode.rawValue) mode")
        sheet.add("Process", "\(status.pid), since \(status.startedAt) (\(status.startedAt.age(at: .now())))")
        sheet.add("Socket", status.socket)
        sheet.add("State", status.stateDirectory)
        sheet.add("Agents", agents.isEmpty ? "none" : agents.joined(separator: ", "))
        sheet.add("Connections", "\(status.connections)")
        sheet.add("Last event", "\(status.seq)")
        sheet.add("You", "\(report.peer.user) (\(report.peer.uid)), \(report.peer.role)")
        sheet.add("Protocol", "\(report.protocolVersion)")
        sheet.add("Methods", report.capabilities.methods.joined(separator: ", "))
        try StandardOutput.write(sheet.text(in: colour.palette))
    }
}
