// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// Launchers, as `agentctl launcher list` shows them.
enum LauncherListing: Listed {
    static let columns: [Column<LauncherList.Summary>] = [
        Column("name") { launcher, _ in launcher.name.text },
        Column("file", isUsual: false) { launcher, _ in launcher.file },
        Column("profile") { launcher, _ in launcher.profile?.text },
        Column("program", style: { $0.program?.problem == nil ? nil : .waiting }) { launcher, _ in
            launcher.program.map { $0.path ?? "not found: \($0.name)" }
        },
        Column("takes") { launcher, _ in
            [launcher.takesPrompt ? "prompt" : nil, launcher.takesArguments ? "arguments" : nil]
                .compactMap(\.self).joined(separator: ", ")
        },
        Column("resumes", isUsual: false) { launcher, _ in launcher.resumes ? "yes" : "no" },
        Column("description", style: { $0.problem == nil ? nil : .bad }) { launcher, _ in
            launcher.problem.map { "wrong: \($0)" } ?? launcher.description
        },
    ]

    static func id(of launcher: LauncherList.Summary) -> String { launcher.name.text }
}
