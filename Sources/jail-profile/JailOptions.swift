// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import JailPlan
import Profiles

/// What a jail is for, beyond its profile and its owner.
struct JailOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The directory to work in, at its own path.", valueName: "dir"))
    var workspace: String?

    @Option(
        name: .customLong("chdir"),
        help: ArgumentHelp("Where in the jail the command starts, if not where the profile says.", valueName: "dir"))
    var workingDirectory: String?

    @Option(
        help: ArgumentHelp(
            "Where changes to the workspace are kept, under a profile with an overlay.", valueName: "dir"))
    var changes: String?

    @Option(
        help: ArgumentHelp(
            "Who the agent is to the host, under a profile with identity: dynamic.", valueName: "uid:gid"))
    var outside: OutsideIdentity?

    /// - Throws: when something is given that the profile has no use for: whoever gave it expects that it confines.
    func request(
        for owner: PlanRequest.Owner, command: [String], under profile: Profile
    ) throws -> PlanRequest {
        if changes != nil, profile.workspace != .overlay {
            throw ValidationError("--changes: the profile \(profile.name) keeps no changes apart (workspace: overlay)")
        }
        if outside != nil, profile.identity != .dynamic {
            throw ValidationError("--outside: under the profile \(profile.name) the command is its owner (identity)")
        }
        var request = PlanRequest(owner: owner, agent: "jail", workspace: workspace.map(AbsolutePath.of))
        request.arguments = command
        request.workingDirectory = workingDirectory
        request.changes = changes.map { .path(AbsolutePath.of($0)) }
        request.outside = outside.map { .init(uid: $0.uid, gid: $0.gid) }
        return request
    }
}

/// `100000:100000`
struct OutsideIdentity: ExpressibleByArgument {
    var uid: UInt32
    var gid: UInt32

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
        // The last number is no user but "leave as it is" (setresuid(2)); root is no stranger.
        guard parts.count == 2, let uid = parts[0], let gid = parts[1], uid > 0, gid > 0, uid < .max, gid < .max else {
            return nil
        }
        self.uid = uid
        self.gid = gid
    }
}
