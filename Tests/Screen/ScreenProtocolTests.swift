// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import ScreenProtocol
import Testing

@Suite struct ScreenProtocolTests {
    private let size = ScreenSize(columns: 80, rows: 24)!

    @Test("every request and every part of an answer comes out of its frame as it went in, however the bytes are cut")
    func roundTrip() throws {
        let requests: [ScreenRequest] = [
            .start(size), .output([]), .output([0, 255]),
            .resize(ScreenSize(columns: 1000, rows: 1)!), .look, .snapshot(history: 500),
        ]
        var reader = ScreenFrameReader()
        var read: [ScreenRequest] = []
        for byte in requests.flatMap(\.frame.bytes) {
            reader.append([byte])
            while let frame = try reader.frame() { read.append(try ScreenRequest(frame)) }
        }
        #expect(read == requests)
        #expect(!reader.isWithinFrame)
        for isLast in [true, false] {
            let part = ScreenAnswer(kind: .snapshot, isLast: isLast, bytes: [9, 8])
            #expect(try ScreenAnswer(part.frame) == part)
        }
    }

    @Test("a frame that is too long is refused by its header alone")
    func tooLong() throws {
        var reader = ScreenFrameReader()
        reader.append([2, 1, 0, 0x10, 0])
        #expect(throws: ScreenProtocolError.tooLong(0x10_0001)) { try reader.frame() }
    }

    @Test(
        "what is no request is refused with what is wrong with it",
        arguments: [
            (9, [], .unknownKind(9)), (1, [80, 0, 24], .wrongLength(kind: "start", 3)),
            (1, [0, 0, 24, 0], .impossibleSize(columns: 0, rows: 24)),
            (3, [0xE9, 3, 1, 0], .impossibleSize(columns: 1001, rows: 1)),
            (3, [1, 0, 1, 0, 0], .wrongLength(kind: "resize", 5)),
            (4, [0], .wrongLength(kind: "look", 1)), (5, [], .wrongLength(kind: "snapshot", 0)),
        ] as [(UInt8, [UInt8], ScreenProtocolError)])
    func refused(kind: UInt8, payload: [UInt8], error: ScreenProtocolError) {
        #expect(throws: error) { try ScreenRequest(ScreenFrame(kind: kind, payload: payload)) }
    }

    @Test("a description reads from its JSON as it was written")
    func description() throws {
        var modes = ScreenDescription.Modes()
        modes.mouse = .drag
        modes.mouseEncoding = .sgr
        modes.keyboardFlags = 5
        modes.bracketedPaste = true
        let description = ScreenDescription(
            size: size, title: "a \"title\" \\ \u{1}", iconTitle: nil,
            cursor: .init(row: 3, column: 79, pendingWrap: true, visible: false, shape: .bar, blinking: true),
            lines: ["", "中文 e\u{301} 👍", "\u{2028}"], modes: modes, history: 7)
        let read = try JSONDecoder().decode(ScreenDescription.self, from: Data(description.json))
        #expect(read == description)
    }
}
