// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A request line, read as far as it can be without knowing its method.
public struct RequestEnvelope: Sendable, Hashable {
    /// Nil for a notification, which gets no answer.
    public var id: RequestID?
    public var method: String
    /// An object, or nil where the request has none.
    public var params: JSONValue?

    /// What to answer to a line that is no request, with the id if there was a readable one.
    public struct Refusal: Error, Sendable, Hashable {
        public var id: RequestID?
        public var error: ProtocolError
        /// The line is a notification, which gets no answer, whatever is wrong with its params.
        public var isNotification = false
    }

    public init(id: RequestID?, method: String, params: JSONValue?) {
        self.id = id
        self.method = method
        self.params = params
    }

    public init(line: some Collection<UInt8>) throws(Refusal) {
        let document: JSONDocument
        do {
            document = try JSONDocument(parsing: line, isRequest: true)
        } catch {
            throw Refusal(error: .parseError(error))
        }
        let id = document.value["id"].flatMap(RequestID.init)
        func refuse(_ sentence: String) -> Refusal { Refusal(id: id, error: .invalidRequest(sentence)) }
        guard case .object(let members) = document.value else {
            if case .array = document.value { throw refuse("batches are refused: send one request per line") }
            throw refuse("a request is an object, not \(document.value.kind)")
        }
        if let repeated = document.firstRepeatedMember {
            guard repeated.path.components.first == .member("params"), repeated.path.components.count > 1 else {
                throw refuse("\(repeated)")
            }
            let path = JSONPath(Array(repeated.path.components.dropFirst()))
            throw Refusal(
                id: id, error: .invalidParams(path: path, reason: "is there twice"),
                isNotification: members["id"] == nil)
        }
        guard members["jsonrpc"] == "2.0" else { throw refuse("a request has the member \"jsonrpc\":\"2.0\"") }
        if members["id"] != nil, id == nil { throw refuse("the member id must be \(RequestID.rule)") }
        guard let method = members["method"]?.text else { throw refuse("the member method must be a string") }
        if let unknown = members.keys.filter({ !["jsonrpc", "id", "method", "params"].contains($0) }).min() {
            throw refuse("the member \(unknown.quoted) of the request is unknown; parameters go into params")
        }
        if let params = members["params"] {
            guard case .object = params else {
                throw Refusal(
                    id: id, error: .invalidParams(path: JSONPath(), reason: "must be an object, not \(params.kind)"),
                    isNotification: members["id"] == nil)
            }
        }
        self.init(id: id, method: method, params: members["params"])
    }
}
