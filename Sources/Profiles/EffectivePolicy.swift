// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

extension JailPlan {
    /// The plan as a policy: what is the same for every command under it. Of the environment the names stay.
    package var policy: JailPlan {
        var policy = self
        policy.command.arguments = []
        policy.command.program = nil
        policy.command.environment = command.environment.mapValues { _ in "" }
        return policy
    }
}
