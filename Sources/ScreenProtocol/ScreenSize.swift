// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A terminal's size in characters, as far as a screen is kept of it: 1 to 1000 each.
///
/// A terminal itself may be larger (65535); its cells would then cost more memory than a screen is worth.
package struct ScreenSize: Codable, Sendable, Hashable {
    package static let limit: ClosedRange<UInt16> = 1...1000

    package let columns: UInt16
    package let rows: UInt16

    /// nil unless both are within `limit`.
    package init?(columns: UInt16, rows: UInt16) {
        guard ScreenSize.limit ~= columns, ScreenSize.limit ~= rows else { return nil }
        self.columns = columns
        self.rows = rows
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let columns = try container.decode(UInt16.self, forKey: .columns)
        let rows = try container.decode(UInt16.self, forKey: .rows)
        guard let size = ScreenSize(columns: columns, rows: rows) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "must be between 1 and 1000 each"))
        }
        self = size
    }
}
