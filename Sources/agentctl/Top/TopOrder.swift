// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol

/// What the rows of `agentctl top` are sorted by: the largest first, names from A on.
enum TopOrder: String, ExpressibleByArgument, CaseIterable {
    case name, cpu, memory, pids, output, age

    /// Whatever cannot be told apart stands by name, and what nobody knows comes last.
    func sort(_ rows: [TopRow]) -> [TopRow] {
        func byName(_ left: TopRow, _ right: TopRow) -> Bool {
            (left.name.text, left.id.text) < (right.name.text, right.id.text)
        }
        guard let figure else { return rows.sorted(by: byName) }
        return rows.map { ($0, figure($0) ?? -1) }.sorted { left, right in
            left.1 == right.1 ? byName(left.0, right.0) : left.1 > right.1
        }.map(\.0)
    }

    private var figure: ((TopRow) -> Double?)? {
        switch self {
        case .name: nil
        case .cpu: \.cpuPercent
        case .memory: { $0.memoryBytes.map(Double.init) }
        case .pids: { $0.pids.map(Double.init) }
        case .output: \.outputBytesPerSecond
        case .age: { Double($0.ageSeconds) }
        }
    }
}
