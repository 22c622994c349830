// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Linux

extension Methods {
    static func doctor(_ params: Nothing, _ call: Call) async throws -> SupervisorDoctor.Result {
        let supervisor = call.supervisor
        let doctor = Doctor(
            settings: supervisor.settings, cgroups: supervisor.cgroups, cgroupAbsence: supervisor.cgroupAbsence)
        // One at a time of all users: there are few threads that may block.
        return try await supervisor.examinations.pass {
            try await supervisor.blocking { SupervisorDoctor.Result(checks: doctor.checks()) }
        }
    }
}

/// What a daemon knows of its host, and has the program `jail` try: itself it has threads, and may not leave
/// namespaces (unshare(2)).
struct Doctor: Sendable {
    typealias Check = SupervisorDoctor.Check

    let settings: Settings
    let cgroups: CgroupTree?
    let cgroupAbsence: String?

    /// More than the attempts take together that the kernel ends one by one.
    private static let patience = Duration.seconds(90)

    /// Blocks.
    func checks() -> [Check] { probed() + [screenCheck, cgroupCheck, descriptorCheck, diskCheck] }

    private func probed() -> [Check] {
        do {
            let answer = try JailProgram(path: settings.jail)
                .output(of: ["probe", "--directory", settings.stateDirectory], atMost: Self.patience)
            guard let result = try? JSONDecoder().decode(SupervisorDoctor.Result.self, from: Data(answer)) else {
                return [
                    Check(
                        name: "jail", status: .problem,
                        found: "\(settings.jail) does not answer as this version's would",
                        hint: "install supervisord and jail of the same version, or name another with --jail")
                ]
            }
            return [Check(name: "jail", status: .ok, found: "\(settings.jail) starts")] + result.checks
        } catch {
            return [
                Check(
                    name: "jail", status: .problem, found: "\(settings.jail) does not start: \(error)",
                    hint: "install it beside supervisord, or say where it is with --jail")
            ]
        }
    }

    private var screenCheck: Check {
        do {
            _ = try ScreenProcess(settings.screen, size: .init(clamping: .init(columns: 80, rows: 24))).look()
            return Check(name: "screen", status: .ok, found: "\(settings.screen) keeps a screen")
        } catch {
            return Check(
                name: "screen", status: .warning, found: "\(settings.screen) keeps no screen: \(error)",
                hint: "install it beside supervisord, of the same version: nobody can attach to a terminal without it")
        }
    }

    private var cgroupCheck: Check {
        guard let cgroups else {
            return Check(
                name: "cgroups", status: .warning,
                found: "agents get no cgroups, and so no limits: \(cgroupAbsence ?? "this daemon makes none")",
                hint: "start the daemon as a unit with Delegate=yes and DelegateSubgroup=supervisord (systemd 254), or "
                    + "with systemd-run --user --scope -p Delegate=yes supervisord --user")
        }
        guard let given = try? Cgroup(path: cgroups.path).childControllers() else {
            return Check(
                name: "cgroups", status: .problem, found: "the cgroup \(cgroups.path) cannot be read any more",
                hint: "restart the daemon; agents run on")
        }
        let missing = ["cpu", "io", "memory", "pids"].filter { !given.contains($0) }
        guard missing.isEmpty else {
            return Check(
                name: "cgroups", status: .warning,
                found: "agents get cgroups below \(cgroups.path), without \(missing.joined(separator: ", "))",
                hint: "have them delegated, for a user's daemon with Delegate=cpu io memory pids in user@.service")
        }
        return Check(name: "cgroups", status: .ok, found: "agents get cgroups below \(cgroups.path)")
    }

    private var descriptorCheck: Check {
        guard let limit = try? ResourceLimits.present("nofile") else {
            return Check(name: "open-files", status: .warning, found: "the limit of open files cannot be read")
        }
        // Each client, each reader of a log and each agent's shim takes one.
        return Check(
            name: "open-files", status: limit.soft < 4096 ? .warning : .ok,
            found: "this daemon may have \(limit.soft == .max ? "any number of" : "\(limit.soft)") open files",
            hint: limit.soft < 4096
                ? "some hundreds of agents and clients take more: LimitNOFILE=65536 in the unit" : nil)
    }

    private var diskCheck: Check {
        var status = statvfs()
        let path = settings.stateDirectory
        guard statvfs(path, &status) == 0 else {
            return Check(
                name: "disk", status: .problem, found: "\(path) cannot be examined: \(Errno.words(errno))",
                hint: "restart the daemon with a state directory that is there")
        }
        return Self.diskCheck(
            path, free: UInt64(status.f_bavail) * UInt64(status.f_frsize),
            // Some file systems do not count them.
            files: status.f_files == 0 ? nil : UInt64(status.f_favail))
    }

    /// `files` is how many more there may be; nil for any number.
    static func diskCheck(_ path: String, free: UInt64, files: UInt64?) -> Check {
        let megabytes = free >> 20
        let few = files.map { $0 < 10_000 } ?? false
        let found = "\(megabytes) MiB are free below \(path)" + (few ? ", and room for \(files ?? 0) files" : "")
        let status: SupervisorDoctor.Status =
            megabytes < 64 || files.map { $0 < 100 } ?? false ? .problem : megabytes < 1024 || few ? .warning : .ok
        return Check(
            name: "disk", status: status, found: found,
            hint: status == .ok
                ? nil
                : "remove ended agents (agentctl rm), keep less of their output (output: {ring: …}), or move --state-dir"
        )
    }
}
