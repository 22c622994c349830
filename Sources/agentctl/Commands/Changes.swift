// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// An agent with an overlay over its workspace, and some of its paths.
struct OverlayArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("A name, an id, or the first six or more characters of one.", valueName: "agent"))
    var agent: AgentArgument

    @Argument(
        help: ArgumentHelp("Relative to the workspace, with all below it; none is everything.", valueName: "path"))
    var paths: [String] = []

    var chosen: [String]? { paths.isEmpty ? nil : paths }
}

struct Changes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what an agent changed in the overlay over its workspace.")

    @Flag(name: [.short, .long], help: "Show the changes themselves, as unified diffs.")
    var diff = false

    @OptionGroup var overlay: OverlayArguments
    @OptionGroup var output: FormatOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let params = AgentChanges.Params(
            agent: overlay.agent.reference, paths: overlay.chosen, diff: diff ? true : nil)
        let result = try await connection.withClient { try await $0.call(AgentChanges.self, params) }
        guard output.format == .table else { return try JSONOutput.write(result, pretty: output.format == .json) }
        if let diffs = result.diffs {
            for diff in diffs { try show(diff) }
            if result.isComplete == false { StandardError.write("agentctl: there is more: name paths to see the rest") }
        } else {
            var table = Table("CHANGE", "KIND", "PATH", "FROM")
            for change in result.changes where change.renamedTo == nil {
                table.add(
                    change.renamedFrom == nil ? change.change.rawValue : "renamed",
                    (change.new ?? change.old)?.kind ?? "", change.path, change.renamedFrom)
            }
            try StandardOutput.write(table.text)
        }
        for obstacle in result.obstacles { WorkspaceReport.write("unreadable", obstacle) }
        if result.inUse { StandardError.write("agentctl: the agent still runs: this changes while it is read") }
    }

    private func show(_ diff: AgentChanges.Diff) throws {
        let bytes = diff.textBase64?.bytes ?? Array(diff.text.utf8)
        guard StandardOutput.isTerminal else { return try StandardOutput.write(bytes) }
        // It is the agent's text, and a terminal would obey it.
        var filter = TerminalFilter()
        try StandardOutput.write(filter.filter(bytes))
    }
}

struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take over what an agent changed in the overlay over its workspace.",
        discussion: "All that is named, or nothing: what was changed in the workspace meanwhile is never overwritten.")

    @Flag(help: "Also what this machine executes or obeys by itself, such as git hooks.")
    var includeProtected = false

    @OptionGroup var overlay: OverlayArguments
    @OptionGroup var output: FormatOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let params = AgentApply.Params(
            agent: overlay.agent.reference, paths: overlay.chosen, includeProtected: includeProtected ? true : nil)
        let result = try await connection.withClient { try await $0.call(AgentApply.self, params) }
        if output.format == .table {
            for path in result.applied { try StandardOutput.write(PlainText.plain(path.path) + "\n") }
        } else {
            try JSONOutput.write(result, pretty: output.format == .json)
        }
        for note in result.skipped { WorkspaceReport.write("skipped", note) }
        for note in result.warnings { WorkspaceReport.write("warning", note) }
        try WorkspaceReport.conclude(refused: result.refused, failure: result.failure)
    }
}

struct Discard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Drop what an agent changed in the overlay over its workspace.")

    @OptionGroup var overlay: OverlayArguments
    @OptionGroup var output: FormatOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let params = AgentDiscard.Params(agent: overlay.agent.reference, paths: overlay.chosen)
        let result = try await connection.withClient { try await $0.call(AgentDiscard.self, params) }
        if output.format == .table {
            for path in result.discarded { try StandardOutput.write(PlainText.plain(path.path) + "\n") }
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

    static func conclude(refused: [WorkspaceNote], failure: String?) throws {
        for note in refused { write("refused", note) }
        if let failure { throw Failure(failure) }
        if !refused.isEmpty { throw ExitCode(1) }
    }
}
