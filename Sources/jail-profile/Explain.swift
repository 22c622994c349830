// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import Glibc
import JailPlan
import Profiles

/// `jail-profile explain`
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say what a process under a profile sees and may do.")

    @Argument(help: ArgumentHelp("A file, or a name to look up.", valueName: "file|name"))
    var file: String

    @OptionGroup var library: LibraryOptions

    @Option(help: ArgumentHelp("The directory to work in.", valueName: "dir"))
    var workspace: String?

    @OptionGroup var owner: OwnerOptions

    func run() throws {
        let profile = try library.profile(file)
        var request = PlanRequest(owner: try owner.owner(), agent: "jail", workspace: workspace.map(AbsolutePath.of))
        request.arguments = ["COMMAND"]
        let plan = try profile.plan(request)
        try FileDescriptorStream.write(Explanation(profile: profile, plan: plan).text, to: STDOUT_FILENO)
    }
}
