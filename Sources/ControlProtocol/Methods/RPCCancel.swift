// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `rpc.cancel`: ends the pending answer to an `agent/wait`, `agent/stop` or `agent/start` of the same connection with
/// `cancelled`; what was begun goes on. An id that nothing waits under is no error: the answer may be on its way.
package enum RPCCancel: Method {
    package static let name = "rpc.cancel"
    package static let role = Role.viewer
    package typealias Result = Nothing

    package struct Params: Codable, Sendable, Hashable {
        package var id: RequestID

        package init(id: RequestID) {
            self.id = id
        }
    }
}
