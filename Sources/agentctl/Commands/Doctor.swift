// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl doctor`
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what this host can and cannot do for agents, and what mends it.",
        discussion: """
            Asks the daemon; without one, tries what can be tried without. Ends with 1 when something is wrong that keeps \
            agents from starting.

              agentctl doctor --format jsonl | jq 'select(.status != "ok")'
            """)

    @OptionGroup var output: ListOptions<DoctorListing>
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let result = try await examine()
        switch output.shape.format {
        case .json: try JSONOutput.write(result, pretty: true)
        case .jsonl: for check in result.checks { try JSONOutput.write(check, pretty: false) }
        case .table where output.quiet || output.columns != nil: try output.writeTable(result.checks)
        case .table: try StandardOutput.write(Self.table(result.checks, in: output.colour.palette))
        }
        if result.hasProblem { throw ExitCode(1) }
    }

    private func examine() async throws -> SupervisorDoctor.Result {
        do {
            return try await connection.withClient { client in
                try await Progress.during({ "examining the host, \($0)" }) {
                    try await client.call(SupervisorDoctor.self, Nothing())
                }
            }
        } catch let error as ClientError {
            let address = try connection.address
            // What can be tried without a daemon is tried on this machine.
            guard address.isLocal else { throw error }
            return SupervisorDoctor.Result(
                checks: [Self.check(error, path: address.description)] + (await Self.probe()))
        } catch let error as ProtocolError where error.kind == .methodNotFound {
            let check = SupervisorDoctor.Check(
                name: "daemon", status: .warning, found: "the daemon is of an older version than this agentctl",
                hint: "restart it once the newer supervisord is installed; agents run on")
            return SupervisorDoctor.Result(checks: [check] + (await Self.probe()))
        }
    }

    private static func probe() async -> [SupervisorDoctor.Check] {
        await Progress.during({ "examining this host, \($0)" }) { JailProbe.checks() }
    }

    private static func check(_ error: ClientError, path: String) -> SupervisorDoctor.Check {
        switch error.kind {
        case .noDaemon: break
        case .notPermitted:
            return .init(
                name: "daemon", status: .problem, found: "this user may not connect to \(path)",
                hint: "the socket belongs to its daemon's users: ask the operator to add you")
        default:
            return .init(
                name: "daemon", status: .problem, found: "the daemon does not answer: \(error)",
                hint: "its log says more: journalctl --user -u agent-supervisor, or without --user for the system's")
        }
        return .init(
            name: "daemon", status: .problem, found: "no daemon listens at \(path)",
            hint:
                "start it with \"systemctl start agent-supervisor\" or \"supervisord --user\", or name its socket with "
                + "--socket or AGENT_SUPERVISOR_SOCKET")
    }

    /// A line for each check, and its hint below it.
    static func table(_ checks: [SupervisorDoctor.Check], in palette: Palette = .none) -> String {
        let width = checks.map(\.name.count).max() ?? 0
        return checks.map { check in
            let mark = palette.paint(CellText.fit(check.status.rawValue, to: 7), check.status.style)
            let line =
                "\(mark)  \(CellText.fit(PlainText.plain(check.name), to: width))  \(PlainText.plain(check.found))\n"
            let hint = check.hint.map { "\(String(repeating: " ", count: width + 11))-> \(PlainText.plain($0))\n" }
            return line + (hint ?? "")
        }.joined()
    }
}
