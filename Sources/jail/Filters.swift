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
            let input = Data(try Files.readAll(0))
            let compiled = try JailPlan.CompiledFilters(compiling: policy(input))
            try Files.write(Array(JSONEncoder().encode(compiled)) + [UInt8(ascii: "\n")], to: 1)
            return 0
        } catch let failure as JailFailure {
            return Command.fail("\(failure)")
        } catch {
            return Command.fail("filters: \(error)")
        }
    }

    /// As a plan has it under `systemCalls`, or the policy by itself.
    private static func policy(_ input: Data) throws -> JailPlan.SystemCallPolicy {
        guard let systemCalls = try? JSONDecoder().decode(JailPlan.SystemCalls.self, from: input) else {
            do {
                return try JSONDecoder().decode(JailPlan.SystemCallPolicy.self, from: input)
            } catch {
                throw JailFailure(
                    stage: "seccomp", action: "standard input has no system call policy as plans have it: \(error)")
            }
        }
        guard case .policy(let policy) = systemCalls else {
            throw JailFailure(stage: "seccomp", action: "these system calls are compiled filters already")
        }
        return policy
    }
}
