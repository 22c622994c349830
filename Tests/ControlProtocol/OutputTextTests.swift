// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

private func payloads(_ bytes: [UInt8], mayContinue: Bool = true, maximum: Int = 1024) -> [OutputChunk.Payload] {
    OutputText.payloads(of: bytes, mayContinue: mayContinue, maximum: maximum).payloads
}

@Suite("Output as text")
struct OutputTextTests {
    @Test("text in any pieces comes out whole, as text, with no character split", arguments: 1...9)
    func pieces(size: Int) {
        let text = "aé€😀\u{1B}[1mß—𝄞z"
        var rest = Array(text.utf8)[...]
        var pending: [UInt8] = []
        var result = ""
        while !rest.isEmpty {
            pending += rest.prefix(size)
            rest = rest.dropFirst(size)
            let (payloads, remainder) = OutputText.payloads(of: pending, mayContinue: true, maximum: 4)
            for payload in payloads {
                guard case .text(let piece) = payload else {
                    Issue.record("\(payload) should be text")
                    return
                }
                #expect(payload.count <= 4)
                result += piece
            }
            #expect(remainder <= 3)
            pending = Array(pending.suffix(remainder))
        }
        #expect(pending.isEmpty)
        #expect(result == text)
    }

    @Test("the beginning of a character waits while more may follow, and is bytes when nothing does")
    func beginning() {
        for beginning in [[0xC3], [0xE2], [0xE2, 0x82], [0xF0], [0xF0, 0x9F], [0xF0, 0x9F, 0x98]] as [[UInt8]] {
            let (waiting, remainder) = OutputText.payloads(of: [0x61] + beginning, mayContinue: true)
            #expect(waiting == [.text("a")])
            #expect(remainder == beginning.count)
            #expect(OutputText.payloads(of: beginning, mayContinue: true).payloads.isEmpty)
            #expect(payloads([0x61] + beginning, mayContinue: false) == [.bytes([0x61] + beginning)])
        }
    }

    @Test(
        "what can no longer become a character does not wait",
        arguments: [[0xFF], [0x80], [0xC0], [0xF5], [0xE0, 0x80], [0xED, 0xA0], [0xF4, 0x90], [0x80, 0x80, 0x80]]
            as [[UInt8]])
    func invalid(bytes: [UInt8]) {
        let result = OutputText.payloads(of: bytes, mayContinue: true)
        #expect(result.payloads == [.bytes(bytes)])
        #expect(result.remainder == 0)
    }

    @Test("an invalid piece does not make the next one bytes")
    func recovers() {
        let bytes: [UInt8] = [0xFF, 0x61, 0x62, 0xC3] + [0xA9, 0x63]
        #expect(payloads(bytes, maximum: 4) == [.bytes([0xFF, 0x61, 0x62]), .text("éc")])
    }

    @Test("base64 is asked for and given, also for text")
    func base64() {
        let result = OutputText.payloads(of: Array("abcdefé".utf8), encoding: .base64, mayContinue: true, maximum: 4)
        #expect(result.payloads == [.bytes(Array("abcd".utf8)), .bytes([0x65, 0x66, 0xC3, 0xA9])])
        #expect(result.remainder == 0)
    }

    @Test("the largest chunk fits a line of the daemon, however badly it escapes")
    func largest() throws {
        for byte in [0x1B, 0xFF, 0x22] as [UInt8] {
            let bytes = Array(repeating: byte, count: ProtocolLimits.maximumChunk)
            let all = payloads(bytes, maximum: ProtocolLimits.maximumChunk)
            let chunk = OutputChunk(offset: 1 << 53, stream: .stdout, time: .now(), payload: try #require(all.first))
            let line = try DaemonLine.notification(
                AgentOutput(subscription: .init(rawValue: "s1"), agent: AgentID(value: 1), chunk: chunk))
            #expect(all.count == 1)
            #expect(line.count <= ProtocolLimits.maximumDaemonLine)
            #expect(try WireEncoding.json(chunk).count <= chunk.maximumEncodedSize)
        }
    }
}
