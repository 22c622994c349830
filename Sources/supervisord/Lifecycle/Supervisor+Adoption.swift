// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Linux
import Logging

/// Finding out, at the daemon's start, what has become of the agents that earlier ones started.
extension Supervisor {
    /// How long the daemon's own start may be held up by a shim that does not answer.
    private static let patience = Duration.seconds(2)

    /// Looks for all agents at once. Returns when each has been found, or has had two seconds; those that have not
    /// answered by then are left alone and looked for in the background.
    func adopt() async {
        note(.supervisorStarted, saying: ["version": .string(Version.text)])
        // Of those that ended while no daemon was there to see it.
        for entry in agents.values where !entry.record.machine.holdsPlace { removeCgroup(of: entry.record) }
        let lost = agents.values.filter { !$0.isFound }.map { ($0.record.id, $0.record.machine.progress.attempt) }
        for (id, attempt) in lost { begin { await self.follow(id, attempt: attempt) } }
        await withTaskGroup { group in
            for (id, _) in lost {
                group.addTask { try? await self.wait(for: .found, of: id, atMost: Self.patience) }
            }
        }
        for (id, _) in lost {
            guard let entry = agents[id], !entry.isFound else { continue }
            let record = entry.record
            logger.warning("the shim of agent \(record.name) does not answer; it is left alone")
            note(.agentLost, record)
        }
        isSettled = true
        for id in agents.keys { goOnRemoving(id) }
        for entry in agents.values where entry.record.state == .backoff { wakeAgain(entry.record) }
        admit()
        beginRetention()
    }

    /// The rest of a pause that an earlier daemon has begun. A moment further away than any pause is long was counted
    /// before the machine started anew.
    private func wakeAgain(_ record: AgentRecord) {
        let now = Clock.boot()
        let due = record.machine.progress.due ?? now
        wake(record.id, at: due - now > record.machine.restart.longestPause ? now : due)
    }

    /// Ends the daemon's part. Nothing new is started; agents run on.
    func shutDown() {
        isEnding = true
        note(.supervisorStopping)
        storeBacklog()
    }

    /// The processes whose descendants run in a jail. This daemon is one: it has no other children than shims, and one
    /// that it has just started may not be recorded yet.
    func jails() -> Set<Int32> {
        var jails: Set<Int32> = [getpid()]
        for entry in agents.values where entry.record.machine.holdsPlace {
            if let pid = entry.initPID { jails.insert(pid) }
            guard let shim = entry.record.shim else { continue }
            // Until the shim has answered, its pid may meanwhile be another's.
            if entry.isFound || shim == ProcessIdentity.current(pid: shim.pid) { jails.insert(shim.pid) }
        }
        return jails
    }
}

extension ProcessIdentity {
    /// It runs, or is a zombie that still has something to end: the first process of a jail becomes one only when
    /// nothing else of that is left (zap_pid_ns_processes in kernel/pid_namespace.c).
    var isAlive: Bool {
        guard let stat = ProcessStat.read(pid), ProcessStat(stat)?.startTime == startTime,
            let end = stat.lastIndex(of: ")")
        else { return false }
        return !stat[stat.index(after: end)...].hasPrefix(" Z")
    }

    /// The process that has this pid now; nil when there is none.
    static func current(pid: Int32) -> ProcessIdentity? {
        ProcessStat.read(pid).flatMap(ProcessStat.init).map { ProcessIdentity(pid: pid, startTime: $0.startTime) }
    }
}

extension ProcessStat {
    /// The text of /proc/PID/stat. The kernel makes it up on the spot: reading it does not block.
    static func read(_ pid: Int32) -> String? {
        do {
            let file = try Files.open("/proc/\(pid)/stat", O_RDONLY)
            return String(decoding: try Files.readAll(file.number), as: UTF8.self)
        } catch {
            return nil
        }
    }
}
