// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

extension JailPlan.SystemCallRule.Condition {
    /// `code` if the condition holds, else what comes after it.
    ///
    /// The kernel itself takes many arguments by their low 32 bits only (`int`), and a caller can put what it likes
    /// into the others: comparing 64 bits, `socket` of family 3 would not be recognised in 0x1_00000003
    /// (CVE-2019-10063). Which arguments these are a filter cannot know. So a rule that refuses holds if either
    /// reading of the argument does, one that allows only if both do. For each comparison that is one of the two.
    func code(refusing: Bool, then code: FilterCode) -> FilterCode {
        let (low, high) = (UInt32(truncatingIfNeeded: value), UInt32(value >> 32))
        let fits = high == 0
        switch comparison {
        case .equal:
            return refusing && fits ? lowHalf(.equal, low, code) : both(high, .equal, low, code)
        case .notEqual:
            if !refusing && fits { return unless(code) { lowHalf(.equal, low, $0) } }
            return unless(code) { both(high, .equal, low, $0) }
        case .greater:
            return !refusing && fits ? lowHalf(.greater, low, code) : above(.greater, code)
        case .greaterOrEqual:
            return !refusing && fits ? lowHalf(.greaterOrEqual, low, code) : above(.greaterOrEqual, code)
        case .less:
            if refusing && fits { return unless(code) { lowHalf(.greaterOrEqual, low, $0) } }
            return unless(code) { above(.greaterOrEqual, $0) }
        case .lessOrEqual:
            if refusing && fits { return unless(code) { lowHalf(.greater, low, $0) } }
            return unless(code) { above(.greater, $0) }
        case .equalUnder(let mask):
            let (lowMask, highMask) = (UInt32(truncatingIfNeeded: mask), UInt32(mask >> 32))
            let rest =
                [FilterArgument.low(argument), FilterArgument.mask(lowMask)]
                + FilterCode.when(.equal, low & lowMask, code)
            if highMask == 0 || (refusing && high & highMask == 0) { return rest }
            return [FilterArgument.high(argument), FilterArgument.mask(highMask)]
                + FilterCode.when(.equal, high & highMask, rest)
        }
    }

    private func lowHalf(_ test: FilterCode.Test, _ value: UInt32, _ code: FilterCode) -> FilterCode {
        [FilterArgument.low(argument)] + FilterCode.when(test, value, code)
    }

    private func both(_ high: UInt32, _ test: FilterCode.Test, _ low: UInt32, _ code: FilterCode) -> FilterCode {
        [FilterArgument.high(argument)] + FilterCode.when(.equal, high, lowHalf(test, low, code))
    }

    /// All 64 bits are greater than `value`, or pass `test` in the low half with the high one equal.
    private func above(_ test: FilterCode.Test, _ code: FilterCode) -> FilterCode {
        let (low, high) = (UInt32(truncatingIfNeeded: value), UInt32(value >> 32))
        return [
            FilterArgument.high(argument), FilterCode.jump(.greater, high, 3, 0),
            FilterCode.jump(.equal, high, 0, 2 + code.count), FilterArgument.low(argument),
            FilterCode.jump(test, low, 0, code.count),
        ] + code
    }

    /// `code` if what `test` makes does not hold.
    private func unless(_ code: FilterCode, _ test: (FilterCode) -> FilterCode) -> FilterCode {
        test([FilterCode.skip(code.count)]) + code
    }
}
