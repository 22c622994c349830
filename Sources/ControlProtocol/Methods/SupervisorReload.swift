// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `supervisor/reload`: reads the configuration anew, as SIGHUP does. One that is wrong changes nothing. For
/// administrators.
package enum SupervisorReload: Method {
    package static let name = "supervisor/reload"
    package static let role = Role.admin
    package typealias Params = Nothing
    package typealias Result = Nothing
}
