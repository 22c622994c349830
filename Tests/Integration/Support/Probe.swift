// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// `containment-probe` in a scene, and what it is to be kept from.
struct Probe {
    /// One line of what it prints.
    struct Result: Decodable, CustomStringConvertible {
        var id: String
        var group: String
        var result: String
        var detail: String

        /// Closed, works, open, broken, error, or skipped.
        var kind: String { String(result.prefix { $0 != ":" }) }
        var description: String { "\(id): \(result) \(detail)" }
    }

    /// A variable and a descriptor that whoever starts a jail has, and does not mean to hand on.
    static let variable = "CONTAINMENT_SECRET"
    static let descriptor = 9

    let scene: Scene
    var results: String { scene.workspace + "/results" }

    /// The words that run it in the scene's workspace; `only` are ids or groups, `more` files of further facts.
    func command(only: [String] = [], more: [String] = []) -> [String] {
        ["/usr/bin/python3", scene.workspace + "/containment-probe", scene.workspace + "/facts"]
            + more + ["--output", results] + (only.isEmpty ? [] : ["--only", only.joined(separator: ",")])
    }

    /// Runs `body` while everything that is to be out of reach is there.
    static func run(_ scene: Scene, facts: Facts, _ body: (Probe) async throws -> Void) async throws {
        let support = Installation.repository + "/Tests/Support"
        for name in ["containment-probe", "containment"] {
            try FileManager.default.copyItem(atPath: "\(support)/\(name)", toPath: "\(scene.workspace)/\(name)")
        }
        let more = String(decoding: try JSONEncoder().encode(facts), as: UTF8.self)
        let pipe = try Pipe()
        let outside = try scene.start(
            ["/usr/bin/python3", support + "/containment-outside", scene.directory, scene.workspace + "/facts", more],
            input: pipe.reading.number)
        let isReady = try await eventually { outside.output == "ready\n" }
        var problem: (any Error)?
        if isReady {
            do { try await body(Probe(scene: scene)) } catch { problem = error }
        }
        kill(outside.pid, SIGTERM)
        let end = try await outside.end()
        #expect(isReady && end.status == 0, "\(end)")
        if let problem { throw problem }
    }

    /// What it found, wherever the situation had it written.
    func read(_ situation: Situation) throws -> [Result] {
        let written = situation.hasOverlay ? scene.directory + "/changes/upper/results" : results
        let text = try String(contentsOfFile: written, encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Result.self, from: Data($0.utf8)) }
    }

    /// What the test tells the probe beside what is made outside.
    struct Facts: Encodable {
        var jailed: Bool
        var workspace: String
        var givenVariables: [String] = []
        var leakedVariable = Probe.variable
        var leakedDescriptor = Probe.descriptor
        var writable: [String] = []
        var extraWritable: [String] = []
        /// The starter's.
        var umask = 0o027

        enum CodingKeys: String, CodingKey {
            case jailed, workspace, writable, umask
            case givenVariables = "given_variables"
            case leakedVariable = "leaked_variable"
            case leakedDescriptor = "leaked_descriptor"
            case extraWritable = "extra_writable"
        }
    }

    /// What is known only once agents run.
    struct DaemonFacts: Encodable {
        var daemon: Daemon
        var otherAgent: OtherAgent

        enum CodingKeys: String, CodingKey {
            case daemon
            case otherAgent = "other_agent"
        }
    }

    struct Daemon: Encodable {
        var socket, state, agent, configuration, profiles, programs: String
        var pid: Int32
    }

    struct OtherAgent: Encodable {
        var pid: Int
        var words, workspace, directory, abstractName: String
        var port: Int

        enum CodingKeys: String, CodingKey {
            case pid, words, workspace, directory, port
            case abstractName = "abstract_name"
        }
    }
}
