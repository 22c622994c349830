// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux

/// `jail probe`: tries what jails need on this host, and says how it went as JSON on standard output. For supervisord
/// and agentctl, whose threads keep them from trying it themselves (unshare(2)).
enum Probe {
    private struct Answer: Encodable {
        var checks: [HostCheck]
    }

    static func run(_ arguments: [String]) -> Int32 {
        let directory: String
        switch arguments.count {
        case 0: directory = "/var/tmp"
        case 2 where arguments[0] == "--directory" && arguments[1].hasPrefix("/"): directory = arguments[1]
        default: return Command.fail("probe takes --directory and the path of one, or nothing")
        }
        do {
            let answer = Answer(checks: HostFacts.gather(directory: directory).checks)
            try Files.write(Array(JSONEncoder().encode(answer)) + [UInt8(ascii: "\n")], to: 1)
            return 0
        } catch {
            return Command.fail("probe: \(error)")
        }
    }
}
