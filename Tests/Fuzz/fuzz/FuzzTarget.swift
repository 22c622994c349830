// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Glibc
import JailPlan
import Profiles

/// What reads what somebody else wrote, in files, over the socket and to terminals, given over to libFuzzer (`make fuzz`): for any bytes
/// it has to come back, with a value or with words about what is wrong, and what it accepts has to keep the promise of its
/// target.
enum FuzzTarget: String, CaseIterable {
    case profile, launcher, plan, framing, line, screen

    /// The one that the environment names: libFuzzer's entry takes bytes and nothing else.
    static let chosen: FuzzTarget = {
        guard let target = getenv("FUZZ_TARGET").flatMap({ FuzzTarget(rawValue: String(cString: $0)) }) else {
            fatalError("FUZZ_TARGET is none of \(allCases.map(\.rawValue))")
        }
        return target
    }()

    func read(_ bytes: [UInt8]) throws {
        switch self {
        case .profile:
            let profile = try ProfileLibrary(directories: Scratch.directories).load(file: Scratch.file(bytes))
            try FuzzTarget.plan(profile)
        case .launcher:
            let launcher = try LauncherLibrary(directories: Scratch.directories).load(file: Scratch.file(bytes))
            let profile = try ProfileLibrary(directories: Scratch.directories).load(named: launcher.profile)
            var request = FuzzTarget.request
            if launcher.takesPrompt { request.prompt = "a prompt" }
            request.arguments = launcher.takesArguments ? ["one", "two"] : []
            let assembled = try launcher.assemble(request, profile: profile)
            try FuzzTarget.mustBeReadable(assembled.plan)
        case .plan:
            try FuzzTarget.mustBeReadable(JailPlan(json: bytes))
        case .framing: Framing(bytes).check()
        case .line: try RequestReading(bytes).check()
        case .screen: ScreenFuzzing.follow(bytes)
        }
    }

    /// Everything that is done with a profile before a jail is built.
    private static func plan(_ profile: Profile) throws {
        var request = request
        request.arguments = ["true"]
        let plan = try profile.plan(request)
        _ = Weaknesses(of: plan, for: request, under: profile).all
        try mustBeReadable(plan)
    }

    private static var request: PlanRequest {
        var request = PlanRequest(
            owner: .init(uid: 1000, gid: 1000, groups: [], name: "ada", home: "/home/ada"), agent: "fuzz",
            workspace: "/srv/work")
        request.changes = .path("/srv/changes")
        request.outside = .init(uid: 100_000, gid: 100_000)
        request.machineID = 1
        return request
    }

    /// A plan goes to `jail` as text: what is accepted here and not there would only be found when an agent starts.
    private static func mustBeReadable(_ plan: JailPlan) throws {
        let again = try? JailPlan(json: Array(JSONText.canonical(plan).utf8))
        precondition(again == plan, "a plan is not what comes back from its text")
    }
}

/// A file in memory for each input, beside the shipped profiles, which it may extend.
private enum Scratch {
    private static let directory = getenv("FUZZ_DIRECTORY").map { String(cString: $0) } ?? "/dev/shm"
    static let directories = ["sandbox-profiles", "launchers"]

    static func file(_ bytes: [UInt8]) throws -> String {
        let path = directory + "/input.yaml"
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }
}
