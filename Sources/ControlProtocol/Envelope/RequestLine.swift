// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Writes the lines that a client sends.
public enum RequestLine {
    /// The line with its `\n`. A nil `id` makes it a notification, which gets no answer.
    public static func encode<M: Method>(_ method: M.Type, _ params: M.Params, id: RequestID?) throws -> [UInt8] {
        var line = try WireEncoding.json(Request(id: id, method: M.name, params: params))
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private struct Request<Params: Encodable>: Encodable {
        let jsonrpc = "2.0"
        let id: RequestID?
        let method: String
        let params: Params
    }
}
