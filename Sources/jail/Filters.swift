// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux

/// `jail filters`: a plan's `systemCalls` as a policy on standard input, as JSON; what to put in its place (a
/// `CompiledFilters`) on standard output. A plan with finished filters starts without making them each time.
enum Filters {
    static func run(_ arguments: [String]) -> Int32 {
        guard arguments.isEmpty else { return Command.fail("filters takes no arguments") }
        do {
            let policy = try JailPlan.SystemCallPolicy(json: Files.readAll(0))
            let compiled = try JailPlan.CompiledFilters(compiling: policy)
            try Files.write(Array(JSONEncoder().encode(compiled)) + [UInt8(ascii: "\n")], to: 1)
            return 0
        } catch let failure as JailFailure {
            return Command.fail("\(failure)")
        } catch {
            return Command.fail("filters: \(error)")
        }
    }
}
