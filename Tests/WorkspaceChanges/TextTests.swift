// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

@testable import WorkspaceChanges

@Suite("what is shown of an agent's text") struct TextTests {
    @Test(
        "has nothing in it that a terminal obeys",
        arguments: [
            ([0x1B, 0x5B, 0x33, 0x31, 0x6D], "^[[31m"), ([0x0D, 0x0A], "^M\n"), ([0x9B, 0x41], "<9B>A"), ([0x7F], "^?"),
            (Array("\u{9B}".utf8), "<U+9B>"), (Array("a\u{202E}b".utf8), "a<U+202E>b"),
            (Array("\u{200B}".utf8), "<U+200B>"),
            (Array("ünï 漢 🙂\t\n".utf8), "ünï 漢 🙂\t\n"), ([0xE6, 0xBC], "<E6><BC>"), ([0xC0, 0x9B], "<C0><9B>"),
            ([], ""),
        ] as [([UInt8], String)])
    func visible(_ bytes: [UInt8], _ expected: String) {
        #expect(String(decoding: VisibleText.of(bytes), as: UTF8.self) == expected)
    }

    @Test("is JSON that gives every byte back")
    func json() throws {
        struct Read: Decodable {
            var path: String
            var pathBase64: String?
            var next: Next
            struct Next: Decodable { var flag: Bool, number: Int }
        }
        for bytes in [
            Array("plain".utf8), Array("q\"\\\n\u{1}\u{7F}\u{2028}🙂".utf8), [0x61, 0xFF, 0x62], [0xED, 0xA0, 0x80],
        ] {
            var next = JSONObject()
            next.set("flag", true)
            next.set("number", 7)
            var object = JSONObject()
            object.set("path", bytes: bytes)
            object.set("next", next)
            object.set("absent", nil as String?)
            let read = try JSONDecoder().decode(Read.self, from: Data(object.closed.utf8))
            let given = read.pathBase64.flatMap { Data(base64Encoded: $0) }.map { Array($0) } ?? Array(read.path.utf8)
            #expect(given == bytes)
            #expect((read.pathBase64 == nil) == (String(validating: bytes, as: UTF8.self) != nil))
            #expect(read.next.flag && read.next.number == 7)
            #expect(!object.closed.utf8.contains { $0 < 0x20 || $0 == 0x7F })
        }
    }
}

@Suite("choosing changes by path") struct SelectionTests {
    @Test("takes what is at and below a path, and the directories it needs")
    func choosing() throws {
        func node(_ mode: mode_t) -> FileNode {
            var status = stat()
            status.st_mode = mode
            return FileNode(status)
        }
        // "a-b" and "a.c" come between "a" and "a/…" by their bytes, "a0" right after.
        let names = ["a", "a-b", "a.c", "a/x", "a/x/y", "a/z", "a0", "b/c"]
        let changes = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map {
            Change(WorkspacePath($0)!, .added, new: node(["a", "a/x"].contains($0) ? S_IFDIR : S_IFREG))
        }
        let indexes = Dictionary(uniqueKeysWithValues: changes.indices.map { (changes[$0].path, $0) })
        for (path, asked, needed) in [
            ("a", ["a", "a/x", "a/x/y", "a/z"], []), ("a/x/y", ["a/x/y"], ["a", "a/x"]), ("b", ["b/c"], []),
            ("nothing", [], []), (".", changes.map(\.path.quoted), []), ("a/x", ["a/x", "a/x/y"], ["a"]),
        ] {
            let unit = Selection([WorkspacePath(path)!], of: changes, indexes: indexes).units[0]
            #expect(unit.asked.map { changes[$0].path.quoted } == asked, "\(path)")
            #expect(unit.needed.map { changes[$0].path.quoted } == needed, "\(path)")
        }
    }
}
