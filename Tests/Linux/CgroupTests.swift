// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import Testing

/// What is read of cgroups, from texts as kernels write them.
@Suite struct CgroupTests {
    private static let unified = """
        24 1 0:22 / /proc rw,nosuid - proc proc rw
        30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
        """
    private static let hybrid = """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """

    @Test("one's own cgroup is below the mount, on hosts with v2 alone and beside v1")
    func own() {
        let user = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/agent-supervisor.service/supervisord\n"
        let place = CgroupPlace(membership: user, mounts: Self.unified)
        #expect(
            place?.path
                == "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/agent-supervisor.service/supervisord"
        )
        #expect(place?.isWritable == true)
        let beside = "9:name=systemd:/\n4:memory:/process_api/e1e8\n0::/\n"
        #expect(CgroupPlace(membership: beside, mounts: Self.hybrid)?.path == "/sys/fs/cgroup/unified")
    }

    @Test("a container's view: a part that is mounted read-only, a root that is not the host's")
    func container() {
        let mounts = """
            900 880 0:26 /docker/abc /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw
            901 880 0:26 /docker/abc /my\\040cgroups rw,nosuid - cgroup2 cgroup rw
            """
        let inside = CgroupPlace(membership: "0::/docker/abc/init\n", mounts: mounts)
        #expect(inside?.path == "/my cgroups/init" && inside?.isWritable == true)
        let first = String(mounts.split(separator: "\n")[0])
        #expect(CgroupPlace(membership: "0::/docker/abc\n", mounts: first)?.isWritable == false)
        #expect(CgroupPlace(membership: "0::/docker/abcd\n", mounts: first) == nil)
        // From within a cgroup namespace, one above its root.
        #expect(CgroupPlace(membership: "0::/../other\n", mounts: Self.unified) == nil)
    }

    @Test("no cgroup v2 is none", arguments: ["", "4:memory:/x\n", "0::/\n"])
    func absent(membership: String) {
        #expect(CgroupPlace(membership: membership, mounts: "35 31 0:32 / /m rw - cgroup cgroup rw,memory") == nil)
    }

    @Test("this machine's own is found where it has one, and is a cgroup")
    func here() throws {
        guard let place = try CgroupPlace.own() else { return }
        let cgroup = try Cgroup(path: place.path)
        #expect(try cgroup.processes().contains(getpid()))
    }

    @Test("flat and nested files, numbers and max")
    func texts() {
        let events = "low 0\nhigh 12\nmax 345\noom 2\noom_kill 3\noom_group_kill 1\n"
        #expect(CgroupText.numbers(events)["oom_kill"] == 3)
        let times = "usage_usec 340000\nuser_usec 300000\nsystem_usec 40000\nnr_periods 0\n"
        #expect(CgroupText.numbers(times)["user_usec"] == 300_000)
        let disks = "8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353\n8:0 rbytes=90430464 wbytes=299008000\n"
        #expect(CgroupText.keyedNumbers(disks)["8:0"] == ["rbytes": 90_430_464, "wbytes": 299_008_000])
        let pressure =
            "some avg10=0.12 avg60=0.00 avg300=0.00 total=1234\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"
        #expect(CgroupText.keyedNumbers(pressure) == ["some": ["total": 1234], "full": ["total": 7]])
        #expect(CgroupText.number("4096\n") == 4096 && CgroupText.number("max\n") == nil)
    }

    @Test("a process's times are found behind any name that it gives itself")
    func processTimes() {
        let ticks = Int64(sysconf(Int32(_SC_CLK_TCK)))
        let line =
            "4711 (a) b ) (c) S 1 4711 4711 0 -1 4194560 1 2 3 4 \(ticks) \(2 * ticks) \(3 * ticks) \(4 * ticks) 20 0 1 0 9"
        let usage = ProcessUsage(stat: line)
        #expect(usage?.user == 4_000_000 && usage?.system == 6_000_000)
        #expect(ProcessUsage(stat: "4711 (x) S 1") == nil && ProcessUsage(stat: "") == nil)
    }

    @Test(
        "a cgroup is made, entered, listed, frozen, killed and removed",
        .enabled(if: Self.canMake, "needs a cgroup v2 to write to"))
    func life() throws {
        let place = try #require(try CgroupPlace.own())
        let parent = try Cgroup(path: place.path)
        let name = "test-\(getpid())-\(UInt32.random(in: 0...(.max)))"
        let cgroup = try parent.makeChild(name)
        #expect(throws: SystemError.self) { _ = try parent.makeChild(name) }
        let child = try Spawn.start("/bin/sleep", ["sleep", "600"], descriptors: [:])
        try cgroup.add(child)
        #expect(try cgroup.processes() == [child] && cgroup.isPopulated())
        #expect(try parent.children().contains(name))
        let meter = CgroupMeter(cgroup)
        let times = meter.numbers("cpu.stat")
        #expect(times?["usage_usec"] != nil)
        try cgroup.freeze(true)
        // A frozen process dies all the same.
        let isKilled = meter.kill()
        #expect(isKilled)
        var status: Int32 = 0
        #expect(waitpid(child, &status, 0) == child && status & 0x7F == SIGKILL)
        _ = try cgroup.makeChild("inner")
        try Cgroup.remove("\(place.path)/\(name)")
        #expect(access("\(place.path)/\(name)", F_OK) != 0)
        try Cgroup.remove("\(place.path)/\(name)")
    }

    private static var canMake: Bool {
        guard let place = try? CgroupPlace.own(), place.isWritable else { return false }
        return access(place.path, W_OK) == 0
    }
}
