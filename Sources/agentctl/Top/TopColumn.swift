// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// A column of `agentctl top`.
enum TopColumn: String, CaseIterable, Columned, NamedColumn {
    case name, state, cpu, memory, pids, output, age, line

    static var columns: [TopColumn] { allCases }

    var name: String { rawValue }
    var isUsual: Bool { true }

    var heading: String {
        switch self {
        case .name: "NAME"
        case .state: "STATE"
        case .cpu: "CPU%"
        case .memory: "MEM"
        case .pids: "PIDS"
        case .output: "OUT/s"
        case .age: "AGE"
        case .line: "LAST LINE"
        }
    }

    /// How wide it always is, so that it stays where it is from one reading to the next; nil where the rows or the screen
    /// decide.
    var width: Int? {
        switch self {
        case .name, .line: nil
        case .state: 8
        case .cpu: 6
        case .memory, .pids, .output: 5
        case .age: 4
        }
    }

    var isNumber: Bool { width != nil && self != .state }

    func text(_ row: TopRow) -> String {
        switch self {
        case .name: row.name.text
        case .state: row.state.rawValue
        case .cpu: row.cpuPercent.map(ShortNumber.tenths) ?? "-"
        case .memory: row.memoryBytes.map { ShortNumber.bytes(Double($0)) } ?? "-"
        case .pids: row.pids.map { "\($0)" } ?? "-"
        case .output: row.outputBytesPerSecond.map(ShortNumber.bytes) ?? "-"
        case .age: RelativeTime.text(seconds: row.ageSeconds)
        case .line: row.lastLine ?? ""
        }
    }

    func style(_ row: TopRow) -> Style? { self == .state ? row.state.style : nil }
}
