// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Linux
import Profiles

/// What an agent changed in the overlay over its workspace. The daemon itself touches none of it: `jail changes` does,
/// as the agent's owner.
extension Methods {
    static func changes(_ params: AgentChanges.Params, _ call: Call) async throws -> AgentChanges.Result {
        let overlay = try await overlay(of: params.agent, call)
        let list: Listed = try await overlay.run("list")
        let changes = params.paths.map { paths in
            list.changes.filter { change in
                paths.contains { change.path == $0 || change.path.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
            }
        }
        var page = AnswerPage(of: changes ?? list.changes, from: params.offset ?? 0)
        let obstacles = page.isFirst ? page.take(list.obstacles) : []
        if params.diff == true {
            let wanted = page.upcoming(atMost: AnswerPage.mostDiffs)
            let options =
                ["--exact", "--from", "\(params.diffOffset ?? 0)", "--limit", "\(AnswerPage.room / 2)"]
                + wanted.flatMap { ["--path-base64", $0.base64Path] }
            let diffs: Diffs? =
                wanted.isEmpty ? nil : try await overlay.run("diff", options)
            page.take(wanted, diffs?.diffs ?? [])
        } else {
            page.takeChanges()
        }
        return AgentChanges.Result(
            inUse: list.inUse, changes: page.changes, total: page.total, next: page.next, obstacles: obstacles,
            diffs: params.diff == true ? page.diffs : nil)
    }

    static func apply(_ params: AgentApply.Params, _ call: Call) async throws -> AgentApply.Result {
        let overlay = try await overlay(of: params.agent, call)
        let options = params.includeProtected == true ? ["--include-protected"] : []
        var result: AgentApply.Result = try await overlay.run("apply", options, paths: params.paths)
        await call.supervisor.note(
            .agentApplied, overlay.agent.record, by: call.peer.identity,
            saying: [
                "applied": .integer(Int64(result.applied.count)), "refused": .integer(Int64(result.refused.count)),
            ])
        // What was done is done, and is answered, however much there would be to say of it.
        var page = AnswerPage()
        result.refused = page.take(result.refused)
        result.warnings = page.take(result.warnings)
        result.skipped = page.take(result.skipped)
        let applied = page.take(result.applied)
        result.total = applied.count < result.applied.count ? result.applied.count : nil
        result.applied = applied
        return result
    }

    static func discard(_ params: AgentDiscard.Params, _ call: Call) async throws -> AgentDiscard.Result {
        let overlay = try await overlay(of: params.agent, call)
        var result: AgentDiscard.Result = try await overlay.run("discard", paths: params.paths)
        await call.supervisor.note(
            .agentDiscarded, overlay.agent.record, by: call.peer.identity,
            saying: ["discarded": .integer(Int64(result.discarded.count))])
        var page = AnswerPage()
        result.refused = page.take(result.refused)
        result.warnings = page.take(result.warnings)
        let discarded = page.take(result.discarded)
        result.total = discarded.count < result.discarded.count ? result.discarded.count : nil
        result.discarded = discarded
        return result
    }

    private struct Listed: Codable, Sendable {
        var inUse: Bool
        var changes: [WorkspaceChange]
        var obstacles: [WorkspaceNote]
    }

    private struct Diffs: Codable, Sendable {
        var diffs: [AgentChanges.Diff]
    }

    private static func overlay(of reference: AgentReference, _ call: Call) async throws -> OverlayCommand {
        OverlayCommand(agent: try await call.find(reference), supervisor: call.supervisor)
    }
}

/// `jail changes` for one agent.
struct OverlayCommand: Sendable {
    let agent: AgentSnapshot
    let supervisor: Supervisor

    /// A million small changes can be applied in this; what is not done by then is done by asking again.
    private static let patience = Duration.seconds(600)

    private struct Failure: Codable {
        var failure: String
    }

    func run<Result: Decodable & Sendable>(
        _ action: String, _ options: [String] = [], paths: [String]? = nil
    ) async throws -> Result {
        let (program, changes) = (JailProgram(path: supervisor.settings.jail), "\(agent.directory.path)/changes")
        let trees = supervisor.trees
        let bytes = try await trees.change {
            guard access(changes, F_OK) == 0 else {
                throw ProtocolError.invalidState(
                    agent.record.state, "agent \(agent.record.name) has no overlay over its workspace")
            }
            let words = ["changes", action, "--changes", changes, "--format", "json"] + options
            return try program.output(
                of: words + (try Self.owner(agent.record.owner)) + ["--"] + (paths ?? []), atMost: Self.patience,
                unless: { trees.hasEnded })
        }
        let decoder = JSONDecoder()
        if let result = try? decoder.decode(Result.self, from: Data(bytes)) { return result }
        let failure = try? decoder.decode(Failure.self, from: Data(bytes))
        throw ProtocolError.invalidState(
            agent.record.state, failure?.failure ?? "\(program.path) changes \(action) gave no answer")
    }

    /// The options that say whose rights to take. Blocks.
    private static func owner(_ uid: UInt32) throws -> [String] {
        let user = Users.owner(uid: uid)
        var words = user.map { ["--home", $0.home] } ?? []
        if uid != geteuid() {
            guard let user else {
                throw ProtocolError.permissionDenied("there is no user with the number \(uid) any more")
            }
            let groups = [user.gid] + user.groups.filter { $0 != user.gid }
            words += ["--owner", "\(uid):" + groups.map(String.init).joined(separator: ",")]
        }
        return words
    }
}
