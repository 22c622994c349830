// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What an apply or a discard did and did not do.
package struct Outcome: Sendable {
    package struct Note: Sendable {
        package let path: WorkspacePath
        /// One word for programs.
        package let code: String
        /// A sentence for people.
        package let message: String
    }

    /// Now as the agent has it, or no longer in the agent's layer.
    package internal(set) var done: [WorkspacePath] = []
    /// Why nothing of what was asked for together was done: `conflict`, `protected`, `repository`, `unreadable`,
    /// `unwritable`, `part-of-whole`.
    package internal(set) var refused: [Note] = []
    /// What cannot be applied, and stays in the agent's layer until it is discarded: `never-applied`.
    package internal(set) var skipped: [Note] = []
    /// What was done otherwise than the agent has it, or is worth a look: `set-id-dropped`, `leads-outside`,
    /// `hard-link`, `owner`, `attributes`, `unchanged`.
    package internal(set) var warnings: [Note] = []
    /// Why it stopped before everything was done.
    package internal(set) var failure: String?
}
