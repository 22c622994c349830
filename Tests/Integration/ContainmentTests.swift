// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// Every shipped profile, attacked from inside (docs/threat-model.md), and asked for what agents need.
@Suite("containment", .serialized, .timeLimit(.minutes(20))) struct ContainmentTests {
    /// The profiles that are shipped, whatever they are: one that is added is attacked without a word here.
    static let profiles =
        ((try? FileManager.default.contentsOfDirectory(atPath: Installation.repository + "/sandbox-profiles")) ?? [])
        .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()

    @Test("has at least 150 checks, each with its own name, and every break-out of the threat model has one")
    func checks() async throws {
        let probe = Installation.repository + "/Tests/Support/containment-probe"
        try await Scene.run(.ordinaryUser) { scene in
            let ids = try await scene.run([probe, "--list"]).output.split(separator: "\n").map(String.init)
            #expect(ids.count >= 150 && Set(ids).count == ids.count)
            for group in ContainmentTests.shares.keys {
                #expect(ids.contains { $0.hasPrefix(group + ".") }, "\(group)")
            }
            // Only where the sources are: an installation has no docs beside it.
            let model = Installation.repository + "/docs/threat-model.md"
            guard let text = try? String(contentsOfFile: model, encoding: .utf8) else { return }
            let named = text.split(separator: "`").map(String.init).filter { word in
                ContainmentTests.shares.keys.contains { word.hasPrefix($0 + ".") } && !word.contains(" ")
            }
            #expect(named.count > 40)
            for id in named { #expect(ids.contains(id), "docs/threat-model.md names \(id), which is no check") }
        }
    }

    @Test("nothing gets out, and nothing that agents need is missing", arguments: profiles, Person.all)
    func plain(_ profile: String, _ person: Person) async throws {
        #expect(ContainmentTests.profiles.count >= 3)
        try await Scene.run(person) { scene in
            let situation = Situation(profile: profile, person: person)
            let facts = Probe.Facts(jailed: true, workspace: scene.workspace, givenVariables: situation.variables)
            try await Probe.run(scene, facts: facts) { probe in
                let end = try await probe.jail(profile, options: try situation.options(scene))
                judge(try probe.read(situation), situation, end)
            }
        }
    }

    @Test("nor with hostile settings and more that is writable", arguments: profiles, Person.all)
    func hostile(_ profile: String, _ person: Person) async throws {
        try await Scene.run(person) { scene in
            let extra = scene.directory + "/extra"
            mkdir(extra, 0o755)
            chown(extra, person.uid, person.uid)
            let extended = scene.directory + "/extended.yaml"
            try Data("extends: \(profile)\nfilesystem:\n  writable: [\(extra)]\n".utf8)
                .write(to: URL(filePath: extended))
            for name in ContainmentTests.profiles {
                try FileManager.default.copyItem(
                    atPath: Installation.profile(name), toPath: "\(scene.directory)/\(name).yaml")
            }
            let mark = scene.directory + "/mark"
            var given = [
                "PYTHONPATH": scene.workspace + "/hostile", "PYTHONSTARTUP": scene.workspace + "/hostile/start.py",
                "BASH_ENV": scene.workspace + "/hostile/bash", "CONTAINMENT_MARK": mark, "IFS": "/",
                "GCONV_PATH": scene.workspace, "SWIFT_BACKTRACE": "enable=yes", "MALLOC_CHECK_": "0",
                "NODE_OPTIONS": "--no-warnings", "GIT_SSH_COMMAND": "false",
            ]
            given["LD_PRELOAD"] = try await hostileLibrary(scene)
            let facts = Probe.Facts(
                jailed: true, workspace: scene.workspace,
                givenVariables: given.keys + Situation(profile: profile, person: person).variables, writable: [extra],
                extraWritable: [extra])
            try await Probe.run(scene, facts: facts) { probe in
                let situation = Situation(profile: profile, person: person)
                let variables = given.sorted { $0.key < $1.key }.flatMap { ["--env", "\($0.key)=\($0.value)"] }
                let end = try await probe.jail(extended, options: try situation.options(scene) + variables)
                judge(try probe.read(situation), situation, end)
            }
            // It ran, in there only.
            #expect(access(mark, F_OK) != 0, "something that the agent was given ran outside")
        }
    }

    @Test("nor as the jail's root, in a root of its own, with other users' numbers", arguments: Person.all)
    func asRoot(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let facts = Probe.Facts(
                jailed: true, workspace: scene.workspace,
                givenVariables: Situation(profile: "shell", person: person).variables)
            try await Probe.run(scene, facts: facts) { probe in
                let users = "users: {root: true, subordinate: true}"
                let image = try await makeImage(scene)
                let root = "filesystem: {copy_on_write: [{path: /, source: \(image)}], read_only: [/usr]}"
                for (pieces, hasOwnRoot) in [([users], false), ([users, root], true)] {
                    // The subordinate users are there only for an ordinary user with a line in /etc/subuid.
                    let options = (["degrade: [users.subordinate]"] + pieces).flatMap { ["--set", $0] }
                    let end = try await probe.jail("shell", options: options)
                    let situation = Situation(profile: "shell", person: person, hasOwnRoot: hasOwnRoot)
                    judge(try probe.read(situation), situation, end)
                }
            }
        }
    }

    /// Of the host's own parts, but for its programs.
    private func makeImage(_ scene: Scene) async throws -> String {
        let image = scene.makeDirectory("image")
        let end = try await scene.shell(
            """
            cd \(image)
            mkdir etc usr home
            for name in bin sbin lib lib32 lib64; do test ! -e /$name || ln -s usr/$name $name; done
            for name in ld.so.cache alternatives localtime ssl/certs ssl/openssl.cnf; do
                test ! -e /etc/$name || { mkdir -p $(dirname etc/$name); cp -RL /etc/$name etc/$name; }
            done
            mkfifo fifo; ln -s / slash; ln -s /proc/1/root away
            """)
        #expect(end.status == 0, "\(end)")
        return image
    }

    /// A library to preload and Python code, both of which leave a mark wherever they can.
    private func hostileLibrary(_ scene: Scene) async throws -> String? {
        let directory = scene.workspace + "/hostile"
        mkdir(directory, 0o755)
        let python = "import os\ntry:\n    open(os.environ['CONTAINMENT_MARK'], 'w')\nexcept OSError:\n    pass\n"
        for name in ["sitecustomize.py", "start.py"] {
            try Data(python.utf8).write(to: URL(filePath: "\(directory)/\(name)"))
        }
        try Data(": > \"$CONTAINMENT_MARK\"\n".utf8).write(to: URL(filePath: directory + "/bash"))
        guard access("/usr/bin/gcc", X_OK) == 0 else { return nil }
        let source = """
            #include <fcntl.h>
            #include <stdlib.h>
            #include <unistd.h>
            __attribute__((constructor)) static void mark(void)
            {
                const char *path = getenv("CONTAINMENT_MARK");
                if (path) close(open(path, O_WRONLY | O_CREAT, 0644));
            }
            """
        try Data(source.utf8).write(to: URL(filePath: directory + "/mark.c"))
        chown(directory, scene.person.uid, scene.person.uid)
        let end = try await scene.run(
            ["/usr/bin/gcc", "-shared", "-fPIC", "-o", directory + "/mark.so", directory + "/mark.c"])
        #expect(end.status == 0, "\(end)")
        return directory + "/mark.so"
    }

    /// With an overlay an agent does not see what the test writes beside it while it runs.
    static let direct = profiles.filter { !Situation(profile: $0, person: .ordinaryUser).hasOverlay }

    @Test("an agent reaches neither the daemon nor other agents", arguments: direct, Person.all)
    func daemon(_ profile: String, _ person: Person) async throws {
        try await Scene.run(person) { scene in
            let situation = Situation(profile: profile, person: person, isAgent: true)
            let given = Probe.Facts(jailed: true, workspace: scene.workspace, givenVariables: situation.variables)
            try await Probe.run(scene, facts: given) { probe in
                try await scene.withDaemon { daemon in
                    let other = try await startOther(scene, profile)
                    // It waits for what is known of it only once it runs.
                    let go = scene.workspace + "/go"
                    let words = probe.command(more: [go]).joined(separator: " ")
                    let start = try await scene.agentctl(
                        ["start", "--name", "probe", "--profile", profile, "--workspace", scene.workspace, "--"]
                            + ["/bin/sh", "-c", "until [ -e \(go) ]; do sleep 0.05; done; exec \(words)"])
                    #expect(start.status == 0, "\(start)")
                    let state = scene.directory + "/state/agent-supervisor"
                    let agent = try await scene.agent("probe")
                    let facts = Probe.DaemonFacts(
                        daemon: Probe.Daemon(
                            socket: scene.directory + "/run/agent-supervisor/control.sock", state: state,
                            agent: "\(state)/agents/\(agent.id)",
                            configuration: scene.home + "/.config/agent-supervisor",
                            profiles: Installation.repository + "/sandbox-profiles", programs: Installation.programs,
                            pid: daemon),
                        otherAgent: other)
                    for path in [facts.daemon.socket, facts.daemon.agent, facts.daemon.state + "/supervisord.sqlite"] {
                        #expect(access(path, F_OK) == 0, "\(path)")
                    }
                    try JSONEncoder().encode(facts).write(to: URL(filePath: go + ".new"))
                    rename(go + ".new", go)
                    #expect(try await scene.agentctl(["wait", "probe"]).status == 0)
                    let end = try await scene.agentctl(["logs", "probe"])
                    judge(try probe.read(situation), situation, end)
                }
            }
        }
    }

    /// Another agent of the same owner, with something secret in everything that it has.
    private func startOther(_ scene: Scene, _ profile: String) async throws -> Probe.OtherAgent {
        let workspace = scene.directory + "/other"
        mkdir(workspace, 0o755)
        chown(workspace, scene.person.uid, scene.person.uid)
        let name = "other-agent-\(getpid())-\(scene.person.uid)"
        let code = """
            import ctypes, os, socket, time
            for path in ("secret", "/tmp/other-agent", "/dev/shm/other-agent", os.environ["HOME"] + "/other-agent"):
                open(path, "w").write("the other agent's own")
            one = socket.socket(socket.AF_UNIX); one.bind("\\0\(name)"); one.listen()
            two = socket.create_server(("127.0.0.1", 0))
            ctypes.CDLL(None).mq_open(b"/other-agent-" + str(os.getuid()).encode(), 0o102, 0o600, None)
            open("port.new", "w").write(str(two.getsockname()[1])); os.rename("port.new", "port")
            time.sleep(600)
            """
        let start = try await scene.agentctl(
            ["start", "--name", "other", "--profile", profile, "--workspace", workspace, "--"]
                + ["/usr/bin/python3", "-c", code, name])
        #expect(start.status == 0, "\(start)")
        #expect(try await eventually { access(workspace + "/port", F_OK) == 0 })
        let agent = try await scene.agent("other")
        let port = try #require(Int(String(contentsOfFile: workspace + "/port", encoding: .utf8)))
        return Probe.OtherAgent(
            pid: try #require(agent.pid), words: name, workspace: workspace,
            directory: "\(scene.directory)/state/agent-supervisor/agents/\(agent.id)", abstractName: name, port: port)
    }

    @Test("the terminal of whoever starts a jail is not the jail's", arguments: Person.all, [true, false])
    func terminal(_ person: Person, all: Bool) async throws {
        try await Scene.run(person) { scene in
            try await Probe.run(scene, facts: Probe.Facts(jailed: true, workspace: scene.workspace)) { probe in
                // Either everything is on the terminal, or standard error alone: as in `jail run … < in > out`.
                let streams = all ? "exec \"$@\"" : "exec \"$@\" < /dev/null > /dev/null"
                let jail = probe.starting("shell", only: ["descriptors", "system-calls", "needs"])
                let spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
                let end = try await scene.run(
                    ["/usr/bin/python3", "-c", spawn, "/bin/sh", "-c", streams, "sh"] + jail)
                let situation = Situation(profile: "shell", person: person)
                judge(try probe.read(situation), situation, end)
            }
        }
    }

    @Test("the suite sees: without a jail most attacks succeed", arguments: Person.all)
    func control(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try await Probe.run(scene, facts: Probe.Facts(jailed: false, workspace: scene.workspace)) { probe in
                try await scene.withDaemon { daemon in
                    let other = try await startOther(scene, "base")
                    let state = scene.directory + "/state/agent-supervisor"
                    let facts = Probe.DaemonFacts(
                        daemon: Probe.Daemon(
                            socket: scene.directory + "/run/agent-supervisor/control.sock", state: state,
                            agent: other.directory, configuration: state, profiles: state,
                            programs: Installation.programs, pid: daemon),
                        otherAgent: other)
                    let more = scene.workspace + "/more"
                    try JSONEncoder().encode(facts).write(to: URL(filePath: more))
                    let end = try await probe.withoutJail(more: [more])
                    let results = try probe.read(Situation(profile: "none", person: person))
                    for (group, share) in ContainmentTests.shares {
                        let attacks = results.filter { $0.group == group && ["open", "closed"].contains($0.kind) }
                        let open = attacks.filter { $0.kind == "open" }
                        let least = person == .root ? share.root : share.user
                        #expect(
                            open.count * 100 >= attacks.count * least,
                            "\(group): \(open.count) of \(attacks.count) are open, closed are \(attacks) \(end)")
                    }
                    #expect(results.filter { $0.kind == "error" }.isEmpty)
                    // All in all: an ordinary user may not do everything anyway.
                    let tried = results.filter { ["open", "closed"].contains($0.kind) }
                    let open = tried.filter { $0.kind == "open" }.count
                    #expect(open * 100 > tried.count * (person == .root ? 50 : 33), "\(open) of \(tried.count)")
                }
            }
        }
    }

    /// How many of a hundred attacks of a group at least succeed without a jail: an ordinary user may not do much
    /// harm anyway, and no host has all the devices, sockets and files that are looked for.
    static let shares: [String: (user: Int, root: Int)] = [
        "files": (20, 50), "proc-sys": (20, 50), "devices": (3, 30), "privileges": (30, 50), "system-calls": (40, 80),
        "sockets": (15, 20), "ipc": (70, 80), "network": (30, 60), "descriptors": (25, 25), "environment": (40, 40),
        "resources": (30, 40), "other-agents": (40, 50), "daemon": (60, 60), "needs": (0, 0),
    ]
}

/// In which jail the probe ran.
struct Situation: Sendable, CustomStringConvertible {
    var profile: String
    var person: Person
    var isAgent = false
    /// One in memory, over a directory, that can be written.
    var hasOwnRoot = false

    var description: String { "\(profile) as \(person)\(isAgent ? ", an agent" : "")" }

    /// Whether the profile says that the network is the host's.
    var hasHostNetwork: Bool { says("mode: host") }
    var hasOverlay: Bool { says("workspace: overlay") }

    /// The names that the profile's own `environment` sets.
    var variables: [String] {
        let lines = text.split(separator: "\n").drop { $0 != "environment:" }.dropFirst()
        return lines.prefix { $0.hasPrefix(" ") }.compactMap { line in
            let word = line.drop { $0 == " " }.prefix { $0 != ":" }
            return word.hasPrefix("#") ? nil : String(word)
        }
    }

    private func says(_ words: String) -> Bool { text.contains(words) }

    private var text: String { (try? String(contentsOfFile: Installation.profile(profile), encoding: .utf8)) ?? "" }

    /// What `jail run` needs for this profile.
    func options(_ scene: Scene) throws -> [String] {
        guard hasOverlay else { return [] }
        mkdir(scene.directory + "/changes", 0o755)
        chown(scene.directory + "/changes", person.uid, person.uid)
        return ["--changes", scene.directory + "/changes"]
    }
}

/// Something that is open and is meant to be, or is known to be.
struct Declared: Sendable {
    var ids: [String]
    var reason: String
    /// Where what is outside decides whether it succeeds.
    var mayBeClosed = false
    var holds: @Sendable (Situation) -> Bool

    static let all: [Declared] = [
        Declared(
            ids: [
                "network.host-loopback", "network.host-loopback-other-address", "network.host-loopback-by-zero",
                "network.host-loopback-datagram", "network.connections-listed", "sockets.abstract-names",
                "proc-sys.shared-namespace-net",
            ], reason: "the profile gives the host's network, with all that listens there"
        ) { $0.hasHostNetwork },
        Declared(
            ids: [
                "network.host-loopback-mapped", "network.metadata-service", "network.metadata-service-6",
                "network.route-outside", "network.route-outside-6", "network.broadcast", "network.interfaces",
                "network.names", "daemon.keeper-by-socket-name",
            ], reason: "the host's network, as far as it goes", mayBeClosed: true
        ) { $0.hasHostNetwork },
        Declared(
            ids: ["sockets.abstract", "other-agents.abstract-socket"],
            reason: "the host's network; Landlock closes them from version 6", mayBeClosed: true
        ) { $0.hasHostNetwork },
        Declared(
            ids: ["other-agents.loopback"], reason: "agents that share the host's network share what listens on it"
        ) { $0.hasHostNetwork && $0.isAgent },
        Declared(
            ids: ["resources.crash-handler"],
            reason: "the starter's own limit of core dumps is 0, and 1, which stops a handler as well, is above it"
        ) { _ in (try? ResourceLimits.ceiling(of: "core")) == 0 },
        Declared(
            ids: [
                "files.create-in-root", "files.create-in-etc", "files.create-in-etc-ssl", "files.create-in-home",
                "files.mounts-writable-beyond-the-declared", "resources.fill-root",
            ], reason: "the root is the jail's own, and in memory"
        ) { $0.hasOwnRoot },
        Declared(
            ids: ["files.read-only-lease"], reason: "root owns the host's programs"
        ) { $0.person == .root },
    ]
}

/// Records everything that was open or broken and not declared so, and what was declared and is not so.
func judge(_ results: [Probe.Result], _ situation: Situation, _ end: Program.End) {
    #expect(end.status == 0, "\(situation): \(end)")
    let declared = Declared.all.filter { $0.holds(situation) }
    let allowed = Set(declared.flatMap(\.ids))
    #expect(!results.isEmpty)
    var offenders = results.filter { result in
        ["open", "broken", "error"].contains(result.kind) && !(result.kind == "open" && allowed.contains(result.id))
    }.map(\.description)
    for entry in declared where !entry.mayBeClosed {
        for result in results where entry.ids.contains(result.id) && result.kind == "closed" {
            offenders.append("\(result.id) is declared open (\(entry.reason)) and is closed: undeclare it")
        }
    }
    #expect(offenders.isEmpty, "\(situation):\n\(offenders.joined(separator: "\n"))")
}

extension Probe {
    /// The words that start it in a jail the way that leaks most: a descriptor on the secret and a variable are open,
    /// and the mask is the starter's own.
    func starting(_ profile: String, options: [String] = [], only: [String] = []) -> [String] {
        let file = profile.hasPrefix("/") ? profile : Installation.profile(profile)
        let careless = "umask 027; exec \(Probe.descriptor)>> \(scene.canary); exec \"$@\""
        let jail = [Installation.programs + "/jail", "run", "--profile", file, "--workspace", scene.workspace]
        return ["/usr/bin/env", "\(Probe.variable)=1", "/bin/sh", "-c", careless, "sh"] + jail + options + ["--"]
            + command(only: only)
    }

    func jail(_ profile: String, options: [String] = []) async throws -> Program.End {
        try await scene.run(starting(profile, options: options))
    }

    func withoutJail(more: [String]) async throws -> Program.End {
        let careless = "umask 027; exec \(Probe.descriptor)>> \(scene.canary); exec \"$@\""
        return try await scene.run(
            ["/usr/bin/env", "\(Probe.variable)=1", "/bin/sh", "-c", careless, "sh"] + command(more: more))
    }
}
