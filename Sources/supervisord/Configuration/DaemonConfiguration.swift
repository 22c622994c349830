// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What may change while the daemon runs: `config.yaml`, read again by SIGHUP or `supervisor/reload`.
struct DaemonConfiguration: Sendable {
    var planner: AgentPlanner
    /// Bytes of output that are kept of an agent whose profile does not say.
    var ring: UInt64 = 64 << 20
    /// For profiles with `identity: dynamic`.
    var identityPool: IdentityPool?
    /// How many agents run at once.
    var limits = Admission.Limits()
    var retention = Retention()
    /// What clients may ask for at once.
    var clients = ClientLimits()
}
