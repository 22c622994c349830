// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Testing

@testable import Profiles

@Suite("Profiles as one document")
struct MergedDocumentTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// The plan without where in which file each of it stands.
    private func plan(_ profile: Profile) throws -> JailPlan {
        var request = request(workspace: profile.workspace == .none ? nil : "/srv/work")
        request.changes = .agentDirectory("changes")
        request.machineID = 0
        if profile.identity == .dynamic { request.outside = .init(uid: 100_000, gid: 100_000) }
        var parts = LaunchParts()
        parts.arguments = ["true"]
        var setting = try PlanSetting(request, under: profile)
        try setting.adopt(
            ResolvedProgram(
                "/usr/bin/true", at: SourcePosition(file: "x"), programs: [:], searchPath: [], markers: [],
                home: "/home/ada"))
        var plan = try profile.plan(request, parts, setting)
        for index in plan.filesystem.indices { plan.filesystem[index].origin = nil }
        return plan
    }

    private func expectTheSame(_ library: ProfileLibrary, _ name: String) throws {
        let name = try #require(ProfileName(name))
        let profile = try library.load(named: name)
        let (files, document) = try library.resolved(named: name)
        #expect(files == profile.files)
        let text = try JSONText.canonical(document)
        let alone = try ProfileLibrary(directories: []).load(text: text, named: name)
        #expect(try plan(alone) == plan(profile), "\(name): \(text)")
        #expect(alone.description == profile.description)
        #expect(alone.protect == profile.protect)
        #expect(alone.grace == profile.grace)
        #expect(alone.ring == profile.ring)
    }

    @Test("every shipped profile, written as the one that it resolves to, confines as it does with all its layers")
    func shipped() throws {
        for name in Repository.profiles.names() { try expectTheSame(Repository.profiles, name.rawValue) }
    }

    @Test("so does one with every key there is, and one over that")
    func layers() throws {
        let library = ProfileLibrary(directories: [scratch.path, "\(Repository.root)/sandbox-profiles"])
        try scratch.write("every.yaml", everyKey)
        try expectTheSame(library, "every")
        try scratch.write(
            "over.yaml",
            """
            extends: every
            network: {mode: none}
            process: {cpus: 2}
            filesystem: {copy_on_write: [{path: /, source: /srv/root}], hidden: [/etc/gshadow]}
            limits: {memory: 2G, io: ["8:16 rbps=1"]}
            environment: {A: b, B: c}
            rlimits: {core: unlimited}
            seccomp: {families: [inet6]}
            """)
        try expectTheSame(library, "over")
        let (_, document) = try library.resolved(named: #require(ProfileName("over")))
        guard case .object(let members) = document, case .object(let filesystem)? = members["filesystem"] else {
            Issue.record("\(document)")
            return
        }
        #expect(members["network"] == .object(["mode": .string("none")]), "ports go with the network")
        #expect(filesystem["read_only"] == nil, "a root of its own has what is the root's")
        #expect(members["process"].map { "\($0)" }?.contains("cpus") == true)
    }

    @Test("a text that is to become a file is read as that file would be")
    func text() throws {
        let library = ProfileLibrary(directories: [scratch.path])
        try scratch.write("a.yaml", minimal)
        let name = try #require(ProfileName("b"))
        #expect(try library.load(text: "extends: a\n", named: name).files == ["b.yaml", "\(scratch.path)/a.yaml"])
        for (text, message) in [
            ("extends: b\n", "there is no profile \"b\" to extend"), ("nonsense: 1\n", "unknown key"),
        ] {
            let problems = try #require(throws: ProfileProblems.self) { try library.load(text: text, named: name) }
            #expect(problems.problems.first?.message.hasPrefix(message) == true, "\(problems)")
            #expect(problems.problems.first?.file == "b.yaml")
        }
        let itself = try #require(throws: ProfileProblems.self) {
            try library.load(text: "extends: a\n", named: #require(ProfileName("a")))
        }
        #expect("\(itself)".contains("extends itself"))
    }
}
