// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import Glibc
import JailPlan
import Profiles

/// `jail-profile explain`
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what a process under a profile sees and may do, and what weakens that.",
        discussion: """
            With --format json, the effective policy in canonical form: the plan without a command and without the \
            values of its environment.
            """)

    @Argument(help: ArgumentHelp("A file, or a name to look up.", valueName: "file|name"))
    var file: String

    @OptionGroup var library: LibraryOptions

    @OptionGroup var jail: JailOptions

    @OptionGroup var owner: OwnerOptions

    @Option(help: ArgumentHelp("text or json."))
    var format = OutputFormat.text

    func run() throws {
        let profile = try library.profile(file)
        var request = try jail.request(for: try owner.owner(), command: ["COMMAND"], under: profile)
        // Each jail has one of its own; which is not known yet.
        request.machineID = 0
        // As the daemon does it; nothing is made here.
        request.changes = request.changes ?? .agentDirectory("changes")
        let isChosenLater = profile.identity == .dynamic && request.outside == nil
        // Somebody will be chosen at the start; that there is nobody yet is no fault of the profile's.
        if isChosenLater { request.outside = .init(uid: 65534, gid: 65534) }
        var plan = try profile.plan(request)
        let weaknesses = Weaknesses(of: plan, for: request, under: profile).all
        if isChosenLater { plan.identity.outside = nil }
        switch format {
        case .json: try FileDescriptorStream.write(JSONText.canonical(plan.policy) + "\n", to: STDOUT_FILENO)
        case .text:
            try FileDescriptorStream.write(
                Explanation(profile: profile, plan: plan, weaknesses: weaknesses).text, to: STDOUT_FILENO)
        }
    }
}
