// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Names in an agent's state directory, and the descriptors that a shim is started with.
package enum ShimLayout {
    /// A Unix stream socket, mode 0600. It is already listening when the shim starts, so there is no moment in which
    /// an agent exists that nobody can reach.
    package static let socket = "shim.sock"
    /// Locked (flock) from before the shim starts until it ends: who gets the lock knows that no shim lives.
    package static let lock = "shim.lock"
    package static let exitRecord = "exit.json"
    /// Room on the disk for the exit record, held from the start on: an agent may end when the disk is full.
    package static let exitReserve = "exit.reserve"
    /// There from the moment on in which an attempt's command has been executed, for a daemon that was not there to hear
    /// it.
    package static func executed(_ attempt: Int) -> String { "executed.\(attempt)" }
    /// The output log's directory, mode 0700.
    package static let output = "output"
    /// What the shim itself had to complain of: its standard error.
    package static let log = "shim.log"

    /// The plan, whole, as JSON: a memfd or a file.
    package static let planDescriptor: Int32 = 3
    /// The agent's state directory.
    package static let directoryDescriptor: Int32 = 4
    package static let lockDescriptor: Int32 = 5
    /// The listening socket.
    package static let socketDescriptor: Int32 = 6
}
