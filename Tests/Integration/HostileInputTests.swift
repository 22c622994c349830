// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Linux
import Testing

/// What someone gives `jail run` in order to break it, or without looking.
@Suite("hostile input", .serialized, .timeLimit(.minutes(20))) struct HostileInputTests {
    @Test("a plan that is damaged runs or is refused in words, and nothing crashes or hangs", arguments: Person.all)
    func damagedPlans(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            var damage = Damage(try Scene.document(try await scene.plan(["/bin/true"])), seed: 47)
            for number in 0..<Installation.repetitions(300) {
                let (bytes, what) = damage.next()
                let end = try await scene.run(plan: bytes)
                #expect(end.isOrderly, "case \(number), \(what): \(end)")
            }
        }
    }

    @Test("what is no plan at all is refused in words that name it", arguments: Person.all)
    func noPlans(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            for path in ["/dev/zero", "/dev/null", "/", "/no/such.json", scene.canary] {
                let end = try await scene.run(["jail", "run", "--plan", path])
                #expect(end.status == 125 && end.isOrderly && end.error.contains(path), "\(path): \(end)")
            }
            let nested = String(repeating: "[", count: 100_000)
            let objects = String(repeating: #"{"version":"#, count: 100_000)
            let numbers = "[" + String(repeating: "1,", count: 1_000_000) + "1]"
            for text in [nested, objects, #"{"version":2,"filesystem":\#(nested)"#, numbers, "\u{FEFF}{}", "\0", "2"] {
                let end = try await scene.run(plan: Array(text.utf8))
                #expect(end.status == 125 && end.isOrderly, "\(text.prefix(40)): \(end)")
            }
        }
    }

    @Test("a failure's text is cut where it is too long to be passed on, and says its stage", arguments: Person.all)
    func longFailures(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            var plan = try await scene.plan(["/bin/true"])
            plan.command.workingDirectory = "/" + String(repeating: "\u{1}/", count: 50_000)
            let end = try await scene.run(plan)
            #expect(end.status == 125 && end.isOrderly && end.error.hasPrefix("jail: directory: "), "\(end)")
        }
    }

    @Test("arguments and environment that the kernel does not take are refused in words", arguments: Person.all)
    func tooMuch(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            var plan = try await scene.plan(["/bin/true"])
            plan.command.arguments.append(String(repeating: "a", count: 200_000))
            #expect(try await scene.run(plan).error.contains("E2BIG"))
            plan.command.arguments = ["/bin/true"]
            for number in 0..<5000 { plan.command.environment["V\(number)"] = String(repeating: "x", count: 1000) }
            let end = try await scene.run(plan)
            #expect(end.isOrderly && end.error.contains("E2BIG"), "\(end)")
            plan.command.environment = [:]
            plan.command.arguments = []
            #expect(try await scene.run(plan).error.contains("no command"))
        }
    }

    @Test("a jail starts in a workspace of very many files as fast as in an empty one", arguments: Person.all)
    func manyFiles(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            let empty = try await scene.quickest()
            for directory in 0..<Installation.repetitions(100) {
                let path = scene.workspace + "/d\(directory)"
                mkdir(path, 0o755)
                try Data().write(to: URL(filePath: path + "/f"))
                // Links, since only the number of names counts; of a file each, since ext4 allows 65,000 of one.
                for file in 1..<1000 { link(path + "/f", path + "/f\(file)") }
            }
            let full = try await scene.quickest()
            // Going through them all takes many times as long as a start does.
            #expect(full < empty * 4, "\(full) against \(empty)")
        }
    }

    @Test("a plan may have two hundred mounts", arguments: Person.all)
    func manyMounts(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            var plan = try await scene.plan(["/bin/sh", "-c", "cat /many/*/*/canary; grep -c ' /many/' /proc/mounts"])
            for number in 0..<200 {
                plan.filesystem.append(
                    FilesystemEntry(
                        target: "/many/\(number)/place", kind: .bind(.init(source: .path(scene.directory)))))
            }
            let end = try await scene.run(plan)
            #expect(end.output == String(repeating: "unharmed", count: 200) + "200\n", "\(end)")
        }
    }

    @Test("a path in a jail may be as long as the kernel takes one", arguments: Person.all)
    func longPaths(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            // PATH_MAX counts the byte 0 at the end.
            let parent = String(repeating: "/d", count: 2046)
            let longest = parent + "/ab"
            #expect(longest.utf8.count == 4095)
            for kind in [
                FilesystemEntry.Kind.file(content: "unharmed", mode: 0o644),
                .bind(.init(source: .path(scene.canary))),
            ] {
                var plan = try await scene.plan(["/bin/cat", longest])
                plan.filesystem.append(FilesystemEntry(target: longest, kind: kind))
                let end = try await scene.run(plan)
                #expect(end.output == "unharmed", "\(end)")
            }
            let component = String(repeating: "c", count: 255)
            for (target, works) in [("/" + component, true), ("/\(component)c", false), (longest + "/x/y", nil)] {
                var plan = try await scene.plan(["/bin/true"])
                plan.filesystem.append(FilesystemEntry(target: target, kind: .file(content: "", mode: 0o644)))
                let end = try await scene.run(plan)
                #expect(end.isOrderly && (works == nil || (end.status == 0) == works), "\(target.utf8.count): \(end)")
            }
        }
    }

    @Test("profiles that are damaged, endless, too large or too deep are refused in words", arguments: Person.all)
    func profiles(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try scene.copyBase()
            let start = "extends: base\n# "
            let limit = 256 * 1024
            let largest = start + String(repeating: "x", count: limit - start.utf8.count - 1) + "\n"
            #expect(try await scene.run(profile: largest).status == 0)
            let deep = String(repeating: "[", count: 50_000)
            let bomb = "a: &a [x,x]\n" + (1..<30).map { "b\($0): &b\($0) [*a,*a]\n" }.joined()
            let cases = [
                (largest + "\n", "256 KiB"), ("filesystem: " + deep, ""), ("a: {" + deep, ""), (bomb, ""),
                ("extends: profile\n", ""), ("extends: ../../../etc/passwd\n", ""), ("\0\0\0", ""),
                ("extends: base\nextends: base\n", "twice"), ("extends: base\n\tfilesystem: x\n", ":2"),
                ("extends: base\nfilesystem: {read_only: [/usr/../etc]}\n", ":2"),
                ("extends: base\nfilesystem: {read_only: [relative]}\n", ":2"),
                ("extends: base\nfilesystem: {read_only: [\"/a\\0b\"]}\n", ":2"),
                ("extends: base\nhostname: \"\(String(repeating: "h", count: 5000))\"\n", ":2"),
            ]
            for (text, word) in cases {
                let end = try await scene.run(profile: text)
                #expect(
                    end.status == 125 && end.isOrderly && end.error.contains(word), "\(text.prefix(60)): \(end)")
            }
            // One that never ends, one that nobody writes to, one that is none.
            mkfifo(scene.directory + "/fifo", 0o666)
            for path in ["/dev/zero", scene.directory + "/fifo", "/"] {
                let end = try await scene.jail("true", profile: path)
                #expect(end.status == 125 && end.isOrderly && end.error.contains(path), "\(path): \(end)")
            }
        }
    }

    @Test(
        "of a thousand missing paths the optional ones are left out and the other one is named", arguments: Person.all)
    func missingPaths(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try scene.copyBase()
            var text = "extends: base\nfilesystem:\n  read_only:\n"
            for number in 0..<1000 { text += "    - {path: /no/such/\(number), optional: true}\n" }
            #expect(try await scene.run(profile: text).status == 0)
            let end = try await scene.run(profile: text + "    - /no/such/at-all\n")
            #expect(
                end.status == 125 && end.error.contains("profile.yaml:1004") && end.error.contains("/no/such/at-all"),
                "\(end)")
        }
    }

    @Test(
        "a directory of the workspace that becomes a link while jails start leads a mount nowhere else",
        arguments: Person.all)
    func swappedTargets(_ person: Person) async throws {
        for (path, destination) in [("sub", "/usr/share"), ("sub/share", "/usr")] {
            try await Scene.run(person) { scene in
                try scene.copyBase()
                try scene.makeDirectory(scene.workspace + "/" + path)
                let profile = "extends: base\nfilesystem: {private: [\"${workspace}/\(path)\"]}\n"
                let command = """
                    [ "$(ls -A /usr/share)" ] || echo covered
                    touch /usr/share/planted 2>/dev/null && echo planted; true
                    """
                let (runs, refusals) = try await scene.whileSwapping(scene.workspace + "/sub", destination) {
                    try await scene.run(profile: profile, command: command)
                }
                for end in runs { #expect(end.status == 0 && end.output == "", "\(end)") }
                for end in refusals { #expect(end.isOrderly, "\(end)") }
            }
        }
    }

    @Test(
        "a directory of the workspace that becomes a link while jails start shows nothing else of the owner's",
        arguments: Person.all)
    func swappedSources(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try scene.copyBase()
            try scene.makeDirectory(scene.workspace + "/sub")
            let sub = scene.workspace + "/sub"
            var plan = try await scene.plan(["/bin/sh", "-c", "cat sub/canary 2>/dev/null; true"])
            plan.filesystem.append(FilesystemEntry(target: sub, kind: .bind(.init(source: .path(sub)))))
            let document = try Scene.document(plan)
            // The link leads to the directory of the canary, which no jail is given. A start whose source is the link
            // and whose target the directory is about one in a hundred.
            let count = Installation.repetitions(250)
            let (runs, refusals) = try await scene.whileSwapping(sub, scene.directory, count: count) {
                try await scene.run(plan: document)
            }
            for end in runs { #expect(end.status == 0 && !end.output.contains("unharmed"), "\(end)") }
            for end in refusals { #expect(end.isOrderly, "\(end)") }
        }
    }

    @Test("a workspace that becomes a link while jails start is one directory or the other", arguments: Person.all)
    func swappedWorkspace(_ person: Person) async throws {
        try await Scene.run(person) { scene in
            try scene.copyBase()
            try scene.makeDirectory(scene.directory + "/other")
            try Data("one\n".utf8).write(to: URL(filePath: scene.workspace + "/name"))
            try Data("other\n".utf8).write(to: URL(filePath: scene.directory + "/other/name"))
            let (runs, refusals) = try await scene.whileSwapping(scene.workspace, scene.directory + "/other") {
                try await scene.run(profile: "extends: base\n", command: "cat name \"$PWD/name\"")
            }
            for end in runs { #expect(["one\none\n", "other\nother\n"].contains(end.output), "\(end)") }
            for end in refusals { #expect(end.isOrderly, "\(end)") }
        }
    }
}

extension Installation {
    /// How often something is done that is worth doing often. An emulated machine is slow.
    fileprivate static func repetitions(_ count: Int) -> Int { isVirtualMachine ? count / 10 : count }
}

extension Program.End {
    /// Whether it ended by itself, and with a sentence where it failed. What a program that traps says goes to standard
    /// error as well, and a trap in the builder would be seen as the command's end by one of these signals.
    fileprivate var isOrderly: Bool {
        signal == 0 && ![SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS].map { 128 + $0 }.contains(status)
            && !error.contains("Fatal error") && !error.contains("unknown: ")
            && (status != 125 || error.contains("jail: "))
    }
}

extension Scene {
    /// The plan for a command under the base profile.
    fileprivate func plan(_ command: [String]) async throws -> JailPlan {
        let end = try await run(
            ["jail-profile", "compile", "--profile", Installation.profile("base"), "--workspace", workspace]
                + ["--inherit", "--"] + command)
        try #require(end.status == 0, "\(end)")
        return try JSONDecoder().decode(JailPlan.self, from: Data(end.output.utf8))
    }

    fileprivate func run(_ plan: JailPlan) async throws -> Program.End {
        try await run(plan: try Scene.document(plan))
    }

    /// The same bytes for the same plan.
    fileprivate static func document(_ plan: JailPlan) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(plan))
    }

    fileprivate func run(plan: [UInt8]) async throws -> Program.End {
        try Data(plan).write(to: URL(filePath: directory + "/plan.json"))
        chmod(directory + "/plan.json", 0o644)
        return try await run(["jail", "run", "--plan", directory + "/plan.json"])
    }

    /// So that a profile in this scene's own directory can extend it.
    fileprivate func copyBase() throws {
        try FileManager.default.copyItem(atPath: Installation.profile("base"), toPath: directory + "/base.yaml")
        chmod(directory + "/base.yaml", 0o644)
    }

    fileprivate func run(profile text: String, command: String = "true") async throws -> Program.End {
        let file = directory + "/profile.yaml"
        try Data(text.utf8).write(to: URL(filePath: file))
        chmod(file, 0o644)
        return try await jail(command, profile: file)
    }

    fileprivate func makeDirectory(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        chown(path, person.uid, person.uid)
    }

    /// The shortest time that several starts took.
    fileprivate func quickest() async throws -> Duration {
        var best = Duration.seconds(600)
        for _ in 0..<9 {
            let before = ContinuousClock.now
            let end = try await jail("true")
            #expect(end.status == 0, "\(end)")
            best = min(best, ContinuousClock.now - before)
        }
        return best
    }

    /// Runs `body` `count` times while the directory `path` and a link to `destination` change places without a pause;
    /// returns its ends with status 0 and those without.
    fileprivate func whileSwapping(
        _ path: String, _ destination: String, count: Int = 12, _ body: () async throws -> Program.End
    ) async throws -> (runs: [Program.End], refusals: [Program.End]) {
        let link = directory + "/link"
        symlink(destination, link)
        // RENAME_EXCHANGE is 2: at no time is there nothing.
        let swap = """
            import ctypes, sys
            names = [name.encode() for name in sys.argv[1:]]
            while True: assert ctypes.CDLL(None).renameat2(-100, names[0], -100, names[1], 2) == 0
            """
        // By the test's own user, who owns the directories that they are in.
        let swapping = try Program(
            ["/usr/bin/python3", "-c", swap, path, link], environment: [:], directory: directory,
            files: directory + "/swapping")
        var runs: [Program.End] = []
        var refusals: [Program.End] = []
        for _ in 0..<count {
            let end = try await body()
            if end.status == 0 { runs.append(end) } else { refusals.append(end) }
        }
        kill(swapping.pid, SIGKILL)
        let end = try await swapping.end()
        #expect(end.signal == SIGKILL, "\(end)")
        #expect(!runs.isEmpty, "\(refusals.first.debugDescription)")
        return (runs, refusals)
    }
}

/// Ever other ways to damage a JSON document, the same ones for the same seed.
private struct Damage {
    private let document: [UInt8]
    /// Where each of its values and keys is, but for the elements of lists of strings: the names of system calls
    /// alone are ten times as many as all others.
    private let values: [Range<Int>]
    private var random: SplitMix

    private static let replacements = [
        "null", "true", "0", "-1", "1.5", "1e400", "2147483648", "18446744073709551615", "99999999999999999999",
        "\"\"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"/\"", "\"//\"", "\"..\"", "\"../../x\"",
        "\"/no/such\"",
        "\"/proc\"", "\"/dev/null\"", "\"/proc/self/fd/3\"", "\"%s%n\"", "[]", "{}", "[[]]", "{\"_0\":null}", "",
        "\"\(String(repeating: "/a", count: 3000))\"",
    ]

    init(_ document: [UInt8], seed: UInt64) {
        self.document = document
        values = Damage.values(in: document)
        random = SplitMix(state: seed)
    }

    mutating func next() -> (bytes: [UInt8], what: String) {
        var bytes = document
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
            bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
            return (bytes, "cut at \(bytes.count)")
        case 1, 2:
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] = UInt8.random(in: 0...255, using: &random)
            return (bytes, "byte \(place) is \(bytes[place])")
        default:
            let range = values.randomElement(using: &random)!
            let new = Damage.replacements.randomElement(using: &random)!
            bytes.replaceSubrange(range, with: Array(new.utf8))
            return (bytes, "\(String(decoding: document[range].prefix(80), as: UTF8.self)) is \(new.prefix(80))")
        }
    }

    private static func values(in document: [UInt8]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var open: [Int] = []
        var index = 0
        while index < document.count {
            let start = index
            index += 1
            switch document[start] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): open.append(start)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): result.append(open.removeLast()..<index)
            case UInt8(ascii: ","), UInt8(ascii: ":"): break
            case UInt8(ascii: "\""):
                while document[index] != UInt8(ascii: "\"") { index += document[index] == UInt8(ascii: "\\") ? 2 : 1 }
                index += 1
                if open.last.map({ document[$0] }) != UInt8(ascii: "[") { result.append(start..<index) }
            default:
                while !",:]}".utf8.contains(document[index]) { index += 1 }
                result.append(start..<index)
            }
        }
        return result
    }
}

/// Steele, Lea and Flood's SplitMix64 ("Fast splittable pseudorandom number generators", 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
