// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol

/// Keys that detach when they are pressed one after the other, as docker's `--detach-keys` names them: `ctrl-` and a
/// letter or one of `\ ] ^ _`, or a printable ASCII character, with commas between.
struct DetachKeys: ExpressibleByArgument, Equatable {
    /// The variable that names others for every `attach`.
    static let variable = "AGENTCTL_DETACH_KEYS"
    static let usual = DetachKeys(keys: [.control(93), .control(93)], text: "ctrl-],ctrl-]")

    /// A key as terminals tell of it.
    enum Key: Equatable {
        /// Ctrl and a character, which is given as it is without Ctrl.
        case control(UInt8)
        case character(UInt8)

        /// What a terminal sends for it, unless a program has asked for more.
        var byte: UInt8 {
            switch self {
            case .control(let character): character & 0x1F
            case .character(let character): character
            }
        }
    }

    let keys: [Key]
    let text: String

    private init(keys: [Key], text: String) {
        (self.keys, self.text) = (keys, text)
    }

    init(_ text: String) throws(ValueError) {
        var keys: [Key] = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let key = Self.key(String(name)) else {
                throw ValueError(
                    "\"\(text)\" is not a sequence of keys such as \(Self.usual.text), ctrl-p,ctrl-q or ctrl-a,d")
            }
            keys.append(key)
        }
        self.init(keys: keys, text: text)
    }

    init?(argument: String) {
        guard let keys = try? DetachKeys(argument) else { return nil }
        self = keys
    }

    /// What the option says, else the variable, else the usual ones.
    static func resolve(option: DetachKeys?, environment: [String: String]) throws -> DetachKeys {
        if let option { return option }
        guard let text = environment[variable], !text.isEmpty else { return usual }
        do {
            return try DetachKeys(text)
        } catch {
            throw Failure.usage("\(variable): \(error)")
        }
    }

    /// Not Ctrl-[, which is what Escape and every other key's sequence begins with.
    private static func key(_ name: String) -> Key? {
        let bytes = Array(name.utf8)
        if bytes.count == 1, (0x21...0x7E).contains(bytes[0]) { return .character(bytes[0]) }
        guard name.lowercased().hasPrefix("ctrl-"), bytes.count == 6 else { return nil }
        switch bytes[5] {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "\\"), UInt8(ascii: "]")...UInt8(ascii: "_"):
            return .control(bytes[5])
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return .control(bytes[5] | 0x20)
        default: return nil
        }
    }
}
