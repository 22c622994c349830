// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux
import ShimProtocol

/// The cgroup that a jail is in, with its limits in force, as the keeper holds it: by descriptors, which go on working
/// when the keeper can open nothing any more.
final class JailCgroup {
    let cgroup: Cgroup
    private let meter: CgroupMeter
    /// Set when it was made here; then it goes with this.
    private let own: OwnCgroup?
    /// Its keeper is in it as well, and would be stopped with it.
    private let holdsKeeper: Bool
    /// What a cgroup that is not new had counted already.
    private let before: (user: Int64, system: Int64, kills: Int64)

    /// Whether a jail may be given a cgroup below its keeper's own.
    enum Making {
        case allowed
        /// The keeper could not remove it again.
        case refused
    }

    /// The plan's cgroup, or a new one if the plan has limits, with the limits written and read back; nil for a plan
    /// that has neither. What cannot be enforced goes to `missing` where the plan allows it.
    static func prepare(
        _ plan: JailPlan, _ making: Making, missing: inout [String]
    ) throws(JailFailure) -> JailCgroup? {
        let files = plan.resources.files
        if let path = plan.cgroup {
            let cgroup = try stage("cgroup") { () throws(SystemError) in try Cgroup(path: path) }
            try apply(files, to: cgroup, plan, &missing)
            return JailCgroup(cgroup, own: nil)
        }
        guard !files.isEmpty else { return nil }
        let own: OwnCgroup
        do {
            own = try make(files, making)
        } catch let failure {
            for name in Set(files.map(\.limit)).sorted() {
                try Degradation.allow(name, plan, because: failure)
                missing.append(name)
            }
            return nil
        }
        return try adopt(own, files, plan, &missing)
    }

    private static func make(_ files: [CgroupFile], _ making: Making) throws(JailFailure) -> OwnCgroup {
        guard making == .allowed else {
            throw JailFailure(
                stage: "cgroup", action: "the limits need a cgroup, and supervisord has none delegated to it",
                hint: "run it as a unit with Delegate=yes and DelegateSubgroup=supervisord (systemd 254)")
        }
        do {
            return try OwnCgroup.make(with: Set(files.compactMap(\.controller)))
        } catch {
            throw JailFailure(
                stage: "cgroup", error,
                hint: "limits need a cgroup v2 that is delegated to the caller, as in "
                    + "systemd-run --user --scope -p Delegate=yes jail run …")
        }
    }

    private static func adopt(
        _ own: consuming OwnCgroup, _ files: [CgroupFile], _ plan: JailPlan, _ missing: inout [String]
    ) throws(JailFailure) -> JailCgroup? {
        let path = own.path
        let cgroup = try stage("cgroup") { () throws(SystemError) in try Cgroup(path: path) }
        try apply(files, to: cgroup, plan, &missing)
        // One that enforces nothing is not worth its making.
        if files.allSatisfy({ missing.contains($0.limit) }) { return nil }
        return JailCgroup(cgroup, own: own)
    }

    private static func apply(
        _ files: [CgroupFile], to cgroup: borrowing Cgroup, _ plan: JailPlan, _ missing: inout [String]
    ) throws(JailFailure) {
        for file in files {
            do throws(SystemError) {
                try cgroup.write(file.value, to: file.name)
                let text = try cgroup.read(file.name)
                guard file.isInForce(text) else {
                    throw SystemError("set \(file.name) to \(file.value), it reads back", text, errno: ERANGE)
                }
            } catch let error {
                let hint = error.errno == ENOENT ? absence(of: file, in: cgroup) : nil
                try Degradation.allow(file.limit, plan, because: JailFailure(stage: "cgroup", error, hint: hint))
                if !missing.contains(file.limit) { missing.append(file.limit) }
            }
        }
    }

    private static func absence(of file: CgroupFile, in cgroup: borrowing Cgroup) -> String {
        let controllers = ((try? cgroup.controllers()) ?? []).sorted().joined(separator: ", ")
        guard let wanted = file.controller else { return "this kernel's cgroups have no such file" }
        return controllers.split(separator: ", ").contains { $0 == wanted }
            ? "this kernel's controller \(wanted) has no such file"
            : "the controller \(wanted) is not available to the cgroup (it has: \(controllers.isEmpty ? "none" : controllers)); "
                + "a host that uses cgroup v1 beside v2 keeps it there"
    }

    private init(_ cgroup: consuming Cgroup, own: consuming OwnCgroup?) {
        let meter = CgroupMeter(cgroup)
        let times = meter.numbers("cpu.stat") ?? [:]
        before = (times["user_usec"] ?? 0, times["system_usec"] ?? 0, Self.kills(meter))
        self.meter = meter
        // What cannot be told is taken for so.
        holdsKeeper = (try? cgroup.processes().contains(getpid())) ?? true
        self.cgroup = cgroup
        self.own = own
    }

    private static func kills(_ meter: borrowing CgroupMeter) -> Int64 {
        meter.numbers("memory.events")?["oom_kill"] ?? 0
    }

    /// Whether the kernel has ended something in it for want of memory.
    var ranOutOfMemory: Bool { Self.kills(meter) > before.kills }

    /// Microseconds of processor time so far; nil on a kernel whose cgroups do not count it (before 4.15).
    var processorTime: Int64? {
        guard let times = meter.numbers("cpu.stat"), let user = times["user_usec"], let system = times["system_usec"]
        else { return nil }
        return user + system - before.user - before.system
    }

    /// Fills in what the cgroup counts.
    func measure(_ usage: inout ResourceUsage) {
        if let times = meter.numbers("cpu.stat") {
            usage.userTime = times["user_usec"].map { $0 - before.user }
            usage.systemTime = times["system_usec"].map { $0 - before.system }
        }
        usage.memory = meter.number("memory.current")
        usage.memoryPeak = meter.number("memory.peak")
        usage.swap = meter.number("memory.swap.current")
        usage.processes = meter.number("pids.current")
        usage.processesPeak = meter.number("pids.peak")
        if let devices = meter.keyedNumbers("io.stat") {
            usage.bytesRead = devices.values.reduce(0) { $0 + ($1["rbytes"] ?? 0) }
            usage.bytesWritten = devices.values.reduce(0) { $0 + ($1["wbytes"] ?? 0) }
        }
        usage.memoryEvents = meter.numbers("memory.events")
        var pressure: [String: ResourceUsage.Pressure] = [:]
        for name in ["memory", "cpu", "io"] {
            guard let lines = meter.keyedNumbers("\(name).pressure") else { continue }
            pressure[name] = .init(some: lines["some"]?["total"] ?? 0, full: lines["full"]?["total"] ?? 0)
        }
        if !pressure.isEmpty { usage.pressure = pressure }
    }

    /// Stops everything in it, or lets it go on. False where that would stop its keeper as well.
    func freeze(_ freeze: Bool) throws(SystemError) -> Bool {
        if holdsKeeper { return false }
        return try meter.freeze(freeze)
    }

    /// Ends everything in it. False where the kernel cannot.
    func kill() -> Bool { meter.kill() }
}
