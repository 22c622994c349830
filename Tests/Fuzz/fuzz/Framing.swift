// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// Lines from a stream: however its bytes come in pieces, they are the same lines, and none is longer than it may be.
struct Framing {
    private let maximum: Int
    private let piece: Int
    private let stream: ArraySlice<UInt8>

    /// The first two bytes say how long a line may be, and in which pieces the others come.
    init(_ bytes: [UInt8]) {
        maximum = Int(bytes.first ?? 0)
        piece = max(1, Int(bytes.dropFirst().first ?? 1))
        stream = bytes.dropFirst(2)
    }

    func check() {
        let whole = lines(inPieces: stream.count)
        precondition(whole == expected, "the lines are not those of the stream")
        precondition(lines(inPieces: piece) == whole, "the lines hang on the pieces")
        precondition(lines(inPieces: 1) == whole, "the lines hang on the pieces")
    }

    private func lines(inPieces size: Int) -> [LineFramer.Item] {
        var framer = LineFramer(maximumLine: maximum)
        var items: [LineFramer.Item] = []
        var rest = stream
        while !rest.isEmpty {
            framer.append(rest.prefix(size))
            rest = rest.dropFirst(size)
            while let item = framer.next() { items.append(item) }
        }
        if let last = framer.finish() { items.append(last) }
        precondition(framer.finish() == nil, "something is left when all has been handed out")
        return items
    }

    /// By the rules in other words: split at newlines, one carriage return off the end, nothing that is empty.
    private var expected: [LineFramer.Item] {
        stream.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).compactMap { line in
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if line.isEmpty { return nil }
            return line.count > maximum ? .tooLong : .line(Array(line))
        }
    }
}
