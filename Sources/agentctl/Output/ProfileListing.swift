// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// Profiles, as `agentctl profile list` shows them.
enum ProfileListing: Listed {
    static let columns: [Column<ProfileList.Summary>] = [
        Column("name") { profile, _ in profile.name.text },
        Column("file") { profile, _ in profile.file },
        Column("description", style: { $0.problem == nil ? nil : .bad }) { profile, _ in
            profile.problem.map { "wrong: \($0)" } ?? profile.description
        },
    ]

    static func id(of profile: ProfileList.Summary) -> String { profile.name.text }
}
