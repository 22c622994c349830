// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A terminal's size in characters; 1 to 65535 each.
package struct TerminalSize: Codable, Sendable, Hashable {
    package var columns: UInt16
    package var rows: UInt16

    package init(columns: UInt16, rows: UInt16) {
        self.columns = columns
        self.rows = rows
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func dimension(_ key: CodingKeys) throws -> UInt16 {
            let value = try container.decode(UInt16.self, forKey: key)
            guard value > 0 else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "must be between 1 and \(UInt16.max), not 0")
            }
            return value
        }
        columns = try dimension(.columns)
        rows = try dimension(.rows)
    }
}
