// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials

/// JSON for programs, with the wire's names.
enum JSONOutput {
    static func write(_ value: some Encodable, pretty: Bool) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        try StandardOutput.write(harmless(Array(try encoder.encode(value))) + [UInt8(ascii: "\n")])
    }

    /// JSON escapes the control characters below 32 only; a terminal acts on U+007F to U+009F as well. Outside of
    /// strings they do not occur, so that the same escape serves.
    static func harmless(_ json: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(json.count)
        var index = 0
        while index < json.count {
            let byte = json[index]
            let next = index + 1 < json.count ? json[index + 1] : 0
            if byte == 0x7F {
                result += Array("\\u007f".utf8)
            } else if byte == 0xC2, (0x80...0x9F).contains(next) {
                result += Array("\\u00\(String(next, radix: 16))".utf8)
                index += 1
            } else {
                result.append(byte)
            }
            index += 1
        }
        return result
    }
}
