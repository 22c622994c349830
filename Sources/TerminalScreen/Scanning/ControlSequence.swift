// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A control sequence, `CSI … final` (ECMA-48 5.4).
struct ControlSequence {
    /// One of `<=>?` before the parameters, or 0.
    var leader: UInt8 = 0
    /// At most 32, as terminals take them; the rest is not kept. nil is one that was left out.
    private(set) var parameters: [UInt16?] = []
    /// Which of them followed a colon: they belong to the one before.
    private(set) var belongs: [Bool] = []
    /// The intermediate byte, or 0 for none, or `unknownIntermediate`.
    var intermediate: UInt8 = 0
    var final: UInt8 = 0

    static let unknownIntermediate: UInt8 = 0xFF
    private static let maximumParameters = 32

    private var isFull = false

    mutating func clear() {
        leader = 0
        parameters.removeAll(keepingCapacity: true)
        belongs.removeAll(keepingCapacity: true)
        intermediate = 0
        final = 0
        isFull = false
    }

    mutating func digit(_ value: UInt16) {
        guard !isFull else { return }
        if parameters.isEmpty { begin(belonging: false) }
        let last = parameters.count - 1
        let (product, overflow) = (parameters[last] ?? 0).multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(value)
        parameters[last] = overflow || carry ? .max : sum
    }

    /// `;`, or `:` before a parameter that belongs to the one before.
    mutating func separator(belonging: Bool) {
        if parameters.isEmpty { begin(belonging: false) }
        begin(belonging: belonging)
    }

    private mutating func begin(belonging: Bool) {
        guard parameters.count < ControlSequence.maximumParameters else {
            isFull = true
            return
        }
        parameters.append(nil)
        belongs.append(belonging)
    }

    /// A parameter by its index, or `missing` if it was left out.
    func parameter(_ index: Int, or missing: Int) -> Int {
        index < parameters.count ? parameters[index].map(Int.init) ?? missing : missing
    }

    /// The same for one that counts: 0 means 1.
    func count(_ index: Int = 0) -> Int { max(parameter(index, or: 1), 1) }
}
