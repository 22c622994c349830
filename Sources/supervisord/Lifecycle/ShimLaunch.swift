// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import ShimProtocol

/// Starts the shim of one agent, which outlives this daemon.
struct ShimLaunch: Sendable {
    /// The path of the program `jail`.
    let program: String
    let directory: AgentDirectory
    let plan: JailPlan
    /// Bytes of output that are kept.
    let ring: UInt64
    /// Where the output goes on.
    let offset: UInt64
    let attempt: Int

    /// Returns once the program is executed; its socket can be connected to from then on, and its lock is held.
    ///
    /// Blocks on the file system.
    func start() throws -> Int32 {
        let home = try directory.open()
        let lock = try directory.lockFile()
        guard try Files.tryLock(lock.number) else {
            throw SystemError("lock", "\(directory.path)/\(ShimLayout.lock)", errno: EWOULDBLOCK)
        }
        try directory.clear(for: attempt)
        let listener = try UnixSockets.listen(ShimLayout.socket, in: home.number)
        let log = try Files.open(
            ShimLayout.log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, at: home.number)
        let document = try Files.memory("jail-plan", holding: Array(try JSONEncoder().encode(plan)))
        let null = try Files.open("/dev/null", O_RDWR)
        return try Spawn.start(
            program,
            [
                "jail", "shim", "--ring", "\(ring)", "--offset", "\(offset)", "--attempt", "\(attempt)",
            ],
            descriptors: [
                0: null.number, 1: null.number, 2: log.number,
                ShimLayout.planDescriptor: document.number, ShimLayout.directoryDescriptor: home.number,
                ShimLayout.lockDescriptor: lock.number, ShimLayout.socketDescriptor: listener.number,
            ])
    }
}
