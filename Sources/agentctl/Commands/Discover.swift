// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

struct Discover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the daemon's protocol as an OpenRPC document, for generators of clients.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try JSONOutput.write(
            try await connection.withClient { try await $0.call(RPCDiscover.self, Nothing()) }, pretty: true)
    }
}
