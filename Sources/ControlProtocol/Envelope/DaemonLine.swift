// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials

/// Writes the lines that a daemon sends: each one JSON object with its `\n`, at most
/// `ProtocolLimits.maximumDaemonLine` bytes without it. Members stand in the order of their names.
public enum DaemonLine {
    /// The answer to a request. A result that is too long becomes the error `limit_reached`.
    public static func result(_ result: some Encodable & Sendable, to id: RequestID) -> [UInt8] {
        do {
            let line = try encode(Success(id: id, result: result))
            guard line.count <= ProtocolLimits.maximumDaemonLine + 1 else {
                return error(
                    .limitReached(
                        "line",
                        "the answer would take \(line.count) bytes, more than the \(ProtocolLimits.maximumDaemonLine) "
                            + "of a line; ask for less"), to: id)
            }
            return line
        } catch {
            return Self.error(.internalError("the answer cannot be written as JSON: \(error)"), to: id)
        }
    }

    /// The answer to a request that failed; `id` is nil where it could not be read. Of an error that is too long for a line
    /// the message is cut, and what is long in its data left out.
    public static func error(_ error: ProtocolError, to id: RequestID?) -> [UInt8] {
        let line = whole(error, to: id)
        guard line.count > ProtocolLimits.maximumDaemonLine + 1 else { return line }
        var short = error
        short.message = String(String.UnicodeScalarView(error.message.unicodeScalars.prefix(1024))) + "…"
        short.data = error.data.filter { $0.value.encoded().count <= 1024 }
        return whole(short, to: id)
    }

    private static func whole(_ error: ProtocolError, to id: RequestID?) -> [UInt8] {
        // Written through JSONValue, which cannot fail.
        let identity: JSONValue =
            switch id {
            case .integer(let number): .integer(number)
            case .string(let text): .string(text)
            case nil: .null
            }
        let object: JSONValue = [
            "jsonrpc": "2.0", "id": identity,
            "error": [
                "code": .integer(Int64(error.code)), "message": .string(error.message), "data": .object(error.data),
            ],
        ]
        return object.encoded() + [UInt8(ascii: "\n")]
    }

    public static func notification<N: ServerNotification>(_ notification: N) throws -> [UInt8] {
        try encode(Message(method: N.method, params: notification))
    }

    private static func encode(_ value: some Encodable) throws -> [UInt8] {
        var line = try WireEncoding.json(value)
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private struct Success<Result: Encodable>: Encodable {
        let jsonrpc = "2.0"
        let id: RequestID
        let result: Result
    }

    private struct Message<Params: Encodable>: Encodable {
        let jsonrpc = "2.0"
        let method: String
        let params: Params
    }
}

/// JSON as both sides write it.
public enum WireEncoding {
    /// Compact, members in the order of their names, without a newline.
    public static func json(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return Array(try encoder.encode(value))
    }
}
