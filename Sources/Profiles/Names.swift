// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What a profile or launcher may be called: also the name of its file without `.yaml`, so no name leads elsewhere.
private func isConfigurationName(_ name: String) -> Bool {
    let first = name.utf8.first.map { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) } ?? false
    return first && name.utf8.count <= 64
        && name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D
        }
}

/// The name of a library's document: 1 to 64 of `a-z 0-9 . _ -`, first a letter or digit.
package protocol LibraryName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// For messages: "profile".
    static var noun: String { get }
    var rawValue: String { get }
    init?(_ name: String)
}

extension LibraryName {
    package var description: String { rawValue }
    package static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
    static var rule: String { "a name is 1 to 64 of a-z, 0-9, ., _ and -, beginning with a letter or digit" }
}

package struct ProfileName: LibraryName {
    package static let noun = "profile"
    package let rawValue: String

    package init?(_ name: String) {
        guard isConfigurationName(name) else { return nil }
        rawValue = name
    }
}

package struct LauncherName: LibraryName {
    package static let noun = "launcher"
    package let rawValue: String

    package init?(_ name: String) {
        guard isConfigurationName(name) else { return nil }
        rawValue = name
    }
}
