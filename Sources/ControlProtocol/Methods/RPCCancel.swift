// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `rpc.cancel`: ends the pending answer to an `agent/wait`, `agent/stop` or `agent/start` of the same connection with
/// `cancelled`; what was begun goes on. An id that nothing waits under is no error: the answer may be on its way.
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
