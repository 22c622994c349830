// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Cuts a stream of bytes into lines. Ends a line at `\n`, drops one `\r` before it, skips empty lines, and never keeps
/// more than one line's maximum and what one `append` brought.
public struct LineFramer: Sendable {
    public enum Item: Sendable, Equatable {
        /// Without its end.
        case line([UInt8])
        /// A line was longer than the maximum; it is reported once, as soon as that is known, and skipped.
        case tooLong
    }

    /// Bytes of a line, its end not counted.
    public let maximumLine: Int
    private var buffer: [UInt8] = []
    /// Where the line that has not ended yet starts in `buffer`.
    private var start = 0
    /// Up to where `buffer` is known to hold no end of line.
    private var scanned = 0
    private var isSkipping = false

    public init(maximumLine: Int) {
        self.maximumLine = maximumLine
    }

    /// Bytes that are kept: of what has not been taken by `next`, and of the line that has not ended.
    public var count: Int { buffer.count - start }

    public mutating func append(_ bytes: some Collection<UInt8>) {
        if start > 0 {
            buffer.removeSubrange(..<start)
            scanned -= start
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next line that is complete, or nil until more bytes are appended.
    public mutating func next() -> Item? {
        while let end = buffer[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
            var line = buffer[start..<end]
            start = end + 1
            scanned = start
            if isSkipping {
                isSkipping = false
                continue
            }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if line.count > maximumLine { return .tooLong }
            if !line.isEmpty { return .line(Array(line)) }
        }
        scanned = buffer.count
        // One byte more may still be a `\r`.
        if isSkipping || buffer.count - start > maximumLine + 1 {
            buffer.removeAll()
            (start, scanned) = (0, 0)
            defer { isSkipping = true }
            return isSkipping ? nil : .tooLong
        }
        return nil
    }

    /// The line that the end of the stream leaves without its own end, if any. The framer is empty then.
    public mutating func finish() -> Item? {
        append([UInt8(ascii: "\n")])
        return next()
    }
}
