// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// A filter run by ourselves: the kernel does not pass on to a listener what its filter answered, so who hears a call
/// asks the same filter again.
enum FilterDecision {
    /// What `program` answers to `call`. `killProcess` for a program that is none of ours.
    static func answer(of program: FilterCode, to call: seccomp_data) -> UInt32 {
        withUnsafeBytes(of: call) { data in
            var value: UInt32 = 0
            var next = 0
            // Every jump leads forward, so this ends.
            while next < program.count {
                let instruction = program[next]
                let operand = instruction.k
                next += 1
                switch instruction.code {
                case 0x20:
                    guard operand % 4 == 0, Int(operand) + 4 <= data.count else { return FilterAnswer.killProcess }
                    value = data.load(fromByteOffset: Int(operand), as: UInt32.self)
                case 0x54: value &= operand
                case 0x05: next += Int(operand)
                case 0x06: return operand
                default:
                    guard let passes = test(instruction.code, value, operand) else { return FilterAnswer.killProcess }
                    next += Int(passes ? instruction.jt : instruction.jf)
                }
            }
            return FilterAnswer.killProcess
        }
    }

    private static func test(_ code: UInt16, _ value: UInt32, _ operand: UInt32) -> Bool? {
        switch FilterCode.Test(rawValue: code) {
        case .equal: value == operand
        case .greater: value > operand
        case .greaterOrEqual: value >= operand
        case .anyBit: value & operand != 0
        case nil: nil
        }
    }
}
