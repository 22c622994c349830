// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import JailPlan
import Testing

@testable import Profiles

/// A directory that is gone when the test is.
final class Scratch {
    let path: String

    init() throws {
        // Not in /tmp by name: the tests write what profiles say, and profiles say /tmp.
        path = FileManager.default.temporaryDirectory.path + "/profiles-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, with the directories above it, and gives its path.
    @discardableResult
    func write(_ name: String, _ content: String, mode: Int = 0o644) throws -> String {
        let file = "\(path)/\(name)"
        let directory = String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)])
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(content.utf8).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }

    /// A profile of this text, in a library of this directory.
    func profile(_ text: String) throws -> Profile {
        try write("test.yaml", text)
        return try ProfileLibrary(directories: [path]).load(named: #require(ProfileName("test")))
    }

    /// Bounds as a rule of the daemon's configuration has them.
    func bounds(_ text: String) throws -> RequestBounds {
        try ConfigurationDocument(file: try write("bounds.yaml", text)).decode(RequestBounds.read)
    }

    func launcher(_ text: String) throws -> Launcher {
        try write("launchers/test.yaml", text)
        return try LauncherLibrary(directories: ["\(path)/launchers"]).load(named: #require(LauncherName("test")))
    }

    /// The findings in a profile of this text, as `line:column message`.
    func findings(_ text: String) throws -> [String] {
        do {
            _ = try profile(text)
            return []
        } catch let problems as ProfileProblems {
            return problems.problems.map { "\($0.line):\($0.column) \($0.message)" }
        }
    }

    func launcherFindings(_ text: String) throws -> [String] {
        do {
            _ = try launcher(text)
            return []
        } catch let problems as ProfileProblems {
            return problems.problems.map { "\($0.line):\($0.column) \($0.message)" }
        }
    }
}

/// The least that makes a profile.
let minimal = "seccomp: {allow: [\"@default\"]}\n"

enum Repository {
    static let root = String(#filePath.dropLast("/Tests/Profiles/Fixtures.swift".count))
    static let profiles = ProfileLibrary(directories: ["\(root)/sandbox-profiles"])
    static let launchers = LauncherLibrary(directories: ["\(root)/launchers"])

    static func profile(_ name: String) throws -> Profile {
        try profiles.load(named: #require(ProfileName(name)))
    }

    static func launcher(_ name: String) throws -> Launcher {
        try launchers.load(named: #require(LauncherName(name)))
    }
}

/// Ada, who has no workspace unless the test gives her one.
func request(workspace: String? = nil) -> PlanRequest {
    var request = PlanRequest(
        owner: .init(uid: 1000, gid: 1000, groups: [1000, 27], name: "ada", home: "/home/ada"), agent: "fix-tests",
        workspace: workspace)
    request.arguments = ["true"]
    return request
}

func targets(_ plan: JailPlan) -> [String] { plan.filesystem.map(\.target) }

extension JailPlan {
    subscript(target: String) -> FilesystemEntry.Kind? { filesystem.first { $0.target == target }?.kind }
}
