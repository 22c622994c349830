// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import Glibc
import Profiles

/// `jail-profile schema`
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of profiles, for editors.",
        discussion: "In a profile: # yaml-language-server: $schema=FILE")

    @Flag(help: "The schema of launchers.")
    var launcher = false

    func run() throws {
        let schema = launcher ? ConfigurationSchema.launcher : ConfigurationSchema.profile
        try FileDescriptorStream.write(JSONText.indented(schema) + "\n", to: STDOUT_FILENO)
    }
}
