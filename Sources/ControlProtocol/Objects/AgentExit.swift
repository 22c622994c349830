// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// How an agent's last attempt ended.
public struct AgentExit: Codable, Sendable, Hashable {
    /// 0 to 255; nil when a signal ended it, or when nobody knows.
    public var code: Int32?
    /// Which ended it; nil when none did, or nobody knows.
    public var signal: Signal?
    public var reason: ExitReason

    public init(code: Int32?, signal: Signal?, reason: ExitReason) {
        self.code = code
        self.signal = signal
        self.reason = reason
    }

    /// What a shell would show as `$?`: the code, or 128 and the signal's number; nil when nobody knows.
    public var shellStatus: Int32? { code ?? signal.map { 128 + $0.number } }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(code, forKey: .code)
        try container.encode(signal, forKey: .signal)
        try container.encode(reason, forKey: .reason)
    }
}

/// Why an agent ended.
public enum ExitReason: String, Codable, Sendable, CaseIterable {
    case exited
    case signaled
    /// By a client, with `agent/kill`.
    case killed
    /// By a client, with `agent/stop`.
    case stopped
    case outOfMemory = "out_of_memory"
    case wallTime = "wall_time"
    case cpuTime = "cpu_time"
    case idle
    /// It did not run, or was not ready, within `timeouts.start`.
    case startTime = "start_time"
    /// It made a system call that its profile answers with death.
    case seccomp
    /// Its shim is gone and left no record.
    case lost
}
