// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// Puts the time of its first byte before each line of output that is otherwise left as it is.
struct LineTimes {
    private var isAtStart = true

    mutating func add(to bytes: [UInt8], at time: Timestamp) -> [UInt8] {
        var result: [UInt8] = []
        for byte in bytes {
            if isAtStart { result += Array("\(time) ".utf8) }
            result.append(byte)
            isAtStart = byte == UInt8(ascii: "\n")
        }
        return result
    }
}
