// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A terminal's size in characters; 1 to 65535 each.
public struct TerminalSize: Codable, Sendable, Hashable, BoundedMembers {
    public static let bounds = ["columns": Bounds(1, 65535), "rows": Bounds(1, 65535)]

    /// Characters in a line, 1 to 65535.
    public var columns: UInt16
    /// Lines, 1 to 65535.
    public var rows: UInt16

    public init(columns: UInt16, rows: UInt16) {
        self.columns = columns
        self.rows = rows
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func dimension(_ key: CodingKeys) throws -> UInt16 {
            let value = try container.decode(UInt16.self, forKey: key)
            if let fault = Self.bounds[key.stringValue]?.fault(Double(value)) {
                throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: fault)
            }
            return value
        }
        columns = try dimension(.columns)
        rows = try dimension(.rows)
    }
}
