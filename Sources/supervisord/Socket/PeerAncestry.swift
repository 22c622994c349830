// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Whether a process runs inside one of the jails.
///
/// A jailed process cannot leave the line of its ancestors: its jail is a pid namespace, so an orphan in it is adopted
/// by the namespace's first process, never by one outside (pid_namespaces(7)). Following the parents from the peer
/// up therefore meets the jail's first process, and its shim, if there is one.
struct PeerAncestry {
    /// What /proc/PID/stat says, nil when it cannot be read.
    var stat: (Int32) -> String?

    enum Verdict: Equatable {
        case outside
        case jailed
        /// Gone, hidden from us, or in a process tree that changed while we looked.
        case unknown
    }

    /// - Parameter jails: the first processes and the shims of all jails that live.
    func verdict(on peer: Int32, jails: Set<Int32>) -> Verdict {
        var pid = peer
        var age = UInt64.max
        // A tree deeper than this is somebody's attempt to keep us busy.
        for _ in 0..<4096 {
            if pid == 1 { return .outside }
            if jails.contains(pid) { return .jailed }
            guard let process = stat(pid).flatMap(ProcessStat.init) else { return .unknown }
            // A process is never younger than its child. One that is has taken over the pid of a parent that ended
            // after its child was looked at.
            guard process.startTime <= age else { return .unknown }
            age = process.startTime
            // The parent of the first process in a pid namespace is 0 where the daemon runs in that namespace.
            if process.parent == 0 { return .outside }
            pid = process.parent
        }
        return .unknown
    }
}

/// The two members of /proc/PID/stat that are of use here (proc(5)).
struct ProcessStat: Equatable {
    let parent: Int32
    /// In clock ticks since the machine started; together with the pid it names one process.
    let startTime: UInt64

    init?(_ text: String) {
        // The command's name stands in parentheses and may itself hold parentheses and spaces.
        guard let nameEnd = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: nameEnd)...].split(separator: " ")
        // The third field of the line is the first here.
        guard fields.count > 19, let parent = Int32(fields[1]), let startTime = UInt64(fields[19]) else { return nil }
        self.parent = parent
        self.startTime = startTime
    }
}
