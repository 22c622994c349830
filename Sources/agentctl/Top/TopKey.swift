// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A key of `agentctl top`.
enum TopKey: Equatable {
    case quit, up, down, pageUp, pageDown, home, end
    case sort(TopOrder)
}

/// Makes keys of what a terminal sends, cut anywhere. What means nothing is passed over.
struct TopKeys {
    private enum State {
        case plain
        /// After ESC.
        case escape
        /// After `ESC [` or `ESC O`, with the parameters so far.
        case sequence([UInt8])
    }

    private var state = State.plain

    mutating func type(_ bytes: [UInt8]) -> [TopKey] { bytes.compactMap { type($0) } }

    private mutating func type(_ byte: UInt8) -> TopKey? {
        switch state {
        case _ where byte == 0x1B: state = .escape
        case .plain: return Self.plain[byte]
        case .escape where byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O"): state = .sequence([])
        case .escape:
            // ESC by itself does nothing, so the key after it is one of its own.
            state = .plain
            return Self.plain[byte]
        case .sequence(let parameters) where (0x20...0x3F).contains(byte):
            state = .sequence(parameters.count < 16 ? parameters + [byte] : parameters)
        case .sequence(let parameters):
            state = .plain
            return Self.key(parameters, byte)
        }
        return nil
    }

    private static let plain: [UInt8: TopKey] = [
        UInt8(ascii: "q"): .quit, UInt8(ascii: "c"): .sort(.cpu), UInt8(ascii: "m"): .sort(.memory),
        UInt8(ascii: "p"): .sort(.pids), UInt8(ascii: "o"): .sort(.output), UInt8(ascii: "a"): .sort(.age),
        UInt8(ascii: "n"): .sort(.name),
    ]

    private static func key(_ parameters: [UInt8], _ final: UInt8) -> TopKey? {
        switch (String(decoding: parameters, as: UTF8.self), final) {
        case (_, UInt8(ascii: "A")): .up
        case (_, UInt8(ascii: "B")): .down
        case (_, UInt8(ascii: "H")), ("1", UInt8(ascii: "~")), ("7", UInt8(ascii: "~")): .home
        case (_, UInt8(ascii: "F")), ("4", UInt8(ascii: "~")), ("8", UInt8(ascii: "~")): .end
        case ("5", UInt8(ascii: "~")): .pageUp
        case ("6", UInt8(ascii: "~")): .pageDown
        default: nil
        }
    }
}
