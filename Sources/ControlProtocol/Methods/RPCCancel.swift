// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `rpc.cancel`: ends a pending answer of the same connection that waits for an agent with `cancelled`; what was begun goes
/// on. So are `agent/start`, `wait`, `stop`, `kill`, `restart` and `remove`, and `supervisor/drain`. An id that nothing waits
/// under is no error: the answer may be on its way.
public enum RPCCancel: Method {
    public static let name = "rpc.cancel"
    public static let role = Role.viewer
    public typealias Result = Nothing

    public struct Params: Codable, Sendable, Hashable {
        /// Of the request whose answer is not wanted any more.
        public var id: RequestID

        public init(id: RequestID) {
            self.id = id
        }
    }
}
