// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// What an agent has used, with the name under which it was asked for.
struct NamedUsage: Sendable {
    let name: String
    let usage: AgentUsage.Result
}

/// What agents have used, as `agentctl usage` shows it.
enum UsageListing: Listed {
    static let columns: [Column<NamedUsage>] = [
        Column("agent") { row, _ in row.name },
        Column("time") { row, _ in row.usage.wallMilliseconds.map { RelativeTime.text(seconds: $0 / 1000) } },
        Column("cpu") { row, _ in row.usage.cpu.microseconds.map { "\(ShortNumber.tenths($0 / 1_000_000))s" } },
        Column("memory") { row, _ in bytes(row.usage.memory.currentBytes) },
        Column("peak") { row, _ in bytes(row.usage.memory.peakBytes ?? row.usage.memory.largestProcessBytes) },
        Column("swap", isUsual: false) { row, _ in bytes(row.usage.memory.swapBytes) },
        Column("pids") { row, _ in row.usage.pids.current.map(String.init) },
        Column("pids-peak", isUsual: false) { row, _ in row.usage.pids.peak.map(String.init) },
        Column("read") { row, _ in bytes(row.usage.io.readBytes) },
        Column("written") { row, _ in bytes(row.usage.io.writtenBytes) },
        Column("ooms", isUsual: false) { row, _ in row.usage.memory.events?["oom_kill"].map(String.init) },
        Column("refused", style: { $0.usage.refused.isEmpty ? nil : .waiting }) { row, _ in
            row.usage.refused.map { "\($0.call) by \($0.process) (\($0.count))" }.joined(separator: ", ")
        },
    ]

    static func id(of row: NamedUsage) -> String { row.name }

    private static func bytes(_ count: Int64?) -> String? { count.map { ShortNumber.bytes(Double($0)) } }
}

extension AgentUsage.Processor {
    /// Of user and kernel together; nil when neither is known.
    var microseconds: Double? {
        userMicroseconds == nil && systemMicroseconds == nil
            ? nil : Double(userMicroseconds ?? 0) + Double(systemMicroseconds ?? 0)
    }
}
