// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Where something is in a workspace: its names from the root down. The root itself has none.
package struct WorkspacePath: Hashable, Comparable, Sendable {
    /// The names with slashes between them: none at the ends, none doubled.
    package let bytes: [UInt8]

    package static let root = WorkspacePath(unchecked: [])

    private init(unchecked bytes: [UInt8]) { self.bytes = bytes }

    /// A path as a person writes it. Nil when it is absolute, has `..` in it, or NUL.
    package init?(_ given: [UInt8]) {
        guard !given.isEmpty, given[0] != slash, !given.contains(0) else { return nil }
        let names = given.split(separator: slash).filter { $0 != [dot] }
        guard !names.contains([dot, dot]) else { return nil }
        bytes = Array(names.joined(separator: [slash]))
    }

    package init?(_ given: String) { self.init(Array(given.utf8)) }

    package static func < (a: WorkspacePath, b: WorkspacePath) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }

    package func appending(_ name: FileName) -> WorkspacePath {
        WorkspacePath(unchecked: bytes.isEmpty ? name.bytes : bytes + [slash] + name.bytes)
    }

    package var isRoot: Bool { bytes.isEmpty }

    package var names: [ArraySlice<UInt8>] { bytes.split(separator: slash) }

    package var name: FileName {
        FileName(Array(bytes[(bytes.lastIndex(of: slash).map { $0 + 1 } ?? 0)...]))
    }

    package var parent: WorkspacePath {
        WorkspacePath(unchecked: Array(bytes[..<(bytes.lastIndex(of: slash) ?? 0)]))
    }

    /// What it lies in, the outermost first, without the root.
    package var ancestors: [WorkspacePath] {
        bytes.indices.filter { bytes[$0] == slash }.map { WorkspacePath(unchecked: Array(bytes[..<$0])) }
    }

    /// Whether it is `other`, or below it.
    package func isWithin(_ other: WorkspacePath) -> Bool {
        if other.isRoot || bytes == other.bytes { return true }
        return bytes.count > other.bytes.count && bytes[other.bytes.count] == slash && bytes.starts(with: other.bytes)
    }

    /// As the kernel takes it, relative to the root's descriptor.
    package var fileName: FileName { FileName(isRoot ? [dot] : bytes) }

    /// As git shows a path: in double quotes, with escapes, if there is anything in it that could be taken for
    /// something else; as it is if not.
    package var quoted: String { quoted(after: "") }

    /// The same with something before it that goes inside the quotes, such as `a/`.
    package func quoted(after prefix: String) -> String { WorkspacePath.quoted(bytes, after: prefix) }

    /// The same for the target of a link, which may be any bytes.
    package static func quoted(_ target: FileName) -> String { quoted(target.bytes, after: "") }

    private static func quoted(_ bytes: [UInt8], after prefix: String) -> String {
        let plain = bytes.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != backslash }
        if plain { return prefix + String(decoding: bytes, as: UTF8.self) }
        return "\"" + prefix + bytes.map(WorkspacePath.escaped).joined() + "\""
    }

    private static func escaped(_ byte: UInt8) -> String {
        switch byte {
        case 0x07: return "\\a"
        case 0x08: return "\\b"
        case 0x09: return "\\t"
        case 0x0A: return "\\n"
        case 0x0B: return "\\v"
        case 0x0C: return "\\f"
        case 0x0D: return "\\r"
        case UInt8(ascii: "\""): return "\\\""
        case backslash: return "\\\\"
        case 0x20...0x7E: return String(UnicodeScalar(byte))
        default:
            let digits = String(byte, radix: 8)
            return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }
    }
}

let slash = UInt8(ascii: "/")
let dot = UInt8(ascii: ".")
private let backslash = UInt8(ascii: "\\")
