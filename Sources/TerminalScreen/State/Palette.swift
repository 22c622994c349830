// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Colours that the program has given other values (OSC 4, 10 to 19), as it wrote them.
struct Palette: Equatable {
    private static let maximumLength = 64

    /// By index.
    private(set) var indexed: [UInt8: [UInt8]] = [:]
    /// By the number of the command: 10 the text's, 11 the background's, 12 the cursor's …
    private(set) var special: [Int: [UInt8]] = [:]

    /// Questions are no values, and nor is what could hold the end of a command.
    private static func isValue(_ value: some Collection<UInt8>) -> Bool {
        1...maximumLength ~= value.count && value.first != UInt8(ascii: "?") && value.allSatisfy { 0x21...0x7E ~= $0 }
    }

    /// `4;index;value;index;value …`
    mutating func setIndexed(_ fields: ArraySlice<ArraySlice<UInt8>>) {
        var fields = fields
        while let index = fields.popFirst(), let value = fields.popFirst() {
            guard let index = UInt8(String(decoding: index, as: UTF8.self)), Palette.isValue(value) else { continue }
            indexed[index] = Array(value)
        }
    }

    /// `10;value;value …`: each further one is for the next number.
    mutating func setSpecial(from number: Int, _ fields: ArraySlice<ArraySlice<UInt8>>) {
        for (number, value) in zip(number...19, fields) where Palette.isValue(value) { special[number] = Array(value) }
    }

    /// All of them if there are no fields.
    mutating func resetIndexed(_ fields: ArraySlice<ArraySlice<UInt8>>) {
        if fields.allSatisfy(\.isEmpty) { indexed = [:] }
        for field in fields { if let index = UInt8(String(decoding: field, as: UTF8.self)) { indexed[index] = nil } }
    }

    mutating func resetSpecial(_ number: Int) { special[number] = nil }
}
