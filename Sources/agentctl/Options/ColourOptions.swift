// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import FoundationEssentials

/// Whether a table has colours.
struct ColourOptions: ParsableArguments {
    enum When: String, ExpressibleByArgument, CaseIterable {
        /// On a terminal, unless NO_COLOR is set (https://no-color.org) or TERM is dumb.
        case auto
        case always
        case never
    }

    @Option(
        help: ArgumentHelp("Whether to use colours; auto: on a terminal, unless NO_COLOR is set.", valueName: "when"))
    var color: When = .auto

    var palette: Palette {
        Palette(
            isOn: Self.isOn(
                color, isTerminal: StandardOutput.isTerminal, environment: ProcessInfo.processInfo.environment))
    }

    static func isOn(_ when: When, isTerminal: Bool, environment: [String: String]) -> Bool {
        switch when {
        case .always: true
        case .never: false
        case .auto: isTerminal && environment["NO_COLOR"] ?? "" == "" && environment["TERM"] != "dumb"
        }
    }
}
