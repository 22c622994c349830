// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A file's name, or a path of names, as the kernel sees it: bytes without NUL. A `String` would repair what is not
/// UTF-8, and so name another file.
package struct FileName: Hashable, Comparable, Sendable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }
    package init(_ text: String) { bytes = Array(text.utf8) }

    package static func < (a: FileName, b: FileName) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }

    /// For messages: what is not UTF-8 is shown as U+FFFD.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    package func withPointer<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: bytes.count + 1, alignment: 1) { buffer in
            buffer.copyBytes(from: bytes)
            buffer[bytes.count] = 0
            return body(UnsafePointer(buffer.bindMemory(to: CChar.self).baseAddress!))
        }
    }
}
