// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import OutputLog

/// Makes chunks for the wire of stored ones: a character of UTF-8 that was stored in two pieces goes out in one.
struct ChunkAssembler {
    let encoding: OutputEncoding
    /// The beginning of a character, held back until the rest comes. At most three bytes.
    private var carried: OutputLog.OutputChunk?

    init(encoding: OutputEncoding) {
        self.encoding = encoding
    }

    /// The offset of the first byte that has been taken in and not given out.
    var pending: UInt64? { carried?.offset }

    mutating func add(_ chunk: OutputLog.OutputChunk) -> [ControlProtocol.OutputChunk] {
        var chunks: [ControlProtocol.OutputChunk] = []
        var chunk = chunk
        if let head = carried {
            if head.stream == chunk.stream, head.end == chunk.offset {
                (chunk.offset, chunk.bytes) = (head.offset, head.bytes + chunk.bytes)
                carried = nil
            } else {
                chunks = flush()
            }
        }
        return chunks + emit(chunk, mayContinue: true)
    }

    /// Gives out what was held back: nothing that completes it can come.
    mutating func flush() -> [ControlProtocol.OutputChunk] {
        guard let rest = carried else { return [] }
        carried = nil
        return emit(rest, mayContinue: false)
    }

    private mutating func emit(
        _ chunk: OutputLog.OutputChunk, mayContinue: Bool
    ) -> [ControlProtocol.OutputChunk] {
        let (payloads, remainder) = OutputText.payloads(of: chunk.bytes, encoding: encoding, mayContinue: mayContinue)
        var offset = chunk.offset
        let chunks = payloads.map { payload in
            defer { offset += UInt64(payload.count) }
            return ControlProtocol.OutputChunk(
                offset: offset, stream: .init(chunk.stream), time: Timestamp(nanoseconds: chunk.time), payload: payload)
        }
        if remainder > 0 {
            var rest = chunk
            (rest.offset, rest.bytes) = (offset, Array(chunk.bytes.suffix(remainder)))
            carried = rest
        }
        return chunks
    }
}

extension ControlProtocol.OutputChunk.Stream {
    init(_ stream: OutputStream) {
        self =
            switch stream {
            case .tty: .tty
            case .stdout: .stdout
            case .stderr: .stderr
            }
    }
}
