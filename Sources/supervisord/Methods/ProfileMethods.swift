// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import JailPlan
import Profiles

/// The profiles and launchers that the operator provides.
///
/// The daemon reads them with rights of its own, which the client may not have: so it reads files of its library alone,
/// by name, and for what else there is to check takes the text and no path.
extension Methods {
    static func profiles(_ params: Nothing, _ call: Call) async throws -> ProfileList.Result {
        let library = await call.supervisor.configuration.planner.profiles
        return try await call.supervisor.blocking {
            var page = AnswerPage()
            return ProfileList.Result(profiles: page.take(library.names().compactMap(library.summary)))
        }
    }

    static func profile(_ params: ProfileGet.Params, _ call: Call) async throws -> ProfileGet.Result {
        let library = await call.supervisor.configuration.planner.profiles
        let name = try profileName(params.profile)
        do {
            let (files, document) = try await call.supervisor.blocking { try library.resolved(named: name) }
            return ProfileGet.Result(name: params.profile, files: files, profile: JSONValue(document))
        } catch let error as ProfileProblems {
            throw AgentPlanner.translate(error)
        }
    }

    static func checkProfile(_ params: ProfileCheck.Params, _ call: Call) async throws -> ProfileCheck.Result {
        let name = try profileName(params.profile)
        let checker = ProfileChecker(
            planner: await call.supervisor.configuration.planner, owner: call.supervisor.owner(of: call.peer),
            mayLook: params.text == nil || call.peer.isAdministrator)
        return try await call.supervisor.blocking { checker.check(name, text: params.text) }
    }

    static func launchers(_ params: Nothing, _ call: Call) async throws -> LauncherList.Result {
        let planner = await call.supervisor.configuration.planner
        let owner = call.supervisor.owner(of: call.peer)
        return try await call.supervisor.blocking {
            var page = AnswerPage()
            let user = planner.owner(owner)
            let summaries = planner.launchers.names().compactMap { planner.summary(of: $0, for: user) }
            return LauncherList.Result(launchers: page.take(summaries))
        }
    }

    private static func profileName(_ name: ConfigurationName) throws -> ProfileName {
        guard let name = ProfileName(name.text) else {
            throw ProtocolError.invalidParams(path: "profile", reason: "is no name of a profile")
        }
        return name
    }
}

/// Finds what is to be said about a profile.
struct ProfileChecker: Sendable {
    let planner: AgentPlanner
    /// Whose agents would run under it.
    let owner: UInt32
    /// What weakens a jail is seen on the host's files, and with the daemon's eyes. So whoever names the paths must be
    /// somebody who could look for themselves.
    let mayLook: Bool

    /// At most so many findings: whoever has more to mend asks again.
    private static let most = 200

    /// Blocks.
    func check(_ name: ProfileName, text: String?) -> ProfileCheck.Result {
        let all = findings(name, text)
        var page = AnswerPage()
        let findings = page.take(Array(all.prefix(Self.most)))
        return ProfileCheck.Result(
            isSound: !all.contains { $0.severity == .error }, findings: findings,
            total: findings.count < all.count ? all.count : nil)
    }

    private func findings(_ name: ProfileName, _ text: String?) -> [ProfileCheck.Finding] {
        do {
            let profile: Profile
            if let text {
                profile = try planner.profiles.load(text: text, named: name)
            } else {
                profile = try planner.profiles.load(named: name)
            }
            guard mayLook, let owner = planner.owner(owner) else { return [] }
            return profile.weaknesses(for: owner).map {
                .init(severity: .warning, file: profile.files[0], message: $0)
            }
        } catch {
            return error.problems.map {
                .init(severity: .error, file: $0.file, line: $0.line, column: $0.column, message: $0.message)
            }
        }
    }
}

extension ProfileLibrary {
    /// Nil when its file has just gone.
    fileprivate func summary(of name: ProfileName) -> ProfileList.Summary? {
        guard let file = file(of: name), let shown = try? ConfigurationName(name.rawValue) else { return nil }
        do {
            let profile = try load(named: name)
            return .init(name: shown, description: profile.description, file: file, isSound: true)
        } catch {
            return .init(
                name: shown, description: nil, file: file, isSound: false, problem: error.problems.first?.description)
        }
    }
}

extension AgentPlanner {
    /// Nil when its file has just gone.
    fileprivate func summary(of name: LauncherName, for owner: PlanRequest.Owner?) -> LauncherList.Summary? {
        guard let file = launchers.file(of: name), let shown = try? ConfigurationName(name.rawValue) else { return nil }
        do {
            let launcher = try launchers.load(named: name)
            return .init(
                name: shown, description: launcher.description, file: file, isSound: true,
                profile: try? ConfigurationName(launcher.profile.rawValue), program: program(of: launcher, for: owner),
                takesPrompt: launcher.takesPrompt, takesArguments: launcher.takesArguments, resumes: launcher.resumes)
        } catch {
            return .init(name: shown, file: file, isSound: false, problem: error.problems.first?.description)
        }
    }

    private func program(of launcher: Launcher, for owner: PlanRequest.Owner?) -> LauncherList.Program? {
        guard let name = launcher.program else { return nil }
        guard let owner else {
            return .init(name: name, path: nil, problem: "there is no such user, for whom it could be looked for")
        }
        var request = PlanRequest(owner: owner, agent: "agent", workspace: nil)
        (request.programs, request.searchPath) = (programs, searchPath)
        do {
            let profile = try profiles.load(named: launcher.profile)
            return .init(name: name, path: try launcher.findProgram(request, under: profile))
        } catch let error as PlanError {
            return .init(name: name, path: nil, problem: error.message)
        } catch {
            return .init(name: name, path: nil, problem: "\(error)")
        }
    }
}

extension Profile {
    /// What weakens a jail of that owner's, as far as it can be said without a request.
    fileprivate func weaknesses(for owner: PlanRequest.Owner) -> [String] {
        var request = PlanRequest(
            owner: owner, agent: "agent", workspace: workspace == .none ? nil : "\(owner.home)/workspace")
        request.arguments = ["command"]
        request.machineID = 0
        request.changes = .agentDirectory("changes")
        // Nobody in particular: who it is is decided at each start.
        if identity == .dynamic { request.outside = .init(uid: 65534, gid: 65534) }
        guard let plan = try? plan(request) else { return [] }
        return Weaknesses(of: plan, for: request, under: self).all
    }
}

extension JSONValue {
    init(_ text: JSONText) {
        switch text {
        case .string(let value): self = .string(value)
        case .number(let value): self = .integer(value)
        case .boolean(let value): self = .bool(value)
        case .array(let values): self = .array(values.map { JSONValue($0) })
        case .object(let members): self = .object(members.mapValues { JSONValue($0) })
        }
    }
}
