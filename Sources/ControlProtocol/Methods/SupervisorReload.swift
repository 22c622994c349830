// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `supervisor/reload`: reads the configuration anew, as SIGHUP does. One that is wrong changes nothing. For
/// administrators.
public enum SupervisorReload: Method {
    public static let name = "supervisor/reload"
    public static let role = Role.admin
    public static let errors: [ProtocolError.Kind] = [.profileInvalid]
    public typealias Params = Nothing
    public typealias Result = Nothing
}
