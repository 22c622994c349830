// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Glibc
import JailPlan
import Testing

@testable import Profiles

@Suite("Every key of a profile")
struct EveryKeyTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try scratch.write("base.yaml", minimal)
    }

    private func plan(_ request: PlanRequest) throws -> JailPlan { try scratch.profile(everyKey).plan(request) }

    private func asking() -> PlanRequest {
        var asking = request(workspace: "/srv/app")
        asking.outside = .init(uid: 100_000, gid: 100_001)
        asking.machineID = 0xA
        return asking
    }

    @Test("is in the text that these tests read")
    func complete() throws {
        let document = try ConfigurationDocument(text: everyKey, file: "c.yaml")
        let root = ConfigurationNode(content: .mapping(document.members), position: document.position)
        let known = ConfigurationMapping.shape(of: ProfileLayer.read).keys
        #expect(known.subtracting(Self.keys(root)).sorted() == [])
    }

    /// As ``ConfigurationShape/keys``, with what a file names itself among them.
    private static func keys(_ node: ConfigurationNode) -> Set<String> {
        switch node.content {
        case .scalar: []
        case .sequence(let elements): elements.reduce(into: []) { $0.formUnion(keys($1).map { "[]." + $0 }) }
        case .mapping(let members):
            members.reduce(into: []) { keys, member in
                keys.insert(member.key)
                for key in Self.keys(member.value) {
                    keys.insert(member.key + (key.hasPrefix("[]") ? "" : ".") + key)
                }
            }
        }
    }

    @Test("of the file system becomes an entry with its options")
    func filesystem() throws {
        let plan = try plan(asking())
        #expect(
            plan["/opt/t"]
                == .bind(.init(source: .path("/home/ada/t"), optional: true, executable: false)))
        #expect(
            plan["/home/ada/.cache/pip"]
                == .bind(
                    .init(
                        source: .path("/srv/pip"), writable: true, optional: true, executable: false, create: true)))
        #expect(
            plan.filesystem.first?.kind
                == .copyOnWrite(source: "/home/ada/root", size: 2 << 30, executable: false, optional: true))
        #expect(
            plan["/opt/sdk"] == .copyOnWrite(source: "/opt/sdk", size: 1 << 30, executable: true, optional: false))
        #expect(plan["/scratch"] == .tmpfs(size: 4 << 30, mode: 0o1777, executable: false))
        #expect(plan["/home/ada"] == .tmpfs(size: 1 << 30, mode: 0o700, executable: true))
        #expect(plan["/etc/motd"] == .file(content: "hello\n", mode: 0o640))
        #expect(plan["/etc/npmrc"] == .copy(source: "/home/ada/.npmrc", mode: 0o644))
        #expect(plan["/bin/python"] == .symlink(destination: "/usr/bin/python3"))
        #expect(plan["/sys"] == .sysfs)
        #expect(plan["/srv/app/.env"] == .hidden)
        #expect(plan["/run/credentials/token"] == .copy(source: "/srv/token", mode: 0o400))
        #expect(plan.command.environment["CREDENTIALS_DIRECTORY"] == "/run/credentials")
        #expect(plan["/etc/machine-id"] == .file(content: "0000000000000000000000000000000a\n", mode: 0o644))
        #expect(plan["/etc/resolv.conf"] == .bind(.init(source: .path("/etc/resolv.conf"), optional: true)))
    }

    @Test("of a process, of the jail and of its end is in the plan")
    func numbers() throws {
        let plan = try plan(asking())
        #expect(plan.identity.outside == .init(uid: 100_000, gid: 100_001))
        #expect(plan.identity.inside == .init(uid: 0, gid: 0) && plan.identity.users == [])
        #expect(plan.ports == .init(connect: [80, 443], bind: [8080]))
        #expect(
            plan.resources
                == .init(
                    memory: 4 << 30, memoryHigh: 3 << 30, swap: 0, processors: 150, processorWeight: 50, processes: 512,
                    io: ["8:0 rbps=1048576 wiops=max"], ioWeight: 200, other: ["hugetlb.2MB.max": "0"]))
        #expect(
            plan.scheduling
                == .init(
                    nice: 5, oomScoreAdjustment: 500, ioPriority: .bestEffort(level: 7), processors: [0, 1],
                    coreScheduling: true, personality: 0x40000))
        #expect(plan.clockOffsets == .init(monotonic: 3600, boot: 120))
        #expect(
            plan.timeouts
                == .init(
                    wall: 14_400_000, cpu: 7_200_000, idle: 900_000, start: 60_000, grace: 6000, stopSignals: [2, 15]))
        #expect(plan.capabilities == ["net_bind_service"])
        #expect(plan.degrade == ["landlock", "timeouts.idle", "timeouts.start"])
        #expect(plan.limits.count == 16 && plan.limits.contains(.init(resource: "nproc", soft: 2048, hard: 4096)))
        #expect(plan.command.workingDirectory == "/srv/app/src")
        #expect(plan.umask == 0o027 && plan.hostname == "box")
    }

    @Test("of its system calls is in the policy")
    func systemCalls() throws {
        guard case .policy(let policy) = try plan(asking()).systemCalls else {
            Issue.record("no policy")
            return
        }
        #expect(policy.refusal == .errno(EACCES) && policy.log && policy.socketFamilies == [1, 2])
        #expect(!policy.allowed.contains("personality") && policy.refused.contains("personality"))
        #expect(policy.allowed.contains("socket"))
        #expect(
            policy.rules == [
                .init(
                    call: "socket", action: .refuse(.kill),
                    conditions: [.init(argument: 1, comparison: .equalUnder(mask: 0xFFFF_FFFF), value: 3)]),
                .init(
                    call: "personality", action: .allow,
                    conditions: [.init(argument: 0, comparison: .equal, value: 0xFFFF_FFFF)]),
                .init(call: "ptrace", action: .log),
            ])
    }

    @Test("comes through the plan's JSON unchanged")
    func coding() throws {
        let plan = try plan(asking())
        #expect(try JSONDecoder().decode(JailPlan.self, from: Data(JSONText.canonical(plan).utf8)) == plan)
    }

    @Test("that is laid over another appends lists, replaces values and merges names")
    func layers() throws {
        try scratch.write("every.yaml", everyKey)
        let plan = try scratch.profile(
            """
            extends: every
            identity: owner
            filesystem:
              files: [{path: /etc/motd, content: other}]
              symlinks: {/bin/python: /usr/bin/python2, /bin/p: p}
              sys: none
            network: {connect: [22]}
            limits: {memory: 1G, io: ["8:16 riops=5"], cgroup: {memory.low: 1}}
            process: {cpus: 2, core_scheduling: false, io_priority: idle}
            clocks: {boottime: 0s}
            timeouts: {wall: 1h}
            seccomp: {families: [inet6], log: false}
            capabilities: [net_raw]
            credentials: {token: /srv/other, more: /srv/more}
            """
        ).plan(asking())
        #expect(plan.identity.outside == nil)
        #expect(plan["/etc/motd"] == .file(content: "other", mode: 0o644))
        #expect(plan["/bin/python"] == .symlink(destination: "/usr/bin/python2"))
        #expect(plan["/bin/p"] == .symlink(destination: "p"))
        #expect(plan["/sys"] == nil)
        #expect(plan.ports == .init(connect: [22, 80, 443], bind: [8080]))
        #expect(plan.resources.memory == 1 << 30 && plan.resources.processors == 150)
        // Above the limit it would mean nothing.
        #expect(plan.resources.memoryHigh == 1 << 30)
        #expect(plan.resources.io == ["8:0 rbps=1048576 wiops=max", "8:16 riops=5"])
        #expect(plan.resources.other == ["hugetlb.2MB.max": "0", "memory.low": "1"])
        #expect(plan.scheduling.processorCount == 2 && plan.scheduling.processors == nil)
        #expect(!plan.scheduling.coreScheduling && plan.scheduling.ioPriority == .idle)
        #expect(plan.clockOffsets == .init(monotonic: 3600, boot: 0))
        #expect(plan.timeouts.wall == 3_600_000 && plan.timeouts.cpu == 7_200_000)
        #expect(plan.capabilities == ["net_bind_service", "net_raw"])
        #expect(plan["/run/credentials/token"] == .copy(source: "/srv/other", mode: 0o400))
        #expect(plan["/run/credentials/more"] == .copy(source: "/srv/more", mode: 0o400))
        guard case .policy(let policy) = plan.systemCalls else { return }
        #expect(policy.socketFamilies == [1, 2, 10] && !policy.log)
        // Ports go with the network that has them.
        #expect(try scratch.profile("extends: every\nnetwork: {mode: none}\n").plan(asking()).ports == nil)
    }

    @Test("that is a limit can be narrowed by the request, and not be widened")
    func narrowing() throws {
        let profile = try scratch.profile(everyKey)
        var narrow = asking()
        narrow.limits = .init(memory: 1 << 30, swap: 0, pids: 10, cpu: 50, files: 100, tmp: 1 << 20)
        narrow.timeouts = .init(
            wall: .seconds(60), cpu: .seconds(30), idle: .seconds(20), start: .seconds(10), grace: .seconds(5))
        let plan = try profile.plan(narrow)
        #expect(plan.resources.memory == 1 << 30 && plan.resources.memoryHigh == 1 << 30)
        #expect(plan.resources.processes == 10 && plan.resources.processors == 50)
        #expect(
            plan.timeouts
                == .init(wall: 60_000, cpu: 30_000, idle: 20_000, start: 10_000, grace: 5000, stopSignals: [2, 15]))
        #expect(plan["/scratch"] == .tmpfs(size: 1 << 20, mode: 0o1777, executable: false))

        func subject(_ change: (inout PlanRequest) -> Void) -> PlanError.Subject? {
            var wide = asking()
            change(&wide)
            return #expect(throws: PlanError.self) { try profile.plan(wide) }?.subject
        }
        #expect(subject { $0.limits.memory = 5 << 30 } == .request("limits.memory"))
        #expect(subject { $0.limits.memory = 0 } == .request("limits.memory"))
        #expect(subject { $0.limits.swap = 1 } == .request("limits.swap"))
        #expect(subject { $0.limits.pids = 513 } == .request("limits.pids"))
        #expect(subject { $0.limits.cpu = 151 } == .request("limits.cpu"))
        #expect(subject { $0.timeouts.wall = .seconds(14_401) } == .request("timeouts.wall"))
        #expect(subject { $0.timeouts.cpu = .zero } == .request("timeouts.cpu"))
        #expect(subject { $0.timeouts.grace = .seconds(7) } == .request("timeouts.grace"))
    }

    @Test("a request may set a limit where the profile has none")
    func freeLimits() throws {
        var asking = request()
        asking.limits = .init(memory: 1 << 30, swap: 0, cpu: 25)
        asking.timeouts = .init(wall: .seconds(1))
        let plan = try scratch.profile("extends: base\n").plan(asking)
        #expect(plan.resources == .init(memory: 1 << 30, swap: 0, processors: 25))
        #expect(plan.timeouts.wall == 1000)
    }

    @Test("an identity of the agent's own has to be given, unless the profile can do without")
    func identity() throws {
        var without = asking()
        without.outside = nil
        let error = #expect(throws: PlanError.self) { try scratch.profile(everyKey).plan(without) }
        #expect(error?.subject == .request("identity"))
        let launcher = try scratch.launcher("profile: test\nprogram: /bin/sh\nstop: [SIGHUP]\n")
        let poor = try scratch.profile("extends: base\nidentity: dynamic\ndegrade: [identity]\n")
        var plain = request()
        plain.arguments = []
        let assembled = try launcher.assemble(plain, profile: poor)
        #expect(assembled.plan.identity.outside == nil && assembled.missing == ["identity"])
        #expect(assembled.plan.timeouts.stopSignals == [1])
        plain.outside = .init(uid: 5, gid: 5)
        #expect(try launcher.assemble(plain, profile: poor).missing == [])
    }
}
