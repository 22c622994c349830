// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Profiles

/// A plan in words, one fact per line.
struct Explanation {
    let profile: Profile
    let plan: JailPlan
    let weaknesses: [String]

    var text: String {
        var sections = [
            ("Profile", ["\(profile.name): \(profile.description ?? "no description")"] + profile.files),
            ("Identity", identity), ("Files, in the order in which they are put there", FileExplanation(plan).lines),
            ("/proc, /dev and /sys", kernelFilesystems), ("Network", network),
            ("System calls", SystemCallExplanation(plan).lines), ("Limits of each process", limits),
            ("Limits of the jail (cgroup)", cgroup), ("Scheduling", scheduling), ("Timeouts", timeouts),
            ("Environment", environment),
        ]
        if profile.workspace == .overlay {
            sections.append(("Protected, when changes to the workspace are applied", overlayProtects))
        }
        sections.append(("Warnings: what weakens it", weaknesses))
        return sections.map { title, lines in
            "\(title)\n" + (lines.isEmpty ? ["none"] : lines).map { "  \(visible($0))\n" }.joined()
        }.joined(separator: "\n")
    }

    private var overlayProtects: [String] {
        plan.filesystem.flatMap { entry -> [String] in
            if case .overlay(_, _, let protect) = entry.kind { protect } else { [] }
        }
    }

    private var identity: [String] {
        let outside =
            switch (profile.identity, plan.identity.outside) {
            case (.owner, _):
                plan.identity.inside == nil
                    ? "the same inside and outside" : "outside uid \(plan.identity.uid), gid \(plan.identity.gid)"
            case (.dynamic, let outside?): "outside uid \(outside.uid), gid \(outside.gid), whom nobody else is"
            case (.dynamic, nil): "outside a uid and gid of its own, given at the start"
            }
        let capabilities =
            plan.capabilities.isEmpty
            ? "no capabilities" : "within the jail's namespaces the capabilities \(list(plan.capabilities))"
        let inside = plan.identity.inside ?? .init(uid: plan.identity.uid, gid: plan.identity.gid)
        func count(_ ranges: [JailPlan.Identity.IDRange]) -> UInt64 { ranges.reduce(0) { $0 + UInt64($1.count) } }
        let others =
            plan.identity.users.isEmpty
            ? []
            : [
                "\(count(plan.identity.users)) other users and \(count(plan.identity.groupIDs)) other groups, its owner's subordinate ones"
            ]
        return [
            "uid \(inside.uid), gid \(inside.gid), \(outside); \(capabilities)"
        ] + others + [
            "host name \(plan.hostname), umask \(octal(plan.umask))",
            "working directory \(plan.command.workingDirectory)",
        ]
    }

    private var kernelFilesystems: [String] {
        let system = plan.filesystem.first { $0.target == "/sys" }?.kind
        return [
            "/proc: the jail's own processes; what is the whole machine's is read-only or hidden",
            "/dev: null zero full random urandom tty; terminals, message queues and shared memory of the jail's own",
            system == .sysfs
                ? "/sys: the kernel's for the jail's network, read-only"
                : system == nil ? "/sys: not there" : "/sys: as under files",
        ]
    }

    private var network: [String] {
        guard plan.network == .host else { return ["a network of its own with nothing but loopback"] }
        func ports(_ ports: [UInt16]?) -> String {
            ports.map { $0.isEmpty ? "no TCP port" : "TCP ports \(list($0))" } ?? "any port"
        }
        return [
            "the host's, with all that listens there, abstract Unix sockets included",
            "connects to \(ports(plan.ports?.connect)), listens on \(ports(plan.ports?.bind))",
        ]
    }

    private var limits: [String] {
        let limits = plan.limits.map { limit in
            func shown(_ value: UInt64?) -> String { value.map(String.init) ?? "unlimited" }
            return limit.soft == limit.hard
                ? "\(limit.resource) \(shown(limit.soft))"
                : "\(limit.resource) \(shown(limit.soft)), can be raised to \(shown(limit.hard))"
        }
        return limits.isEmpty ? [] : limits + ["the starter's own hard limits, where they are lower"]
    }

    private var cgroup: [String] {
        let asked = plan.resources
        var lines: [String] = []
        func add(_ name: String, _ value: UInt64?, _ words: (UInt64) -> String) {
            if let value { lines.append("\(name) \(words(value))\(degraded("limits.\(name)"))") }
        }
        add("memory", asked.memory) { "\(bytes($0)); at that the whole jail ends" }
        add("memory_high", asked.memoryHigh) { "\(bytes($0)); above that it is slowed down" }
        add("swap", asked.swap, bytes)
        add("cpu", asked.processors) { "\($0 / 100).\($0 % 100 < 10 ? "0" : "")\($0 % 100) processors" }
        add("cpu_weight", asked.processorWeight, String.init)
        add("pids", asked.processes) { "\($0) processes and threads" }
        for line in asked.io { lines.append("io \(line)\(degraded("limits.io"))") }
        add("io_weight", asked.ioWeight, String.init)
        for (file, value) in asked.other.sorted(by: { $0.key < $1.key }) {
            lines.append("\(file) \(value)\(degraded("limits.cgroup"))")
        }
        return lines
    }

    private var scheduling: [String] {
        let asked = plan.scheduling
        var lines: [String] = []
        if let nice = asked.nice { lines.append("nice \(nice)\(degraded("process.nice"))") }
        if let score = asked.oomScoreAdjustment {
            lines.append("oom_score_adj \(score)\(degraded("process.oom_score_adj"))")
        }
        switch asked.ioPriority {
        case .idle: lines.append("disks when nobody else wants them\(degraded("process.io_priority"))")
        case .bestEffort(let level): lines.append("disk priority \(level) of 0 to 7\(degraded("process.io_priority"))")
        case nil: break
        }
        if let count = asked.processorCount { lines.append("\(count) processors\(degraded("process.cpus"))") }
        if let numbers = asked.processors { lines.append("processors \(list(numbers))\(degraded("process.cpus"))") }
        if asked.coreScheduling {
            lines.append("no other's threads beside it on a core\(degraded("process.core_scheduling"))")
        }
        if asked.personality != 0 { lines.append("addresses are the same each time") }
        if let clocks = plan.clockOffsets {
            lines.append(
                "clocks ahead of the host's: monotonic \(clocks.monotonic)s, boottime \(clocks.boot)s"
                    + degraded("clocks")
            )
        }
        return lines
    }

    private var timeouts: [String] {
        func shown(_ milliseconds: Int64) -> String { "\(Duration.milliseconds(milliseconds))" }
        var lines: [String] = []
        if let wall = plan.timeouts.wall { lines.append("ends \(shown(wall)) after its start") }
        if let cpu = plan.timeouts.cpu {
            lines.append("ends after \(shown(cpu)) of processor time\(degraded("timeouts.cpu"))")
        }
        return lines + [
            "an end takes at most \(shown(plan.timeouts.grace)), for signals \(list(plan.timeouts.stopSignals))"
        ]
    }

    private var environment: [String] {
        plan.command.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    private func degraded(_ name: String) -> String { plan.degrade.contains(name) ? ", if the host can" : "" }

    private func list(_ items: [some CustomStringConvertible]) -> String {
        items.map(\.description).joined(separator: " ")
    }
}

func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }

/// A size with the greatest suffix that leaves no remainder.
func bytes(_ count: UInt64) -> String {
    for (unit, shift) in [("G", 30), ("M", 20), ("K", 10)] where count.trailingZeroBitCount >= shift && count > 0 {
        return "\(count >> UInt64(shift))\(unit)"
    }
    return "\(count) bytes"
}
