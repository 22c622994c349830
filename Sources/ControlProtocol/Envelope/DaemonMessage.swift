// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A line from the daemon, as a client reads it. Unknown members are skipped, since later daemons add some.
public enum DaemonMessage: Sendable, Hashable {
    case result(id: RequestID, JSONValue)
    /// `id` is nil where the daemon could not read the request's.
    case error(id: RequestID?, ProtocolError)
    case notification(method: String, params: JSONValue)

    /// Why a line is none of the three.
    public enum Fault: Error, Sendable, Hashable, CustomStringConvertible {
        case notJSON(JSONError)
        case notAMessage(String)

        public var description: String {
            switch self {
            case .notJSON(let error): "\(error)"
            case .notAMessage(let sentence): sentence
            }
        }
    }

    public init(line: some Collection<UInt8>) throws(Fault) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: line)
        } catch {
            throw .notJSON(error)
        }
        guard value["jsonrpc"] == "2.0" else { throw .notAMessage("it is no JSON-RPC 2.0 message") }
        if let method = value["method"]?.text {
            self = .notification(method: method, params: value["params"] ?? [:])
            return
        }
        let id = value["id"].flatMap(RequestID.init)
        if let error = value["error"] {
            do {
                self = .error(
                    id: id, try StrictDecoder.decode(ProtocolError.self, from: error, unknownMembers: .ignored))
            } catch {
                throw .notAMessage("its error is malformed: \(error)")
            }
        } else if let id, let result = value["result"] {
            self = .result(id: id, result)
        } else {
            throw .notAMessage("it is neither an answer nor a notification")
        }
    }
}
