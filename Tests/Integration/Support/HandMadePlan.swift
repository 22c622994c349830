// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CSeccomp
import FoundationEssentials
import JailPlan
import Linux

extension JailPlan {
    /// A plan as no profile makes it: the host's programs, the scene's workspace, /tmp, and every system call, for a
    /// test to change what it is about.
    static func handMade(_ scene: Scene, _ arguments: [String]) -> JailPlan {
        func bind(_ path: String, _ target: String? = nil, writable: Bool = false) -> FilesystemEntry {
            FilesystemEntry(
                target: target ?? path,
                kind: .bind(.init(source: .path(path), writable: writable, optional: !writable)))
        }
        return JailPlan(
            identity: .init(uid: scene.person.uid, gid: scene.person.uid, groups: []), hostname: "test", network: .none,
            filesystem: [
                bind("/usr"), bind("/bin"), bind("/lib"), bind("/lib64"), bind("/etc/alternatives"),
                bind(scene.workspace, writable: true),
                FilesystemEntry(target: "/tmp", kind: .tmpfs(size: 64 << 20, mode: 0o1777, executable: true)),
            ],
            command: .init(
                arguments: arguments, environment: ["PATH": "/usr/bin:/bin", "HOME": "/tmp"],
                workingDirectory: scene.workspace),
            terminal: .inherit, systemCalls: .policy(.everything))
    }
}

extension JailPlan.SystemCallPolicy {
    /// Every call that this machine has a name for.
    static let everything: JailPlan.SystemCallPolicy = {
        let names = (Int32(0)..<600).compactMap { number -> String? in
            guard let name = seccomp_syscall_resolve_num_arch(seccomp_arch_native(), number) else { return nil }
            defer { free(name) }
            return String(cString: name)
        }
        return JailPlan.SystemCallPolicy(allowed: names, refused: [], refusal: .errno(EPERM))
    }()
}

extension Scene {
    /// Runs a command in the jail of a plan; `change` makes it what the test is about.
    func jailed(
        _ arguments: [String], _ change: (inout JailPlan) -> Void = { _ in }
    ) async throws -> Program.End {
        var plan = JailPlan.handMade(self, arguments)
        change(&plan)
        return try await jail(plan)
    }

    /// Runs a Python program in the jail of a plan. `call(number, ...)` in it makes a system call and says what came
    /// of it: its result or the name of its errno.
    func python(
        _ program: String, _ change: (inout JailPlan) -> Void = { _ in }
    ) async throws -> Program.End {
        let start = """
            import ctypes, errno, os, signal, socket, sys, threading, time
            libc = ctypes.CDLL(None, use_errno=True)
            def call(number, *arguments):
                result = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(a) for a in arguments))
                return result if result != -1 else errno.errorcode[ctypes.get_errno()]

            """
        let file = workspace + "/program-\(UUID().uuidString).py"
        try Data((start + program).utf8).write(to: URL(filePath: file))
        chmod(file, 0o644)
        return try await jailed(["/usr/bin/python3", file], change)
    }
}
