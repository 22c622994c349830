// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

private func lines(_ text: String, maximum: Int = 10, chunk: Int) -> [LineFramer.Item] {
    var framer = LineFramer(maximumLine: maximum)
    var items: [LineFramer.Item] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        framer.append(rest.prefix(chunk))
        rest = rest.dropFirst(chunk)
        while let item = framer.next() { items.append(item) }
    }
    return items
}

private func line(_ text: String) -> LineFramer.Item { .line(Array(text.utf8)) }

@Suite("The line framer")
struct LineFramerTests {
    @Test("cuts the same lines whatever the pieces are in which the bytes come", arguments: [1, 2, 3, 7, 1000])
    func pieces(chunk: Int) {
        #expect(lines("a\nbc\r\n\n\r\n  \nlast", chunk: chunk) == [line("a"), line("bc"), line("  ")])
    }

    @Test("drops one carriage return only, and only at the end", arguments: [1, 1000])
    func carriageReturns(chunk: Int) {
        #expect(lines("a\rb\r\r\n", chunk: chunk) == [line("a\rb\r")])
    }

    @Test("passes a line of exactly the maximum, with either end", arguments: [1, 3, 1000])
    func exactly(chunk: Int) {
        #expect(
            lines("0123456789\n0123456789\r\nx\n", chunk: chunk) == [line("0123456789"), line("0123456789"), line("x")])
    }

    @Test("reports a longer line once, however long, and goes on with the next", arguments: [1, 3, 11, 12, 13, 1000])
    func tooLong(chunk: Int) {
        #expect(lines("ok\n01234567890\nok\n", chunk: chunk) == [line("ok"), .tooLong, line("ok")])
        #expect(
            lines(String(repeating: "x", count: 500) + "\nok\n" + String(repeating: "y", count: 99), chunk: chunk)
                == [.tooLong, line("ok"), .tooLong])
    }

    @Test("hands out what the end of the stream leaves without an end")
    func finish() {
        var framer = LineFramer(maximumLine: 10)
        framer.append(Array("a\nb".utf8))
        #expect(framer.next() == line("a"))
        #expect(framer.next() == nil)
        #expect(framer.finish() == line("b"))
        #expect(framer.finish() == nil)
    }

    @Test("a long line byte by byte takes no quadratic time")
    func byteByByte() {
        var framer = LineFramer(maximumLine: 1 << 20)
        let clock = ContinuousClock()
        let elapsed = clock.measure {
            for _ in 0..<(1 << 19) {
                framer.append(CollectionOfOne(UInt8(ascii: "x")))
                #expect(framer.next() == nil)
            }
        }
        #expect(elapsed < .seconds(20))
    }

    @Test("many lines in one piece take no quadratic time")
    func manyLines() {
        var framer = LineFramer(maximumLine: 1 << 20)
        framer.append(Array(repeating: [UInt8(ascii: "x"), UInt8(ascii: "\n")], count: 200_000).joined())
        var count = 0
        let clock = ContinuousClock()
        let elapsed = clock.measure { while framer.next() != nil { count += 1 } }
        #expect(count == 200_000)
        #expect(elapsed < .seconds(10))
    }
}
