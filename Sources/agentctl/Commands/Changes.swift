// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// An agent with an overlay over its workspace, and some of its paths.
struct OverlayArguments: ParsableArguments {
    @Argument(help: AgentArgument.help)
    var agent: AgentArgument

    @Argument(
        help: ArgumentHelp("Relative to the workspace, with all below it; none is everything.", valueName: "path"))
    var paths: [String] = []

    var chosen: [String]? { paths.isEmpty ? nil : paths }
}

/// `agentctl changes`
struct Changes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what an agent changed in the overlay over its workspace.",
        discussion: """
              agentctl changes try --diff src
            """)

    @Flag(name: [.short, .long], help: "Show the changes themselves, as unified diffs.")
    var diff = false

    @OptionGroup var overlay: OverlayArguments
    @OptionGroup var output: ListOptions<ChangeListing>
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if diff, output.quiet || output.columns != nil {
            throw ValidationError("--diff and \(output.quiet ? "--quiet" : "--columns") exclude each other")
        }
    }

    func run() async throws {
        let result = try await connection.withClient { client in
            try await Progress.during({ "reading the changes, \($0)" }) { try await all(client) }
        }
        guard output.shape.format == .table else {
            return try JSONOutput.write(result, pretty: output.shape.format == .json)
        }
        if let diffs = result.diffs {
            for diff in diffs { try show(diff) }
        } else {
            try output.writeTable(result.changes.filter { $0.renamedTo == nil })
        }
        for obstacle in result.obstacles { WorkspaceReport.write("unreadable", obstacle) }
        if result.inUse { StandardError.write("agentctl: the agent still runs: this changes while it is read") }
    }

    /// Every change, however many answers that takes.
    private func all(_ client: SupervisorClient) async throws -> AgentChanges.Result {
        var params = AgentChanges.Params(
            agent: overlay.agent.reference, paths: overlay.chosen, diff: diff ? true : nil)
        var result = try await client.call(AgentChanges.self, params)
        try await finish(&result.diffs, client)
        while let next = result.next {
            params.offset = next
            var more = try await client.call(AgentChanges.self, params)
            try await finish(&more.diffs, client)
            result.changes += more.changes
            result.obstacles += more.obstacles
            result.diffs = result.diffs.map { $0 + (more.diffs ?? []) }
            // Of a running agent's changes there may be fewer by now.
            result.next = more.next.flatMap { $0 > next ? $0 : nil }
        }
        return result
    }

    /// Fetches what is left of diffs that were cut.
    private func finish(_ diffs: inout [AgentChanges.Diff]?, _ client: SupervisorClient) async throws {
        for index in diffs?.indices ?? 0..<0 {
            while let diff = diffs?[index], diff.isCut {
                let have = diff.textBase64?.bytes ?? Array(diff.text.utf8)
                let params = AgentChanges.Params(
                    agent: overlay.agent.reference, paths: [diff.path], diff: true, diffOffset: have.count)
                // A path that is no text cannot be asked for by itself.
                guard diff.pathBase64 == nil,
                    let more = try await client.call(AgentChanges.self, params).diffs?.first(where: {
                        $0.path == diff.path
                    })
                else { break }
                let bytes = have + (more.textBase64?.bytes ?? Array(more.text.utf8))
                diffs?[index].text = String(decoding: bytes, as: UTF8.self)
                diffs?[index].textBase64 = String(validating: bytes, as: UTF8.self) == nil ? Base64Bytes(bytes) : nil
                diffs?[index].isCut = more.isCut && bytes.count > have.count
            }
        }
    }

    private func show(_ diff: AgentChanges.Diff) throws {
        let bytes = diff.textBase64?.bytes ?? Array(diff.text.utf8)
        guard StandardOutput.isTerminal else { return try StandardOutput.write(bytes) }
        // It is the agent's text, and a terminal would obey it: a colour or a carriage return is enough to hide a line.
        try StandardOutput.write(PlainText.visible(String(decoding: bytes, as: UTF8.self)))
    }
}

/// `agentctl apply`
struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take over what an agent changed in the overlay over its workspace.",
        discussion: """
            Without a PATH all or nothing; of several PATHs each is taken or refused by itself. What was changed in the \
            workspace meanwhile is never overwritten.

              agentctl apply try src/main.swift
            """)

    @Flag(help: "Also what this machine executes or obeys by itself, such as git hooks.")
    var includeProtected = false

    @OptionGroup var overlay: OverlayArguments
    @OptionGroup var output: FormatOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let params = AgentApply.Params(
            agent: overlay.agent.reference, paths: overlay.chosen, includeProtected: includeProtected ? true : nil)
        let result = try await connection.withClient { client in
            try await Progress.during({ "applying, \($0)" }) { try await client.call(AgentApply.self, params) }
        }
        if output.format == .table {
            for path in result.applied { try StandardOutput.write(PlainText.plain(path.path) + "\n") }
            try WorkspaceReport.writeRest(result.total, after: result.applied.count)
        } else {
            try JSONOutput.write(result, pretty: output.format == .json)
        }
        for note in result.skipped { WorkspaceReport.write("skipped", note) }
        for note in result.warnings { WorkspaceReport.write("warning", note) }
        try WorkspaceReport.conclude(refused: result.refused, failure: result.failure)
    }
}

/// `agentctl discard`
struct Discard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Drop what an agent changed in the overlay over its workspace.")

    @OptionGroup var overlay: OverlayArguments
    @OptionGroup var output: FormatOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let params = AgentDiscard.Params(agent: overlay.agent.reference, paths: overlay.chosen)
        let result = try await connection.withClient { client in
            try await Progress.during({ "discarding, \($0)" }) { try await client.call(AgentDiscard.self, params) }
        }
        if output.format == .table {
            for path in result.discarded { try StandardOutput.write(PlainText.plain(path.path) + "\n") }
            try WorkspaceReport.writeRest(result.total, after: result.discarded.count)
        } else {
            try JSONOutput.write(result, pretty: output.format == .json)
        }
        for note in result.skipped { WorkspaceReport.write("skipped", note) }
        for note in result.warnings { WorkspaceReport.write("warning", note) }
        try WorkspaceReport.conclude(refused: result.refused, failure: result.failure)
    }
}

/// What is to be said beside the output.
private enum WorkspaceReport {
    static func write(_ word: String, _ note: WorkspaceNote) {
        StandardError.write("agentctl: \(word): \(PlainText.plain("\(note.path): \(note.message)"))")
    }

    static func writeRest(_ total: Int?, after count: Int) throws {
        if let total { try StandardOutput.write("and \(total - count) more\n") }
    }

    static func conclude(refused: [WorkspaceNote], failure: String?) throws {
        for note in refused { write("refused", note) }
        if let failure { throw Failure(failure) }
        if !refused.isEmpty { throw ExitCode(1) }
    }
}
