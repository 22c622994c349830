// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// A jail that is stopped as a shell stops its jobs.
@Suite("pause", .timeLimit(.minutes(20))) struct PauseTests {
    /// Counts in the workspace, in a session of the main process's and in another.
    private func counting(_ person: Person) -> String {
        let count = """
            import sys, time
            for number in range(10 ** 9):
                open(sys.argv[1], "w").write(str(number)); time.sleep(0.005)
            """
        return
            "python3 -c '\(count)' a \(person.sleep(60)) & exec setsid -w python3 -c '\(count)' b \(person.sleep(60))"
    }

    /// Starts a command as a shell's job, stops it, lets it go on, stops it again and kills its keeper.
    private let job = """
        import os, signal, subprocess, sys, time
        def until(what, condition):
            for _ in range(30000):
                if condition():
                    return print(what, flush=True)
                time.sleep(0.01)
            sys.exit("never " + what)
        def counts():
            return [open(name).read() for name in "ab" if os.path.exists(name)]
        def moves(names):
            before = counts()
            time.sleep(0.3)
            return len(before) == 2 and all(before[n] != counts()[n] for n in (0, 1)) == names
        def stands():
            before = counts()
            time.sleep(0.3)
            return before == counts()
        def state(pid):
            return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0]
        def inside():
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    words = open(f"/proc/{pid}/cmdline").read().split("\\0")
                    if words[0] == "python3" and sys.argv[1] in words:
                        yield state(pid)
                except OSError:
                    pass
        job = subprocess.Popen(sys.argv[2:], process_group=0)
        until("running", lambda: moves(True))
        os.kill(job.pid, signal.SIGTSTP)
        until("stopped", lambda: state(job.pid) == "T" and stands())
        print("by a signal" if set(inside()) == {"T"} else "by the freezer")
        os.kill(job.pid, signal.SIGCONT)
        until("running", lambda: moves(True))
        os.kill(job.pid, signal.SIGTSTP)
        until("stopped", lambda: state(job.pid) == "T" and stands())
        os.kill(job.pid, signal.SIGKILL)
        job.wait()
        """

    private func check(_ scene: Scene, _ prefix: [String], _ options: [String], _ how: String) async throws {
        let end = try await scene.run(
            // Not around the job: a cgroup that is divided has room for `jail run` alone.
            ["/usr/bin/python3", "-c", job, "\(scene.person.sleep(60))"] + prefix + [
                Installation.programs + "/jail", "run", "--profile", Installation.profile("base"), "--workspace",
                scene.workspace,
            ] + options + ["--", "/bin/sh", "-c", counting(scene.person)])
        #expect(end.status == 0 && end.output == "running\nstopped\n\(how)\nrunning\nstopped\n", "\(end)")
        #expect(try await eventually { !isRunning("\u{0}\(scene.person.sleep(60))") })
    }

    @Test(
        "stops everything in the jail until it is continued, and the jail still ends with its keeper",
        arguments: Person.all)
    func signals(_ person: Person) async throws {
        try await Scene.run(person) { scene in try await check(scene, [], [], "by a signal") }
    }

    @Test("of an agent that gets out of it and ends meanwhile ends as it did", arguments: Person.all)
    func endsMeanwhile(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            // Timers of the kernel's send SIGCONT, whatever is stopped. Many: one that is due as SIGSTOP comes is lost.
            let agent = """
                import ctypes, os, time
                event = (ctypes.c_int * 16)(0, 0, 18)
                libc = ctypes.CDLL(None)
                for number in range(1, 1000):
                    timer, at = ctypes.c_void_p(), number * 10**8
                    assert libc.timer_create(1, event, ctypes.byref(timer)) == 0
                    times = (ctypes.c_long * 4)(0, 0, at // 10**9, at % 10**9)
                    assert libc.timer_settime(timer, 0, times, None) == 0
                open("ready", "w")
                while not os.path.exists("go"): time.sleep(0.01)
                open("gone", "w")
                os._exit(7)
                """
            try Data(agent.utf8).write(to: URL(filePath: scene.workspace + "/agent.py"))
            let job = """
                import os, signal, subprocess, sys, time
                job = subprocess.Popen(sys.argv[1:], process_group=0)
                def until(condition):
                    for _ in range(60000):
                        if condition(): return
                        time.sleep(0.01)
                    sys.exit("never")
                until(lambda: os.path.exists("ready"))
                os.kill(job.pid, signal.SIGTSTP)
                until(lambda: open(f"/proc/{job.pid}/stat").read().rsplit(")", 1)[1].split()[0] == "T")
                open("go", "w")
                until(lambda: os.path.exists("gone"))
                time.sleep(0.3)
                os.kill(job.pid, signal.SIGCONT)
                print(job.wait())
                """
            let end = try await scene.run(
                [
                    "/usr/bin/python3", "-c", job, Installation.programs + "/jail", "run", "--profile",
                    Installation.profile("base"), "--workspace", scene.workspace, "--", "python3", "agent.py",
                ])
            #expect(end.output == "7\n", "\(end)")
        }
    }

    @Test(
        "is done by the freezer where there is a cgroup",
        .enabled(if: !Delegation.people.isEmpty, "\(Delegation.reason)"),
        arguments: Delegation.people)
    func freezer(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let prefix = try #require(Delegation.prefix(for: person, in: scene.directory))
            try await check(scene, prefix, ["--set", "limits: {memory: 1G}"], "by the freezer")
        }
    }
}
