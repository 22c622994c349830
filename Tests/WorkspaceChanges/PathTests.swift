// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import Testing

@testable import WorkspaceChanges

@Suite("paths in a workspace") struct PathTests {
    @Test(
        "are what a person writes, made plain",
        arguments: [("a/b", "a/b"), ("./a//b/", "a/b"), (".", ""), ("a/./b", "a/b")])
    func plain(_ given: String, _ expected: String) throws {
        #expect(try #require(WorkspacePath(given)).bytes == Array(expected.utf8))
    }

    @Test("lead nowhere else", arguments: ["", "/etc", "..", "a/../b", "../a", "a/..", "a\0b"])
    func refused(_ given: String) {
        #expect(WorkspacePath(given) == nil)
    }

    @Test("are shown as git quotes them")
    func quoting() throws {
        for (bytes, text) in [
            (Array("with space".utf8), "with space"), (Array("a\nb".utf8), "\"a\\nb\""),
            (Array("q\"\\".utf8), "\"q\\\"\\\\\""), ([0x61, 0xFF, 0x1B], "\"a\\377\\033\""),
            (Array("ü".utf8), "\"\\303\\274\""), ([0x01], "\"\\001\""),
        ] {
            #expect(try #require(WorkspacePath(bytes)).quoted == text)
        }
        #expect(try #require(WorkspacePath("x\ty")).quoted(after: "a/") == "\"a/x\\ty\"")
    }

    @Test("are within another only name by name")
    func within() throws {
        let path = try #require(WorkspacePath("a/b"))
        for (other, isWithin) in [
            ("a", true), ("a/b", true), (".", true), ("a/", true), ("a/b/c", false), ("a/bc", false),
        ] {
            #expect(path.isWithin(try #require(WorkspacePath(other))) == isWithin, "\(other)")
        }
        #expect(try !#require(WorkspacePath("ab")).isWithin(path.parent))
        #expect(path.ancestors.map(\.quoted) == ["a"])
        #expect(path.parent.parent.isRoot && path.name == FileName("b"))
    }

    @Test(
        "of links lead out or not",
        arguments: [
            ("/etc/passwd", true), ("/home/ada/tree/x", false), ("/home/ada/tree", false), ("/home/ada/trees", true),
            ("/home/ada/tree/../x", true), ("x", false), ("../x", false), ("../../x", true), ("x/../../..", true),
            // Wherever x leads, its parent may be anywhere.
            ("x/../y", true), ("./.././x", false), ("..", false), ("../..", true),
        ])
    func links(_ target: String, _ leadsOutside: Bool) throws {
        let path = try #require(WorkspacePath("d/link"))
        #expect(LinkTargets.leadsOutside(FileName(target), from: path, workspace: "/home/ada/tree") == leadsOutside)
    }
}
