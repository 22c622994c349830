// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Testing

@testable import Profiles

@Suite("YAML, read strictly")
struct ConfigurationDocumentTests {
    /// What is wrong with a text, as `line:column message`.
    private func findings(_ text: String) -> [String] {
        do {
            _ = try ConfigurationDocument(text: text, file: "c.yaml").decode { mapping in
                _ = mapping.string("text")
                _ = mapping.boolean("flag")
                _ = mapping.integer("number", in: -10...100)
                _ = mapping.byteCount("size")
                _ = mapping.duration("time")
                _ = mapping.strings("list")
                _ = mapping.texts("texts")
                mapping.mapping("inner") { _ = $0.string("a") }
            }
            return []
        } catch {
            return error.problems.map { "\($0.line):\($0.column) \($0.message)" }
        }
    }

    @Test("a sound document gives its values and their positions")
    func values() throws {
        let text = "text: no\nflag: true\nnumber: -7\nsize: 2G\ntime: 90s\nlist: [a, \"b\"]\n"
        try ConfigurationDocument(text: text, file: "c.yaml").decode { mapping in
            #expect(mapping.string("text")?.value == "no")
            #expect(mapping.boolean("flag")?.value == true)
            #expect(mapping.integer("number", in: -10...10)?.value == -7)
            #expect(mapping.byteCount("size")?.value == 2 << 30)
            #expect(mapping.duration("time")?.value == .seconds(90))
            #expect(mapping.strings("list")?.map(\.value) == ["a", "b"])
            #expect(mapping.strings("list")?.last?.position == SourcePosition(file: "c.yaml", line: 6, column: 11))
        }
    }

    @Test("every finding is named, from top to bottom, and not only the first")
    func everything() {
        #expect(
            findings("nubmer: 3\nflag: yes\ninner: {a: [], b: 1}\nlist: x\n") == [
                "1:1 unknown key \"nubmer\"; did you mean \"number\"?",
                "2:7 expected true or false for \"flag\", found \"yes\"",
                "3:12 expected a text for \"a\", found a list",
                "3:16 unknown key \"b\"; did you mean \"a\"?",
                "4:7 expected a list for \"list\", such as [one, two], found \"x\"",
            ])
    }

    @Test("a document says file, line and column")
    func description() {
        #expect {
            try ConfigurationDocument(text: "\n\n  - a\n", file: "dir/c.yaml")
        } throws: {
            "\($0)" == "dir/c.yaml:3:3: expected a mapping at the top of the file, found a list"
        }
    }

    @Test(
        "what YAML 1.1 takes for a boolean is none",
        arguments: ["yes", "on", "True", "TRUE", "y", "1", "\"true\"", "!!bool true"])
    func booleans(_ text: String) {
        #expect(findings("flag: \(text)").count >= 1)
    }

    @Test(
        "a number has one way to be written",
        arguments: [
            "010", "0x10", "1:30", "1_000", "+1", "-0", "1.0", "1e3", "\"5\"", "101", "99999999999999999999", "-",
        ])
    func integers(_ text: String) {
        #expect(findings("number: \(text)").count == 1)
    }

    @Test("sizes and durations have units, and bounds")
    func scalars() {
        #expect(ConfigurationScalar.byteCount("0") == 0)
        #expect(ConfigurationScalar.byteCount("512M") == 512 << 20)
        for text in ["", "M", "-1", "1.5G", "1k", "1GB", "010", "99999999T", "1 G"] {
            #expect(ConfigurationScalar.byteCount(text) == nil, "\(text)")
        }
        #expect(ConfigurationScalar.duration("500ms") == .milliseconds(500))
        #expect(ConfigurationScalar.duration("1d") == .seconds(86400))
        for text in ["", "5", "s", "1.5h", "-1s", "05s", "1w", "40000d", "9223372036854775807d"] {
            #expect(ConfigurationScalar.duration(text) == nil, "\(text)")
        }
    }

    @Test("a key without a value is an error, an empty text is not")
    func nothing() {
        #expect(findings("text: \"\"") == [])
        for null in ["", "~", "null"] {
            #expect(findings("text: \(null)").first?.contains("\"text\" has no value") == true, "\(null)")
        }
        #expect(findings("list: [a, ~]") == ["1:11 expected a value in \"list\", found nothing"])
    }

    @Test("anchors, aliases, merge keys and tags are refused, each at its place")
    func extras() {
        #expect(findings("text: &a x") == ["1:7 anchors (&…) are not supported: write the value again"])
        #expect(findings("&a text: x").first?.hasPrefix("1:1 anchors") == true)
        #expect(findings("text: &a x\nlist: [*a]") == ["2:8 anchors and aliases (&a, *a) are not supported"])
        #expect(findings("<<: {text: x}") == ["1:1 merge keys (<<) are not supported: use extends"])
        #expect(findings("text: !!str 1").first?.hasPrefix("1:7 tags") == true)
        #expect(findings("!!str text: 1").first?.hasPrefix("1:1 tags") == true)
        #expect(findings("list: !x [a]").first?.hasPrefix("1:7 tags") == true)
        #expect(findings("inner: !!map {a: b}").first?.hasPrefix("1:8 tags") == true)
        #expect(findings("text: ! x").first?.hasPrefix("1:7 tags") == true)
        #expect(findings("text: *a").first?.hasPrefix("1:7 not valid YAML: found undefined alias") == true)
    }

    @Test("a sign in a text is no anchor, alias or tag")
    func signs() {
        #expect(findings("text: 'a && b & c'\nlist: ['*', '&x', '!y']\n") == [])
        #expect(findings("text: |\n  make & wait # *all* of it!\n") == [])
    }

    @Test("a key twice, also in another notation, is an error")
    func duplicates() {
        #expect(findings("text: a\ntext: b").first?.contains("\"text\" stands twice") == true)
        #expect(findings("text: a\n\"text\": b").count == 1)
        #expect(findings("inner: {a: b, a: c}").count == 1)
    }

    @Test("a second document, an empty file and what is no YAML are errors")
    func shapes() {
        #expect(
            findings("text: a\n---\ntext: b") == [
                "2:1 not valid YAML: a second document starts here, and a file holds one"
            ])
        #expect(findings("") == ["1:1 the file is empty"])
        #expect(findings("# nothing\n") == ["1:1 the file is empty"])
        #expect(findings("text: [a\n").first?.hasPrefix("2:1 not valid YAML") == true)
        #expect(findings("a: b: c").first?.hasPrefix("1:5 not valid YAML") == true)
        #expect(findings("? [a]\n: b").first == "1:3 a key must be a word")
    }

    @Test("characters that are no text are named with their place")
    func characters() {
        #expect(findings("text: a\u{0}") == ["1:8 the character U+0 does not belong in a configuration file"])
        #expect(
            findings("text: a\r\n").first
                == "1:8 the character U+D does not belong in a configuration file; lines end with a newline alone")
        #expect(findings("text: \u{2028}").first?.hasPrefix("1:7") == true)
        #expect(findings("text: \"a\\0b\"").first?.contains("NUL") == true)
        #expect(findings("text: grüße 🐧\nflag: 1").first?.hasPrefix("2:7") == true)
    }

    @Test("a billion laughs are over at once")
    func laughs() {
        var text = "a0: &a0 [x]\n"
        for level in 1...12 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 20).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let start = ContinuousClock.now
        #expect(findings(text).isEmpty == false)
        // As a mapping's key, where the parser would hash all of it.
        #expect(findings(text + "? *a12\n: x\n").isEmpty == false)
        #expect(findings(text + "? {? *a12 : x}\n: x\n").isEmpty == false)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test("depth is bounded, in lists, mappings and keys", arguments: [40, 900, 5000])
    func depth(_ levels: Int) {
        let opened = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        #expect(findings("list: \(opened)").isEmpty == false)
        let mappings = String(repeating: "{a: ", count: levels) + "b" + String(repeating: "}", count: levels)
        #expect(findings("inner: \(mappings)").isEmpty == false)
        #expect(findings("? \(opened)\n: x").isEmpty == false)
    }

    @Test("size is bounded, for files before they are read whole")
    func size() throws {
        let scratch = try Scratch()
        let large = "text: " + String(repeating: "x", count: ConfigurationDocument.maximumSize)
        let file = try scratch.write("large.yaml", large)
        #expect(findings(large) == ["1:1 the file is larger than 256 KiB"])
        #expect { try ConfigurationDocument(file: file) } throws: { "\($0)".hasSuffix("it is larger than 256 KiB") }
        #expect { try ConfigurationDocument(file: "/dev/zero") } throws: { "\($0)".hasSuffix("not a regular file") }
        #expect { try ConfigurationDocument(file: scratch.path) } throws: { "\($0)".hasSuffix("not a regular file") }
        #expect { try ConfigurationDocument(file: "/nowhere.yaml") } throws: {
            "\($0)" == "/nowhere.yaml:1:1: the file cannot be read: No such file or directory"
        }
    }

    @Test("bytes that are no UTF-8 are refused")
    func encoding() throws {
        let scratch = try Scratch()
        let file = "\(scratch.path)/latin.yaml"
        try Data([0x61, 0x3A, 0x20, 0xE9, 0x0A]).write(to: URL(filePath: file))
        #expect { try ConfigurationDocument(file: file) } throws: { "\($0)".hasSuffix("the file is not valid UTF-8") }
    }
}
