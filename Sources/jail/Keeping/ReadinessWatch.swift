// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import OutputLog

/// Looks in an agent's output for the sign that it is ready, line by line.
struct ReadinessWatch {
    private struct Line {
        var bytes: [UInt8] = []
        var isTooLong = false
    }

    private let readiness: JailPlan.Readiness
    /// The line that has begun, of each stream.
    private var lines: [OutputStream: Line] = [:]
    private(set) var isMet = false

    /// A prompt has no end of line, so a line is looked at before it ends as well, as long as it is this short: a longer
    /// one that comes byte by byte would be looked at too often.
    private static let longestPrompt = 1024

    init(_ readiness: JailPlan.Readiness) {
        self.readiness = readiness
    }

    mutating func take(_ bytes: [UInt8], _ stream: OutputStream) {
        guard !isMet, !bytes.isEmpty else { return }
        if readiness.sign == .output {
            isMet = true
            return
        }
        let parts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var line = lines[stream] ?? Line()
        for (index, part) in parts.enumerated() {
            if line.bytes.count + part.count > JailPlan.Readiness.longestLine {
                line = Line(isTooLong: true)
            } else if !line.isTooLong {
                line.bytes += part
            }
            let isWhole = index < parts.count - 1
            if !line.isTooLong, isWhole || (1...Self.longestPrompt).contains(line.bytes.count) { look(at: line.bytes) }
            if isMet { return lines = [:] }
            if isWhole { line = Line() }
        }
        lines[stream] = line
    }

    private mutating func look(at line: [UInt8]) {
        let end = line.last == UInt8(ascii: "\r") ? line.count - 1 : line.count
        isMet = readiness.isMet(by: line[..<end])
    }
}
