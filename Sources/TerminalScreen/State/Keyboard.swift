// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// How the program wants keys reported beyond what terminals have always done.
struct Keyboard {
    /// As in kitty; of more, the oldest go.
    private static let maximumDepth = 8

    /// The flags of the kitty keyboard protocol, the last in force; never empty. Each screen has its own.
    struct Flags: Equatable {
        private(set) var stack: [UInt8] = [0]

        var present: UInt8 { stack[stack.count - 1] }

        /// `CSI > flags u`
        mutating func push(_ flags: Int) {
            if stack.count > Keyboard.maximumDepth { stack.remove(at: 1) }
            stack.append(UInt8(flags & 0x1F))
        }

        /// `CSI < count u`: whoever takes more than there are has none left.
        mutating func pop(_ count: Int) {
            if count >= stack.count { stack = [0] } else { stack.removeLast(count) }
        }

        /// `CSI = flags ; how u`: replaces (1), adds (2) or takes away (3).
        mutating func set(_ flags: Int, how: Int) {
            let flags = UInt8(flags & 0x1F)
            switch how {
            case 1: stack[stack.count - 1] = flags
            case 2: stack[stack.count - 1] |= flags
            case 3: stack[stack.count - 1] &= ~flags
            default: break
            }
        }
    }

    var main = Flags()
    var alternate = Flags()
    /// xterm's XTMODKEYS: what `CSI > resource ; value m` has set; 4 is modifyOtherKeys.
    private(set) var modifiers: [Int: Int] = [:]
    static let modifierResources = 0...7

    mutating func setModifiers(_ resource: Int, _ value: Int?) {
        guard Keyboard.modifierResources ~= resource else { return }
        modifiers[resource] = value == 0 && resource == 4 ? nil : value.map { min($0, 9) }
    }

    mutating func resetModifiers() { modifiers = [:] }
}
