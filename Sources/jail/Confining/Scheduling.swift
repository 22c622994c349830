// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// How the agent's processes are scheduled, and what they may use each.
enum Scheduling {
    /// For the agent's own process, so that the jail's first one keeps its place before it: it has to answer at once,
    /// and must not be what the kernel kills for memory.
    static func apply(_ plan: JailPlan) throws(JailFailure) {
        let wanted = plan.scheduling
        if wanted.coreScheduling { try isolateCores(plan) }
        if let adjustment = wanted.oomScoreAdjustment { try setOOMScoreAdjustment(adjustment, plan) }
        if let nice = wanted.nice {
            try step("nice", plan, hint: asStarter) { () throws(SystemError) in
                try SchedulingCalls.setNice(nice)
            }
        }
        if let priority = wanted.ioPriority {
            let (schedulingClass, level): (Int32, Int32) =
                switch priority {
                case .idle: (3, 0)
                case .bestEffort(let level): (2, level)
                }
            try step("io_priority", plan, hint: "levels are 0 to 7") { () throws(SystemError) in
                // The kernel takes higher bits for something else (IOPRIO_HINT, kernel 6.5).
                guard 0...7 ~= level else { throw SystemError("set the I/O priority", "\(level)", errno: EINVAL) }
                try SchedulingCalls.setIOPriority(schedulingClass: schedulingClass, level: level)
            }
        }
        if wanted.processors != nil || wanted.processorCount != nil { try setProcessors(wanted, plan) }
        if wanted.personality != 0 {
            try stage("process.personality") { () throws(SystemError) in
                try SchedulingCalls.addPersonality(wanted.personality)
            }
        }
    }

    /// The user namespace took even root's right to that.
    private static let asStarter = "it cannot be lower than the starter's own: start jail with a lower one"

    private static func step(
        _ name: String, _ plan: JailPlan, hint: String, _ body: () throws(SystemError) -> Void
    ) throws(JailFailure) {
        do throws(SystemError) {
            try body()
        } catch {
            let name = "process.\(name)"
            try Degradation.goWithout(name, plan, because: JailFailure(stage: name, error, hint: hint))
        }
    }

    /// A cookie of the jail's own, which only tasks that carry it share a core with (kernel 5.14).
    private static func isolateCores(_ plan: JailPlan) throws(JailFailure) {
        let create: UInt = 1
        let threadGroup: UInt = 1
        let hint = "it takes kernel 5.14 or newer, built with CONFIG_SCHED_CORE"
        try step("core_scheduling", plan, hint: hint) { () throws(SystemError) in
            do throws(SystemError) {
                try Processes.set(.coreScheduling, create, 0, threadGroup)
            } catch  where error.errno == ENODEV {
                // The machine's cores have one hardware thread each: there is nothing to share.
            }
        }
    }

    private static func setOOMScoreAdjustment(_ adjustment: Int32, _ plan: JailPlan) throws(JailFailure) {
        try step("oom_score_adj", plan, hint: asStarter) { () throws(SystemError) in
            // The first process cannot be traced, and neither can we who came from it, so our files in /proc are the
            // global root's (proc(5)). Nobody else is in the jail yet.
            try Processes.set(.dumpable, 1)
            try SchedulingCalls.setOOMScoreAdjustment(adjustment)
            try Processes.set(.dumpable, 0)
        }
    }

    private static func setProcessors(_ wanted: JailPlan.Scheduling, _ plan: JailPlan) throws(JailFailure) {
        let available = try stage("process.cpus") { () throws(SystemError) in try SchedulingCalls.processors() }
        let chosen = wanted.processors ?? Array(available.prefix(wanted.processorCount ?? 0))
        // The kernel takes what is there of a set and says nothing of the rest.
        guard !chosen.isEmpty, Set(chosen).isSubset(of: available), chosen.count >= wanted.processorCount ?? 0 else {
            let asked = wanted.processors.map { "\($0)" } ?? "\(wanted.processorCount ?? 0) of them"
            return try Degradation.goWithout(
                "process.cpus", plan,
                because: JailFailure(
                    stage: "process.cpus",
                    action: "cannot run on processors \(asked): the starter may use \(available)",
                    hint:
                        "ask for fewer or others, or start it with a wider affinity (taskset(1), cpuset of the cgroup)")
            )
        }
        try stage("process.cpus") { () throws(SystemError) in try SchedulingCalls.setProcessors(chosen) }
    }
}

/// The limits of each of the agent's processes (setrlimit(2)).
struct ProcessLimits {
    private var limits: [(resource: String, soft: UInt64, hard: UInt64)] = []

    /// What of the plan's limits can be set here. A limit above the starter's own cannot be had without privilege; the
    /// lower one confines more, not less, so it is no failure, but the keeper is told. "No limit" is as much as
    /// there is.
    init(_ plan: JailPlan) throws(JailFailure) {
        for limit in plan.limits {
            let name = "rlimits.\(limit.resource)"
            let ceiling = try stage(name) { () throws(SystemError) in
                try ResourceLimits.ceiling(of: limit.resource)
            }
            if max(limit.hard ?? 0, limit.soft ?? 0) > ceiling {
                try stage("init") { () throws(SystemError) in
                    try ControlMessage.missing(name).send(to: Builder.control)
                }
            }
            var hard = min(limit.hard ?? .max, ceiling)
            var soft = min(limit.soft ?? .max, hard)
            // 0 keeps dumps out of files only, 1 also from the program that core_pattern may name (core(5)).
            if limit.resource == "core", hard == 0, ceiling > 0 { (soft, hard) = (1, 1) }
            limits.append((limit.resource, soft, hard))
        }
    }

    /// What has to be there before the hard filter is, which keeps the limit of core dumps as it is.
    func applyFirst() throws(JailFailure) { try apply { $0 == "core" } }

    func apply() throws(JailFailure) { try apply { $0 != "core" } }

    private func apply(_ isMeant: (String) -> Bool) throws(JailFailure) {
        for limit in limits where isMeant(limit.resource) {
            try stage("rlimits.\(limit.resource)") { () throws(SystemError) in
                try ResourceLimits.set(limit.resource, soft: limit.soft, hard: limit.hard)
            }
        }
    }
}
