// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `rpc.discover`: this protocol as an OpenRPC document (https://spec.open-rpc.org): every method with its params, result
/// and errors, and under `x-notifications` and `x-events` what the daemon sends by itself.
public enum RPCDiscover: Method {
    public static let name = "rpc.discover"
    public static let role = Role.viewer
    public typealias Params = Nothing
    /// An OpenRPC document.
    public typealias Result = JSONValue
}
