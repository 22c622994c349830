// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Testing

/// What Landlock adds to the mounts, and what it must leave alone.
@Suite("Landlock in a jail", .timeLimit(.minutes(20)), .enabled(if: Landlock.version >= 2, "needs Landlock"))
struct LandlockTests {
    @Test(
        "keeps an agent from abstract sockets and signals outside of it", .enabled(if: Landlock.version >= 6),
        arguments: Person.all)
    func scopes(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let name = "agent-supervisor-test-\(UUID().uuidString)"
            let listener = try scene.start([
                "/usr/bin/python3", "-c",
                "import socket,sys,time; s = socket.socket(socket.AF_UNIX); s.bind('\\0\(name)'); s.listen(); "
                    + "print('up', flush=True); time.sleep(60)",
            ])
            #expect(try await eventually { listener.output == "up\n" }, "\(listener.error)")
            let end = try await scene.python(
                """
                def reach(address):
                    try:
                        socket.socket(socket.AF_UNIX).connect(address)
                        print("reached")
                    except OSError as error:
                        print(errno.errorcode[error.errno])
                own = socket.socket(socket.AF_UNIX)
                own.bind("\\0own-\(name)")
                own.listen()
                reach("\\0\(name)")
                reach("\\0own-\(name)")
                print(call(62, 1, 0))
                """
            ) { $0.network = .host }
            kill(listener.pid, SIGKILL)
            _ = try await listener.end()
            #expect(end.output == "EPERM\nreached\nEPERM\n", "\(end)")
        }
    }

    #if arch(x86_64)
        @Test(
            "opens the named TCP ports only, by whatever way", .enabled(if: Landlock.version >= 4),
            arguments: Person.all)
        func ports(_ person: Person) async throws {
            try await Scene.run(person) { scene in
                // Two listeners of the host's; the jail may connect to the first and bind a third.
                let listener = try scene.start([
                    "/usr/bin/python3", "-c",
                    """
                    import socket, time
                    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
                    print(*(s.getsockname()[1] for s in sockets), flush=True)
                    sockets[2].close()
                    time.sleep(60)
                    """,
                ])
                #expect(try await eventually { listener.output.hasSuffix("\n") }, "\(listener.error)")
                let ports = listener.output.split(whereSeparator: \.isWhitespace).compactMap { UInt16($0) }
                let end = try await scene.python(
                    """
                    first, second, third = \(ports)
                    def attempt(name, body):
                        try:
                            body()
                            print(name, "done")
                        except OSError as error:
                            print(name, errno.errorcode[error.errno])
                    stream = lambda protocol=0: socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
                    attempt("connect", lambda: stream().connect(("127.0.0.1", first)))
                    attempt("connect elsewhere", lambda: stream().connect(("127.0.0.1", second)))
                    attempt("bind", lambda: stream().bind(("127.0.0.1", third)))
                    attempt("bind elsewhere", lambda: stream().bind(("127.0.0.1", second + 1 if second < 65535 else 9)))
                    def listen(port=None, family=socket.AF_INET):
                        s = socket.socket(family)
                        if port is not None:
                            s.bind(("127.0.0.1", port))
                        s.listen(5)
                        if family == socket.AF_INET:
                            client = socket.create_connection(s.getsockname())
                    attempt("listen", lambda: listen(third))
                    attempt("listen unbound", listen)
                    attempt("listen unbound by IPv6", lambda: listen(family=socket.AF_INET6))
                    attempt("listen on what is none", lambda: socket.socket(fileno=os.open(".", os.O_RDONLY)).listen())
                    attempt("mptcp", lambda: stream(262))
                    attempt("smc", lambda: stream(256))
                    attempt("fast open", lambda: stream().sendto(b"x", 0x20000000, ("127.0.0.1", second)))
                    attempt("fast open by message",
                            lambda: stream().sendmsg([b"x"], [], 0x20000000, ("127.0.0.1", second)))
                    print("high bits", call(41, 2, 1, (1 << 32) + 262), "ring", call(425, 1, 0))
                    """
                ) { plan in
                    plan.network = .host
                    plan.ports = .init(connect: [ports[0], ports[2]], bind: [ports[2]])
                    var policy = JailPlan.SystemCallPolicy.everything
                    policy.guardsListening = true
                    plan.systemCalls = .policy(policy)
                }
                kill(listener.pid, SIGKILL)
                _ = try await listener.end()
                #expect(
                    end.output == """
                        connect done
                        connect elsewhere EACCES
                        bind done
                        bind elsewhere EACCES
                        listen done
                        listen unbound EACCES
                        listen unbound by IPv6 EACCES
                        listen on what is none ENOTSOCK
                        mptcp EPROTONOSUPPORT
                        smc EPROTONOSUPPORT
                        fast open ENOTSUP
                        fast open by message ENOTSUP
                        high bits EPROTONOSUPPORT ring ENOSYS

                        """, "\(end)")
            }
        }
    #endif

    @Test("leaves alone what programs do all day", arguments: Person.all)
    func programs(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let end = try await scene.jailed(
                [
                    "/bin/sh", "-ec",
                    """
                    mkdir a b; echo 1 > a/x; mv a/x b/y; ln b/y a/z; : > b/y; rm -r a b; mkfifo p; rm p
                    cp /bin/true ./t; ./t; cp t /tmp/t; /tmp/t; cp t /dev/shm/t; rm t; echo files
                    echo 0 > /proc/self/oom_score_adj 2>/dev/null || echo 500 > /proc/self/oom_score_adj
                    cat /proc/self/status /proc/self/maps > /dev/null; ls /proc/self/fd > /dev/null; ls / > /dev/null
                    cat < /dev/null; head -c 4 /dev/urandom > /dev/null; echo devices
                    python3 -c '
                    import os, pty, socket, subprocess, multiprocessing
                    a, b = pty.openpty()
                    os.write(a, b"x\\n"); assert os.read(b, 9) == b"x\\n"
                    os.close(os.open(os.ttyname(b), os.O_RDWR | os.O_NOCTTY))
                    pty.spawn(["sh", "-c", "echo terminal > /dev/tty"])
                    s = socket.socket(socket.AF_UNIX); s.bind("/tmp/s"); s.listen()
                    socket.socket(socket.AF_UNIX).connect("/tmp/s")
                    multiprocessing.Lock()
                    child = subprocess.Popen(["sleep", "60"]); child.kill(); assert child.wait() == -9
                    f = os.memfd_create("m"); os.write(f, open("/bin/true", "rb").read())
                    assert subprocess.run(["/proc/self/fd/%d" % f], pass_fds=[f]).returncode == 0
                    '
                    echo python
                    """,
                ])
            #expect(end.status == 0, "\(end)")
            for word in ["files\n", "devices\n", "terminal", "python\n"] {
                #expect(end.output.contains(word), "\(word) in \(end)")
            }
        }
    }

    @Test("leaves tools alone", arguments: Person.all)
    func tools(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let tools: [(program: String, command: String)] = [
                (
                    "git",
                    """
                    git init -q r && cd r && echo 1 > f && git add f && git -c user.name=a -c user.email=b commit -qm c
                    git clone -q . ../r2 && git gc -q && cd ../r2 && git mv f g && git worktree add -q ../w HEAD
                    """
                ),
                ("gcc", "echo 'int main(){return 0;}' > m.c && gcc -pipe -o m m.c && gcc -o m m.c && ./m"),
                (
                    "node",
                    "node -e 'new (require(\"worker_threads\").Worker)(\"require(`fs`).writeFileSync(`n`, `1`)\", "
                        + "{eval: true})' && test -s n"
                ),
                ("strace", "strace -f -o /dev/null sh -c 'true; true'"),
                ("gdb", "gdb -q -batch -ex run --args /bin/true"),
            ]
            for tool in tools where access("/usr/bin/" + tool.program, X_OK) == 0 {
                let end = try await scene.jailed(["/bin/sh", "-ec", tool.command])
                #expect(end.status == 0, "\(tool.program): \(end)")
            }
        }
    }

    @Test("lets the starter's own files be opened again as streams", arguments: Person.all)
    func streams(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let input = try Files.open(scene.canary, O_RDONLY)
            let command = "cat /dev/stdin; echo a >> /dev/stderr; echo b > /dev/stdin || echo refused"
            let file = try planFile(scene, ["/bin/sh", "-c", command])
            let own = scene.workspace + "/error"
            let start = "exec \(Installation.programs)/jail run --plan \(file) 2> \(own)"
            let end = try await scene.start(["/bin/sh", "-c", start], input: input.number).end()
            // As it was open, and no more: the person may write the file, and the last command fails.
            #expect(end.output == "unharmedrefused\n", "\(end)")
            #expect(try String(contentsOfFile: own, encoding: .utf8).contains("cannot create /dev/stdin"))
            #expect(try String(contentsOfFile: scene.canary, encoding: .utf8) == "unharmed")
        }
    }

    @Test("starts nothing with a directory of the host's as a stream", arguments: Person.all)
    func directoryAsStream(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let input = try Files.open("/", O_RDONLY | O_DIRECTORY)
            let file = try planFile(scene, ["/bin/ls", "/proc/self/fd/0/"])
            let end = try await scene.start(["jail", "run", "--plan", file], input: input.number).end()
            #expect(end.status == 125 && end.output.isEmpty && end.error.contains("EISDIR"), "\(end)")
        }
    }

    private func planFile(_ scene: Scene, _ arguments: [String]) throws -> String {
        let file = scene.directory + "/plan.json"
        try JSONEncoder().encode(JailPlan.handMade(scene, arguments)).write(to: URL(filePath: file))
        chmod(file, 0o644)
        return file
    }
}
