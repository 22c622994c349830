// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// All that starting an agent needs.
package struct Assembled: Sendable, Equatable {
    package var plan: JailPlan
    /// To be made in the agent's state directory before the start.
    package var ownDirectories: [OwnDirectory]
    /// Sent in this order by a stop, each with an equal share of `grace`: `SIGINT` …
    package var stopSignals: [String]
    /// The agent object's `isolation.missing`.
    package var missing: [String]
    package var launcherName: String
    package var profileName: String
    package var grace: Duration
    package var restart: RestartPolicy
    /// Bytes of output that are kept; nil leaves it to the daemon.
    package var ring: UInt64?
}

/// A directory of the agent's own, on disk, mode 0700.
package struct OwnDirectory: Sendable, Equatable {
    /// Below the agent's state directory: `own/0`.
    package var relativePath: String
    package var files: [File]

    package init(relativePath: String, files: [File]) {
        self.relativePath = relativePath
        self.files = files
    }

    /// A file that is written into it before the start.
    package struct File: Sendable, Equatable {
        /// Below the own directory; may have directories in it, which are to be made with mode 0700.
        package var name: String
        package var mode: UInt32
        package var content: String
    }
}
