// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// What was found out about a host, as `agentctl doctor` shows it when columns are asked for.
enum DoctorListing: Listed {
    static let columns: [Column<SupervisorDoctor.Check>] = [
        Column("status", style: { $0.status.style }) { check, _ in check.status.rawValue },
        Column("check") { check, _ in check.name },
        Column("found") { check, _ in check.found },
        Column("hint") { check, _ in check.hint },
    ]

    static func id(of check: SupervisorDoctor.Check) -> String { check.name }
}

extension SupervisorDoctor.Status {
    var style: Style {
        switch self {
        case .ok: .good
        case .warning: .waiting
        case .problem: .bad
        }
    }
}
