// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

extension JailPlan {
    package struct ResourceLimit: Codable, Sendable, Equatable {
        /// As in prlimit(1): `nofile`, `nproc`, `core` …
        package var resource: String
        /// In the resource's own unit (getrlimit(2)); nil is no limit.
        package var soft: UInt64?
        package var hard: UInt64?

        package init(resource: String, soft: UInt64?, hard: UInt64?) {
            self.resource = resource
            self.soft = soft
            self.hard = hard
        }
    }

    /// What the jail as a whole may use: files of its cgroup (cgroup v2), nil for what is not limited.
    package struct CgroupLimits: Codable, Sendable, Equatable {
        /// `memory.max`, in bytes. The whole jail ends when it is reached (`memory.oom.group`).
        package var memory: UInt64?
        /// `memory.high`, in bytes: above it the jail is slowed down and reclaimed from.
        package var memoryHigh: UInt64?
        /// `memory.swap.max`, in bytes.
        package var swap: UInt64?
        /// `cpu.max`, in hundredths of one processor's time.
        package var processors: UInt64?
        /// `cpu.weight`, 1 to 10000; the kernel's default is 100.
        package var processorWeight: UInt64?
        /// `pids.max`: processes and threads.
        package var processes: UInt64?
        /// `io.max`, one line a device: `8:0 rbps=1048576`.
        package var io: [String]
        /// `io.weight`, 1 to 10000.
        package var ioWeight: UInt64?
        /// Any other file of the cgroup by its name: `hugetlb.2MB.max`, `cpuset.cpus` …
        package var other: [String: String]

        package init(
            memory: UInt64? = nil, memoryHigh: UInt64? = nil, swap: UInt64? = nil, processors: UInt64? = nil,
            processorWeight: UInt64? = nil, processes: UInt64? = nil, io: [String] = [], ioWeight: UInt64? = nil,
            other: [String: String] = [:]
        ) {
            self.memory = memory
            self.memoryHigh = memoryHigh
            self.swap = swap
            self.processors = processors
            self.processorWeight = processorWeight
            self.processes = processes
            self.io = io
            self.ioWeight = ioWeight
            self.other = other
        }
    }

    /// When the keeper ends the agent by itself.
    package struct Timeouts: Codable, Sendable, Equatable {
        /// Milliseconds since the command was executed, suspends of the machine included (CLOCK_BOOTTIME).
        package var wall: Int64?
        /// Milliseconds of processor time, of all processes of the jail together.
        package var cpu: Int64?
        /// Milliseconds in which nothing happens: see `IdleWatch` in jail.
        package var idle: Int64?
        /// Milliseconds from the beginning of the jail until its command is executed, or until that is ready where
        /// there is a `readiness`.
        package var start: Int64?
        /// Milliseconds between the first stop signal and the end of everything.
        package var grace: Int64
        /// Sent in this order, each with an equal share of `grace`.
        package var stopSignals: [Int32]

        package init(
            wall: Int64? = nil, cpu: Int64? = nil, idle: Int64? = nil, start: Int64? = nil, grace: Int64 = 10_000,
            stopSignals: [Int32] = [2, 15]
        ) {
            self.wall = wall
            self.cpu = cpu
            self.idle = idle
            self.start = start
            self.grace = grace
            self.stopSignals = stopSignals
        }
    }

    /// How the kernel schedules and treats the agent's processes; nil leaves what the starter has.
    package struct Scheduling: Codable, Sendable, Equatable {
        /// -20 (first) to 19 (last), setpriority(2). Only raised without privilege.
        package var nice: Int32?
        /// -1000 to 1000, proc_pid_oom_score_adj(5). Only raised without privilege.
        package var oomScoreAdjustment: Int32?
        package var ioPriority: IOPriority?
        /// Numbers of the processors to run on (sched_setaffinity(2)).
        package var processors: [Int]?
        /// To run on this many processors, the first of those that the starter may use.
        package var processorCount: Int?
        /// Nothing but this jail shares a core's hyper-threads with it (PR_SCHED_CORE, kernel 5.14).
        package var coreScheduling: Bool
        /// Bits for personality(2) such as ADDR_NO_RANDOMIZE.
        package var personality: UInt64

        package enum IOPriority: Codable, Sendable, Equatable {
            case idle
            /// 0 (first) to 7.
            case bestEffort(level: Int32)
        }

        package init(
            nice: Int32? = nil, oomScoreAdjustment: Int32? = nil, ioPriority: IOPriority? = nil,
            processors: [Int]? = nil, processorCount: Int? = nil, coreScheduling: Bool = false, personality: UInt64 = 0
        ) {
            self.nice = nice
            self.oomScoreAdjustment = oomScoreAdjustment
            self.ioPriority = ioPriority
            self.processors = processors
            self.processorCount = processorCount
            self.coreScheduling = coreScheduling
            self.personality = personality
        }
    }

    /// What the jail's clocks are ahead of the host's, in seconds (time_namespaces(7)).
    package struct ClockOffsets: Codable, Sendable, Equatable {
        package var monotonic: Int64
        package var boot: Int64

        package init(monotonic: Int64, boot: Int64) {
            self.monotonic = monotonic
            self.boot = boot
        }
    }
}
