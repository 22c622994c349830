// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What a control sequence (CSI) says, where all terminals read it alike.
struct ControlSequence {
    /// One of `< = > ?` before all else.
    let prefix: UInt8?
    /// As numbers, whatever zeros they begin with; none is 0.
    let parameters: [Int]
    let intermediates: [UInt8]

    /// More of them, or greater ones, are left out by some terminals and not by others.
    private static let mostParameters = 16
    private static let greatest = 32767

    /// Nil where it is not written as such sequences are: what a terminal makes of it cannot be known.
    init?(_ bytes: [UInt8]) {
        let prefix = bytes.first.flatMap { (0x3C...0x3F).contains($0) ? $0 : nil }
        let rest = bytes.dropFirst(prefix == nil ? 0 : 1)
        let digits = rest.prefix { (0x30...0x3B).contains($0) }
        let intermediates = rest.dropFirst(digits.count)
        guard intermediates.allSatisfy({ (0x20...0x2F).contains($0) }) else { return nil }
        let fields = digits.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        guard fields.count <= Self.mostParameters else { return nil }
        var parameters: [Int] = []
        for field in fields {
            guard let number = field.isEmpty ? 0 : Int(String(decoding: field, as: UTF8.self)),
                number <= Self.greatest
            else { return nil }
            parameters.append(number)
        }
        self.prefix = prefix
        self.parameters = parameters
        self.intermediates = Array(intermediates)
    }
}
