// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// A profile's `network`.
struct NetworkSection: Sendable {
    var mode: NetworkMode?
    var connect: [UInt16]?
    var bind: [UInt16]?
    /// Where a port is named.
    var portsPosition: SourcePosition?

    static func read(_ mapping: ConfigurationMapping) -> NetworkSection {
        var network = NetworkSection()
        mapping.notYet("allow", "this version has no network gateway yet, and so no list of allowed hosts")
        network.connect = mapping.integers("connect", in: 1...65535)?.map { UInt16($0) }
        // Port 0 is one of the kernel's choice.
        network.bind = mapping.integers("bind", in: 0...65535)?.map { UInt16($0) }
        if network.connect != nil || network.bind != nil { network.portsPosition = mapping.position }
        guard let mode = mapping.choice("mode", of: NetworkMode.self) else { return network }
        if mode.value == .gateway {
            mapping.problem(mode.position, "this version has no network gateway yet; write none or host")
        }
        network.mode = mode.value
        return network
    }

    func layered(over base: NetworkSection) -> NetworkSection {
        // Who takes the network away takes its ports away, too.
        if mode == NetworkMode.none { return self }
        return NetworkSection(
            mode: mode ?? base.mode, connect: appended(base.connect, connect), bind: appended(base.bind, bind),
            portsPosition: portsPosition ?? base.portsPosition)
    }
}

/// A profile's `limits`.
struct LimitsSection: Sendable, Equatable {
    var files: UInt64?
    var tmp: UInt64?
    var resources = JailPlan.CgroupLimits()

    /// What a request can ask for as well.
    static func readRequestable(_ mapping: ConfigurationMapping) -> LimitsSection {
        var limits = LimitsSection()
        // Codex needs 64 (48 fail), and a process that cannot open its libraries says nothing of use.
        limits.files = mapping.integer("files", in: 64...1_048_576).map { UInt64($0.value) }
        limits.tmp = mapping.byteCount("tmp", atLeast: 65536)?.value
        // Below a megabyte nothing starts.
        limits.resources.memory = mapping.byteCount("memory", atLeast: 1 << 20)?.value
        limits.resources.swap = mapping.byteCount("swap")?.value
        limits.resources.processors = mapping.processors("cpu")
        limits.resources.processes = mapping.integer("pids", in: 1...4_194_304).map { UInt64($0.value) }
        return limits
    }

    static func read(_ mapping: ConfigurationMapping) -> LimitsSection {
        var limits = readRequestable(mapping)
        limits.resources.memoryHigh = mapping.byteCount("memory_high", atLeast: 1 << 20)?.value
        limits.resources.processorWeight = mapping.integer("cpu_weight", in: 1...10000).map { UInt64($0.value) }
        limits.resources.io = mapping.strings("io")?.map { CgroupSetting.io($0, mapping) } ?? []
        limits.resources.ioWeight = mapping.integer("io_weight", in: 1...10000).map { UInt64($0.value) }
        limits.resources.other = CgroupSetting.read("cgroup", mapping)
        return limits
    }

    func layered(over base: LimitsSection) -> LimitsSection {
        let (mine, theirs) = (resources, base.resources)
        return LimitsSection(
            files: files ?? base.files, tmp: tmp ?? base.tmp,
            resources: .init(
                memory: mine.memory ?? theirs.memory, memoryHigh: mine.memoryHigh ?? theirs.memoryHigh,
                swap: mine.swap ?? theirs.swap, processors: mine.processors ?? theirs.processors,
                processorWeight: mine.processorWeight ?? theirs.processorWeight,
                processes: mine.processes ?? theirs.processes, io: theirs.io + mine.io,
                ioWeight: mine.ioWeight ?? theirs.ioWeight, other: theirs.other.merging(mine.other) { $1 }))
    }
}

/// A profile's `process`.
struct ProcessSection: Sendable {
    var nice: Int32?
    var oomScoreAdjustment: Int32?
    var ioPriority: JailPlan.Scheduling.IOPriority?
    var processorCount: Int?
    var processors: [Int]?
    var coreScheduling: Bool?
    var randomizesAddresses: Bool?

    static func read(_ mapping: ConfigurationMapping) -> ProcessSection {
        var process = ProcessSection()
        process.nice = mapping.integer("nice", in: -20...19).map { Int32($0.value) }
        process.oomScoreAdjustment = mapping.integer("oom_score_adj", in: -1000...1000).map { Int32($0.value) }
        process.ioPriority = readPriority(mapping)
        // The kernel's largest machine has 8192 (NR_CPUS).
        let processors = mapping.integers("cpus", in: 0...8191, orOneIn: 1...8192)
        process.processorCount = processors.one.map { Int($0) }
        process.processors = processors.list.map { Set($0.map { Int($0) }).sorted() }
        process.coreScheduling = mapping.boolean("core_scheduling")?.value
        process.randomizesAddresses = mapping.boolean("address_randomization")?.value
        return process
    }

    private static func readPriority(_ mapping: ConfigurationMapping) -> JailPlan.Scheduling.IOPriority? {
        let shape = ConfigurationShape.either([.choice(["idle"]), .integer(0...7)])
        guard let text = mapping.string("io_priority", as: shape) else { return nil }
        if text.value == "idle" { return .idle }
        if let level = ConfigurationScalar.integer(text.value), (0...7).contains(level) {
            return .bestEffort(level: Int32(level))
        }
        mapping.problem(text.position, "\"io_priority\" is idle, or 0 (first) to 7, not \"\(text.value)\"")
        return nil
    }

    func layered(over base: ProcessSection) -> ProcessSection {
        let choosesProcessors = processors != nil || processorCount != nil
        return ProcessSection(
            nice: nice ?? base.nice, oomScoreAdjustment: oomScoreAdjustment ?? base.oomScoreAdjustment,
            ioPriority: ioPriority ?? base.ioPriority,
            processorCount: choosesProcessors ? processorCount : base.processorCount,
            processors: choosesProcessors ? processors : base.processors,
            coreScheduling: coreScheduling ?? base.coreScheduling,
            randomizesAddresses: randomizesAddresses ?? base.randomizesAddresses)
    }

    /// ADDR_NO_RANDOMIZE, `linux/personality.h`.
    private static let fixedAddresses: UInt64 = 0x0040000

    var plan: JailPlan.Scheduling {
        .init(
            nice: nice, oomScoreAdjustment: oomScoreAdjustment, ioPriority: ioPriority, processors: processors,
            processorCount: processorCount, coreScheduling: coreScheduling ?? false,
            personality: randomizesAddresses == false ? Self.fixedAddresses : 0)
    }
}

/// A profile's `timeouts`, in milliseconds.
struct TimeoutsSection: Sendable, Equatable {
    var wall: Int64?
    var cpu: Int64?
    var idle: Int64?
    var start: Int64?
    var grace: Duration?

    static func read(_ mapping: ConfigurationMapping) -> TimeoutsSection {
        var timeouts = TimeoutsSection()
        timeouts.wall = mapping.positiveDuration("wall")?.value
        timeouts.cpu = mapping.positiveDuration("cpu")?.value
        timeouts.idle = mapping.positiveDuration("idle")?.value
        timeouts.start = mapping.positiveDuration("start")?.value
        timeouts.grace = mapping.duration("grace")?.value
        return timeouts
    }

    func layered(over base: TimeoutsSection) -> TimeoutsSection {
        TimeoutsSection(
            wall: wall ?? base.wall, cpu: cpu ?? base.cpu, idle: idle ?? base.idle, start: start ?? base.start,
            grace: grace ?? base.grace)
    }
}

/// A profile's `clocks`, in seconds.
struct ClocksSection: Sendable {
    var monotonic: Int64?
    var boot: Int64?

    static func read(_ mapping: ConfigurationMapping) -> ClocksSection {
        func seconds(_ key: String) -> Int64? {
            guard let offset = mapping.duration(key) else { return nil }
            if offset.value.components.attoseconds != 0 {
                mapping.problem(offset.position, "a clock is set ahead by whole seconds")
            }
            return offset.value.components.seconds
        }
        return ClocksSection(monotonic: seconds("monotonic"), boot: seconds("boottime"))
    }

    func layered(over base: ClocksSection) -> ClocksSection {
        ClocksSection(monotonic: monotonic ?? base.monotonic, boot: boot ?? base.boot)
    }

    var plan: JailPlan.ClockOffsets? {
        monotonic == nil && boot == nil ? nil : .init(monotonic: monotonic ?? 0, boot: boot ?? 0)
    }
}

/// A profile's `seccomp`.
struct SystemCallsSection: Sendable {
    var refusal: Refusal?
    var allow: [SystemCallEntry] = []
    var deny: [SystemCallEntry] = []
    var families: [Int32]?
    var log: Bool?

    static func read(_ mapping: ConfigurationMapping) -> SystemCallsSection {
        var calls = SystemCallsSection()
        calls.refusal = mapping.choice("default", of: Refusal.self)?.value
        calls.allow = SystemCallEntry.read(.allow, mapping)
        calls.deny = SystemCallEntry.read(.deny, mapping)
        calls.families = mapping.strings("families", among: SocketFamily.numbers.keys)?.compactMap { family in
            if let number = SocketFamily.numbers[family.value] { return number }
            mapping.problem(
                family.position,
                "unknown socket family \"\(family.value)\""
                    + suggestion(for: family.value, among: SocketFamily.numbers.keys))
            return nil
        }
        calls.log = mapping.boolean("log")?.value
        return calls
    }

    func layered(over base: SystemCallsSection) -> SystemCallsSection {
        SystemCallsSection(
            refusal: refusal ?? base.refusal, allow: base.allow + allow, deny: base.deny + deny,
            families: appended(base.families, families), log: log ?? base.log)
    }
}

/// Lists append; nil is no list.
private func appended<Element>(_ base: [Element]?, _ own: [Element]?) -> [Element]? {
    own.map { (base ?? []) + $0 } ?? base
}

/// A profile's `output`.
struct OutputSection: Sendable {
    /// Bytes of output that are kept of an agent.
    var ring: UInt64?

    /// The smallest ring: of sixteen segments, each with room for a record.
    static let smallestRing: UInt64 = 1 << 20

    static func read(_ mapping: ConfigurationMapping) -> OutputSection {
        OutputSection(ring: mapping.byteCount("ring", atLeast: smallestRing)?.value)
    }
}
