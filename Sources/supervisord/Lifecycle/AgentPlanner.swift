// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import JailPlan
import Linux
import Profiles

/// Turns a request into all that starting the agent needs. Reads files and looks up users, so it may block; changes
/// nothing.
struct AgentPlanner: Sendable {
    let profiles: ProfileLibrary
    let launchers: LauncherLibrary
    /// Where launchers' programs are, by bare name.
    let programs: [String: String]
    /// Where else they are looked for.
    let searchPath: [String]
    /// What no agent may see, whatever its profile shows: the daemon's own directories.
    let hidden: [String]
    let defaultProfile: ProfileName?
    /// In user mode, the home of a user whom the user database does not know.
    var fallbackHome: String?
    var access: AccessRules

    /// Refuses, before anything is done, what only a later version can do.
    static func refuseUnsupported(_ request: AgentStart.Params) throws(ProtocolError) {
        let features: [(name: String, isAsked: Bool)] = [
            ("resume", request.resume != nil), ("network.allow", request.network != nil),
            ("limits.io", request.limits?.io != nil),
        ]
        if let feature = features.first(where: { $0.isAsked }) {
            throw .unsupportedHere(feature: feature.name, "this version of supervisord cannot do \(feature.name)")
        }
    }

    /// - Parameters:
    ///   - outside: who the agent is to the host, if its profile wants that it is nobody but itself.
    ///   - isRestart: it has run before, and been ready.
    ///   - client: what the client may do who asks; without one it is what the owner may.
    ///   - groups: of whoever started the agent, where there is no client.
    func plan(
        _ request: AgentStart.Params, id: AgentID, name: AgentName, owner uid: UInt32, outside: UInt32? = nil,
        isRestart: Bool = false, by client: Grant? = nil, groups: Set<UInt32> = []
    ) throws(ProtocolError) -> Assembled {
        guard let owner = owner(uid) else {
            throw .permissionDenied("there is no user with the number \(uid), so no agent can have this user's rights")
        }
        do {
            guard let grant = try client ?? access.grant(to: owner, groups: groups), grant.role >= .operator else {
                throw ProtocolError.permissionDenied(
                    "\(owner.name) may start no agents any more, by the daemon's configuration; ask the operator")
            }
            let launcher = try launcher(request)
            let profile = try profile(request, of: launcher, by: grant)
            var wishes = PlanRequest(owner: owner, agent: name.text, workspace: request.workspace)
            wishes.arguments = request.command ?? request.arguments ?? []
            wishes.prompt = request.prompt
            wishes.environment = request.env ?? [:]
            wishes.terminal = terminal(request)
            wishes.limits = Self.limits(request.limits)
            wishes.timeouts = .init(
                wall: request.timeouts?.wall?.duration, idle: request.timeouts?.idle?.duration,
                start: request.timeouts?.start?.duration, grace: request.timeouts?.grace?.duration)
            wishes.restart = RestartSection(request.restart)
            wishes.isRestart = isRestart
            wishes.outside = outside.map { .init(uid: $0, gid: $0) }
            wishes.programs = programs
            wishes.searchPath = searchPath
            wishes.hidden = hidden
            wishes.changes = .agentDirectory("changes")
            wishes.machineID = id.value
            wishes.bounds = grant.bounds
            return try launcher.assemble(wishes, profile: profile)
        } catch let error as ProtocolError {
            throw error
        } catch let error as ProfileProblems {
            throw Self.translate(error)
        } catch let error as PlanError {
            throw Self.translate(error)
        } catch {
            throw .internalError("\(error)")
        }
    }

    /// Nil when there is no such user.
    func owner(_ uid: UInt32) -> PlanRequest.Owner? {
        let unlisted = fallbackHome.flatMap { uid == geteuid() ? Users.current(home: $0) : nil }
        return Users.owner(uid: uid) ?? unlisted
    }

    private static func limits(_ limits: AgentStart.Limits?) -> PlanRequest.Limits {
        .init(
            memory: limits?.memory.map { UInt64($0.bytes) }, swap: limits?.swap.map { UInt64($0.bytes) },
            pids: limits?.pids.map(UInt64.init), cpu: limits?.cpu.map { UInt64(max(1, min($0, 1e6) * 100)) },
            files: limits?.files.map(UInt64.init), tmp: limits?.tmp.map { UInt64($0.bytes) })
    }

    private func launcher(_ request: AgentStart.Params) throws -> Launcher {
        guard let name = LauncherName(request.launcher ?? "command") else {
            throw ProtocolError.invalidParams(path: "launcher", reason: "is no name of a launcher")
        }
        return try launchers.load(named: name)
    }

    private func profile(_ request: AgentStart.Params, of launcher: Launcher, by grant: Grant) throws -> Profile {
        guard let wanted = request.profile else {
            // The operator's default stands in for the plain command's only: a launcher knows what it needs.
            let isPlainCommand = request.launcher == nil
            return try profiles.load(named: isPlainCommand ? defaultProfile ?? launcher.profile : launcher.profile)
        }
        if wanted.hasPrefix("/") {
            // The daemon opens it with its own rights.
            guard grant.role == .admin else {
                throw ProtocolError.permissionDenied("only an administrator may name a profile by its path")
            }
            return try profiles.load(file: wanted)
        }
        guard let name = ProfileName(wanted) else {
            throw ProtocolError.invalidParams(path: "profile", reason: "is no name of a profile")
        }
        return try profiles.load(named: name)
    }

    private func terminal(_ request: AgentStart.Params) -> PlanRequest.TerminalChoice {
        let size = request.size ?? TerminalSize(columns: 80, rows: 24)
        return switch request.tty {
        case true?: .pty(columns: size.columns, rows: size.rows)
        case false?: .pipes
        case nil: .asLaunched(columns: size.columns, rows: size.rows)
        }
    }

    static func translate(_ problems: ProfileProblems) -> ProtocolError {
        guard let first = problems.problems.first else { return .internalError("a profile is wrong in no known way") }
        var error = ProtocolError.profileInvalid(file: first.file, line: first.line, reason: first.message)
        let others = problems.problems.count - 1
        if others > 0 { error.message += " (and \(others) more)" }
        return error
    }

    private static func translate(_ error: PlanError) -> ProtocolError {
        switch error.subject {
        case .request(let path):
            // The message is a sentence by itself, where `invalidParams` would make one around it.
            ProtocolError(.invalidParams, error.message, data: ["path": .string(path)])
        case .file(let position):
            .profileInvalid(file: position.file, line: position.line, reason: error.message)
        case .refused: .permissionDenied(error.message)
        }
    }
}

extension RestartSection {
    fileprivate init(_ request: AgentStart.Restart?) {
        self.init()
        when = request?.policy.flatMap { RestartPolicy.When(rawValue: $0.rawValue) }
        initial = request?.initial?.milliseconds
        max = request?.max?.milliseconds
        factor = request?.factor
        jitter = request?.jitter
        limit = request?.limit
        window = request?.window?.milliseconds
        resetAfter = request?.resetAfter?.milliseconds
    }
}
