// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Logging
import Synchronization

/// Has `jail filters` compile system call policies, each once: it takes libseccomp longer than all the rest of a start.
final class FilterCompiler: Sendable {
    private let jail: String
    private let logger: Logger
    /// By the policy's canonical JSON and the program that compiled it.
    private let compiled = Mutex<[Key: JailPlan.CompiledFilters]>([:])

    private struct Key: Hashable {
        var policy: [UInt8]
        var program: [Int64]
    }

    /// How many policies are remembered: a host has a handful of profiles.
    private static let room = 64
    /// What compiling may take at most.
    private static let patience = Duration.seconds(10)

    init(jail: String, logger: Logger) {
        self.jail = jail
        self.logger = logger
    }

    /// The compiled form, or the policy itself where compiling fails: then the jail compiles it. Blocks.
    func compile(_ systemCalls: JailPlan.SystemCalls) -> JailPlan.SystemCalls {
        guard case .policy(let policy) = systemCalls else { return systemCalls }
        do {
            let document = try CanonicalJSON.encode(policy)
            // Filters are good for the program that made them: an upgrade replaces it.
            let key = Key(policy: document, program: try identity())
            if let known = compiled.withLock({ $0[key] }) { return .compiled(known) }
            let filters = try run(document)
            compiled.withLock { known in
                if known.count >= Self.room { known.removeAll() }
                known[key] = filters
            }
            return .compiled(filters)
        } catch {
            logger.warning("\(jail) filters compiles no filters, so every jail compiles its own: \(error)")
            return systemCalls
        }
    }

    private func identity() throws -> [Int64] {
        var status = stat()
        try check("examine", jail) { stat(jail, &status) }
        return [
            Int64(bitPattern: UInt64(status.st_dev)), Int64(bitPattern: UInt64(status.st_ino)), Int64(status.st_size),
            Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec),
        ]
    }

    private func run(_ document: [UInt8]) throws -> JailPlan.CompiledFilters {
        let bytes = try JailProgram(path: jail).output(of: ["filters"], input: document, atMost: Self.patience)
        return try JSONDecoder().decode(JailPlan.CompiledFilters.self, from: Data(bytes))
    }
}
