// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What the program calls its window, and the names that it has put aside (XTPUSHTITLE).
struct Titles {
    /// In bytes; the rest is cut off.
    static let maximumLength = 1024
    private static let maximumDepth = 10

    struct Names: Equatable {
        var title: String?
        var icon: String?
    }

    var present = Names()
    private(set) var stack: [Names] = []

    mutating func push() {
        if stack.count == Titles.maximumDepth { stack.removeFirst() }
        stack.append(present)
    }

    mutating func pop() {
        guard let names = stack.popLast() else { return }
        if names.title != nil { present.title = names.title }
        if names.icon != nil { present.icon = names.icon }
    }

    /// Without controls, which no name needs and which would be obeyed where it is printed.
    static func name(_ bytes: ArraySlice<UInt8>) -> String {
        var name = String(decoding: bytes.prefix(maximumLength), as: UTF8.self)
        name.unicodeScalars.removeAll { $0.value < 0x20 || 0x7F...0x9F ~= $0.value }
        return name
    }
}
