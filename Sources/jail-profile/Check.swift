// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import Profiles

/// `jail-profile check`
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Name everything that is wrong with a profile.")

    @Argument(help: ArgumentHelp("A file, or a name to look up.", valueName: "file|name"))
    var file: String

    @Flag(help: "The file is a launcher.")
    var launcher = false

    @OptionGroup var library: LibraryOptions

    func run() throws {
        if launcher {
            // Useless without its profile, so that is looked at, too.
            _ = try library.profiles.load(named: library.launcher(file).profile)
        } else {
            _ = try library.profile(file)
        }
    }
}
