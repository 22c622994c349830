// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux
import ShimProtocol
import Testing

@testable import jail

/// What the keeper makes of what it is told, without a jail.
@Suite struct KeepingTests {
    private func refusal(_ call: String, _ process: String, _ count: UInt64 = 1, pid: Int32 = 7) -> SystemCallRefusal {
        SystemCallRefusal(call: call, process: process, pid: pid, count: count)
    }

    @Test("refused calls are added up by call and process; only what is new is news")
    func tally() {
        var tally = RefusalTally()
        #expect(tally.add([refusal("ptrace", "gdb"), refusal("ptrace", "strace", 2)]) == true)
        #expect(tally.add([refusal("ptrace", "gdb", 5, pid: 9)]) == false)
        #expect(tally.add([refusal("mount", "gdb")]) == true)
        #expect(
            tally.entries == [refusal("ptrace", "gdb", 6), refusal("ptrace", "strace", 2), refusal("mount", "gdb")])
    }

    @Test("an agent that makes up names fills no memory, and those that came first still count")
    func flood() {
        var tally = RefusalTally()
        for number in 0..<10_000 { _ = tally.add([refusal("bpf", "p\(number)")]) }
        #expect(tally.entries.count == RefusalTally.room)
        #expect(tally.add([refusal("bpf", "late"), refusal("bpf", "p0", .max)]) == false)
        #expect(tally.entries[0].process == "p0")
    }

    @Test("limits become the kernel's files, with the names that degrade uses")
    func limits() {
        let limits = JailPlan.CgroupLimits(
            memory: 4 << 30, memoryHigh: 3 << 30, swap: 0, processors: 150, processorWeight: 50, processes: 512,
            io: ["8:0 rbps=1048576"], ioWeight: 200, other: ["hugetlb.2MB.max": "0"])
        #expect(
            limits.files.map { "\($0.limit) \($0.name)=\($0.value)" } == [
                "limits.memory_high memory.high=3221225472", "limits.memory memory.max=4294967296",
                "limits.memory memory.oom.group=1", "limits.swap memory.swap.max=0",
                "limits.cpu cpu.max=150000 100000", "limits.cpu_weight cpu.weight=50", "limits.pids pids.max=512",
                "limits.io io.max=8:0 rbps=1048576", "limits.io_weight io.weight=200",
                "limits.cgroup hugetlb.2MB.max=0",
            ])
        #expect(Set(limits.files.compactMap(\.controller)) == ["memory", "cpu", "pids", "io", "hugetlb"])
        #expect(JailPlan.CgroupLimits().files.isEmpty)
        #expect(CgroupFile(name: "cgroup.max.depth", value: "0", limit: "limits.cgroup").controller == nil)
    }

    @Test(
        "a limit is in force when the kernel says so in its own form",
        arguments: [
            ("memory.max", "4294967296", "4294967296\n", true), ("memory.max", "4097", "4096\n", true),
            ("memory.max", "4294967296", "max\n", false), ("memory.swap.max", "0", "0\n", true),
            ("cpu.max", "150000 100000", "150000 100000\n", true), ("cpu.max", "150000 100000", "max 100000\n", false),
            ("pids.max", "512", "max\n", false), ("io.weight", "200", "default 200\n8:0 100\n", true),
            ("io.max", "8:0 rbps=1048576", "8:16 rbps=5\n8:0 rbps=1048576 wbps=max riops=max wiops=max\n", true),
            ("io.max", "8:0 rbps=1048576", "8:0 rbps=2097152 wbps=max\n", false), ("io.max", "8:0 rbps=1", "\n", false),
        ])
    func isInForce(name: String, value: String, text: String, isInForce: Bool) {
        #expect(CgroupFile(name: name, value: value, limit: "").isInForce(text) == isInForce)
    }

    @Test("what pid 1 says of usage arrives as it was said, and nonsense is no message")
    func messages() throws {
        let usage = ProcessUsage(stat: "1 (init) S 0 1 1 0 -1 0 0 0 0 0 5 6 7 8 20 0 1 0 9")
        let used = try #require(usage)
        let (ours, theirs) = try UnixSockets.pair()
        defer { for end in [ours, theirs] { close(end) } }
        try ControlMessage.used(used).send(to: ours)
        let (bytes, _, _) = try UnixSockets.receive(from: theirs, limit: ControlMessage.maximumSize)
        guard case .used(used)? = ControlMessage(bytes) else { return #expect(Bool(false), "\(bytes)") }
        for nonsense in [[], [10], [10, 1, 2], [99]] as [[UInt8]] { #expect(ControlMessage(nonsense) == nil) }
    }

    @Test(
        "durations on the command line have a unit",
        arguments: [
            ("500ms", 500), ("90s", 90_000), ("5m", 300_000), ("2h", 7_200_000), ("1d", 86_400_000), ("5", nil),
            ("0s", nil), ("-1s", nil),
            ("9999999999999999h", nil), ("9223372036854775807ms", nil), ("2562047788015h", nil),
        ]
            as [(String, Int64?)])
    func durations(text: String, milliseconds: Int64?) {
        #expect(RunOptions.milliseconds(text) == milliseconds)
    }

    @Test(
        "a command line that means nothing is refused with a sentence",
        arguments: [
            [], ["--profile", "x"], ["--profile"], ["--profile", "x", "--timeout", "soon", "--", "true"],
            ["--profile", "x", "--status-fd", "999999", "--", "true"],
            ["--profile", "x", "--pass-fd", "1", "--", "true"],
            ["--plan", "x", "--", "true"], ["--frobnicate", "1"],
        ])
    func commandLines(words: [String]) {
        let problem = #expect(throws: RunOptions.Problem.self) { try RunOptions(words) }
        #expect(problem?.message.isEmpty == false)
    }
}
