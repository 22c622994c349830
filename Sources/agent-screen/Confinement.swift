// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import Linux

/// What this program takes from itself before it reads the first byte: agents write what they like, and it is read by a
/// library in C.
enum Confinement {
    /// The most that the model of the largest screen was found to take is a third of this: 1000 by 1000 on both
    /// screens, the history full. RLIMIT_AS, and not RLIMIT_DATA, because it covers the stack and everything that is
    /// mapped as well, and nothing here maps what it does not use.
    static let memory: UInt64 = 256 << 20

    /// In this order: each needs what those after it take away.
    static func enter() throws(SystemError) {
        try Processes.closeDescriptors(above: 2)
        try Capabilities.giveUpAll()
        try confineFiles()
        // What it has yet to read can be an hour's work, and is nobody's once the daemon has been killed.
        try Processes.set(.parentDeathSignal, UInt(SIGKILL))
        try setLimits()
        try CallFilter.load()
    }

    /// Landlock, where the kernel has it: no file, no directory, no port, no signal to anybody. Without it there is
    /// still no call by which a file could be opened.
    private static func confineFiles() throws(SystemError) {
        let version = Landlock.version
        guard version >= 1 else { return }
        let rules = try Landlock.Ruleset(ports: version >= 4 ? [.bind, .connect] : [], version: version)
        try rules.restrictSelf()
    }

    private static func setLimits() throws(SystemError) {
        // Its memory is an agent's secrets.
        try ResourceLimits.set("core", soft: 0, hard: 0)
        try ResourceLimits.set("as", soft: memory, hard: memory)
        // Three are open, and no further one can be.
        try ResourceLimits.set("nofile", soft: 3, hard: 3)
        // Pipes have no size. Should a file be where one is expected, a write to it fails and nobody is killed for it.
        signal(SIGXFSZ, SIG_IGN)
        try ResourceLimits.set("fsize", soft: 0, hard: 0)
        try ResourceLimits.set("nproc", soft: 0, hard: 0)
    }
}
