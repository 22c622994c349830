// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Glibc
import Testing

@testable import Profiles

@Suite("The schema of profiles")
struct SchemaTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("describes every key that the reader asks for, and no other")
    func descriptions() {
        let keys = ConfigurationMapping.shape(of: ProfileLayer.read).keys
        #expect(keys.subtracting(ProfileKeys.descriptions.keys).sorted() == [])
        #expect(Set(ProfileKeys.descriptions.keys).subtracting(keys).sorted() == [])
    }

    @Test("is in the documentation, key by key")
    func documentation() throws {
        let page = try String(contentsOf: URL(filePath: "\(Repository.root)/docs/profiles.md"), encoding: .utf8)
        for key in ConfigurationMapping.shape(of: ProfileLayer.read).keys where !key.hasPrefix("rlimits.") {
            // Options of an entry stand under their own names, all others under the last part of theirs.
            let name = key.split(separator: ".").last.map(String.init) ?? key
            #expect(page.contains("`\(name)") || page.contains(".\(name)`") || page.contains("`\(key)`"), "\(key)")
        }
    }

    static let hasPython = system("python3 -c 'import jsonschema' 2>/dev/null") == 0

    private static let good = [
        everyKey, minimal, "limits: {cpu: 2, memory: 1048576, swap: \"0\"}", "limits: {cpu: \"0.25\"}", "umask: 027",
        "process: {cpus: 3, io_priority: idle}", "hostname: box-1", "description: 12", "environment: {A: 1, B: true}",
        "rlimits: {nproc: 5, core: unlimited}", "network: {mode: none}",
        "filesystem: {private: [{path: /x, mode: 700}]}",
    ]

    private static let bad = [
        "netwrok: {mode: none}", "network: none", "network: {mode: nat}", "filesystem: {readonly: [/usr]}",
        "filesystem: {read_only: /usr}", "filesystem: {read_only: [{optional: true}]}",
        "filesystem: {read_only: [{path: /a, optional: 1}]}", "filesystem: {hidden: [{path: /a, exec: false}]}",
        "filesystem: {read_only: [[/a]]}", "filesystem: {files: [{content: x}]}", "filesystem: {sys: writable}",
        "workspace: overlya", "identity: own", "limits: {files: 10}", "limits: {files: \"100\"}", "limits: {tmp: 2GB}",
        "limits: {memory: 4}", "limits: {cpu: 1.555x}", "limits: {cpu_weight: 0}", "limits: {io: 8}",
        "limits: {cgroup: [a]}", "process: {nice: 20}", "process: {io_priority: 8}", "process: {cpus: 0}",
        "process: {cpus: [x]}", "clocks: {monotonic: 5}", "timeouts: {grace: 10}", "rlimits: {noproc: 5}",
        "rlimits: {nproc: 5K}", "seccomp: {log: 1}", "seccomp: {default: EPREM}", "seccomp: {allow: read}",
        "seccomp: {allow: [{when: [\"0 == 1\"]}]}", "seccomp: {deny: [{call: read, action: log}]}",
        "seccomp: {families: [inet7]}", "capabilities: [sys_admin]", "environment: [A]", "umask: \"89\"",
        "degrade: [limits.mem]", "extends: ../base", "output: {rings: 1M}", "restart: {policy: no}",
        "restart: {limit: 500}", "timeouts: {idle: soon}", "network: {allow: [a]}",
        "protect: {a: b}", "credentials: [x]", "hostname: a_b",
    ]

    @Test(
        "accepts what the reader accepts, and refuses keys and forms that it refuses",
        .enabled(if: hasPython, "needs python3 with jsonschema"))
    func validation() throws {
        try scratch.write("schema.json", JSONText.canonical(ConfigurationSchema.profile))
        try scratch.write("launcher.json", JSONText.canonical(ConfigurationSchema.launcher))
        var cases: [JSONText] = []
        func add(_ text: String, _ name: String, isSound: Bool, schema: String = "schema.json") throws {
            let document = try ConfigurationDocument(text: text, file: name)
            let node = ConfigurationNode(content: .mapping(document.members), position: document.position)
            cases.append(
                .object([
                    "name": .string(name), "schema": .string(schema), "sound": .boolean(isSound), "value": node.json,
                ]))
        }
        for text in Self.good {
            #expect(Self.readerFindings(text) == [])
            try add(text, text, isSound: true)
        }
        for text in Self.bad {
            #expect(Self.readerFindings(text) != [], "\(text)")
            try add(text, text, isSound: false)
        }
        for (directory, schema) in [("sandbox-profiles", "schema.json"), ("launchers", "launcher.json")] {
            for file in HostFile.names(in: "\(Repository.root)/\(directory)") {
                let path = "\(Repository.root)/\(directory)/\(file)"
                try add(String(contentsOf: URL(filePath: path), encoding: .utf8), file, isSound: true, schema: schema)
            }
        }
        try scratch.write("cases.json", JSONText.canonical(JSONText.array(cases)))
        let judge = """
            import json, jsonschema
            schemas = {}
            for name in ("schema.json", "launcher.json"):
                schemas[name] = json.load(open(name))
                jsonschema.Draft202012Validator.check_schema(schemas[name])
            for case in json.load(open("cases.json")):
                sound = jsonschema.Draft202012Validator(schemas[case["schema"]]).is_valid(case["value"])
                if sound != case["sound"]:
                    print(case["name"], "is sound" if sound else "is not sound")
            """
        try scratch.write("judge.py", judge)
        let status = system("cd '\(scratch.path)' && python3 judge.py >out 2>&1")
        #expect(try String(contentsOf: URL(filePath: "\(scratch.path)/out"), encoding: .utf8) == "")
        #expect(status == 0)
    }

    private static func readerFindings(_ text: String) -> [String] {
        do {
            _ = try ConfigurationDocument(text: text, file: "c.yaml").decode(ProfileLayer.read)
            return []
        } catch {
            return error.problems.map(\.message)
        }
    }
}

extension ConfigurationNode {
    /// As an editor sees it: a plain scalar is a number or a boolean where YAML 1.2's core schema says so.
    fileprivate var json: JSONText {
        switch content {
        case .mapping(let members):
            .object(Dictionary(members.map { ($0.key, $0.value.json) }) { one, _ in one })
        case .sequence(let elements): .array(elements.map(\.json))
        case .scalar("true", plain: true): .boolean(true)
        case .scalar("false", plain: true): .boolean(false)
        case .scalar(let text, plain: true): Int64(text).map(JSONText.number) ?? .string(text)
        case .scalar(let text, plain: false): .string(text)
        }
    }
}
