// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

@Suite("Values")
struct ValueTests {
    @Test(
        "a time is written in UTC with three decimals, rounded down",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_795_202_465_123_999_999, "2026-11-20T19:21:05.123Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (Int64.max, "2262-04-11T23:47:16.854Z"), (Int64.min, "1677-09-21T00:12:43.145Z"),
        ] as [(Int64, String)])
    func timestamps(nanoseconds: Int64, text: String) throws {
        #expect(Timestamp(nanoseconds: nanoseconds).text == text)
        if nanoseconds > Int64.min + 1_000_000 {
            #expect(try Timestamp(text).text == text)
        }
    }

    @Test("a time is read with any decimals and offset")
    func timestampForms() throws {
        #expect(try Timestamp("2026-11-20T19:21:05Z").nanoseconds == 1_795_202_465_000_000_000)
        #expect(try Timestamp("2026-11-20t20:51:05.5+01:30").nanoseconds == 1_795_202_465_500_000_000)
        #expect(try Timestamp("2026-11-20 14:21:05.123456789-05:00").nanoseconds == 1_795_202_465_123_456_789)
    }

    @Test(
        "what is no time is refused",
        arguments: [
            "", "now", "2026-11-20", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-04-31T00:00:00Z", "2026-11-20T24:00:00Z", "2026-11-20T19:21:05", "2026-11-20T19:21:05.Z",
            "2026-11-20T19:21:05Zx", "2026-11-20T19:21:05.1234567890Z", "9999-01-01T00:00:00Z", "+026-11-20T19:21:05Z",
        ])
    func badTimestamps(text: String) {
        #expect(throws: ValueError.self) { try Timestamp(text) }
    }

    @Test("the clock's time is now")
    func now() throws {
        let first = Timestamp.now()
        #expect(first > (try Timestamp("2026-01-01T00:00:00Z")))
        #expect(first <= Timestamp.now())
    }

    @Test(
        "durations",
        arguments: [("500ms", 500), ("90s", 90_000), ("5m", 300_000), ("2h", 7_200_000), ("1d", 86_400_000)])
    func durations(text: String, milliseconds: Int64) throws {
        let duration = try WireDuration(text)
        #expect(duration.milliseconds == milliseconds)
        #expect(duration.duration == .milliseconds(milliseconds))
        #expect(duration.text == text)
    }

    @Test(
        "what is no duration is refused",
        arguments: ["", "5", "s", "-5s", "1.5h", "5 s", "5S", "1h30m", "3651d", "99999999999999999999s", "٥s"])
    func badDurations(text: String) {
        #expect(throws: ValueError.self) { try WireDuration(text) }
    }

    @Test("byte counts are integers or have a unit of 1024")
    func byteCounts() throws {
        func decode(_ value: JSONValue) throws -> Int64 { try StrictDecoder.decode(ByteCount.self, from: value).bytes }
        #expect(try decode(65536) == 65536)
        #expect(try decode("0") == 0)
        #expect(try decode("512M") == 536_870_912)
        #expect(try decode("2G") == 2_147_483_648)
        for value in [-1, "-1", "M", "2g", "2GB", "1.5G", "9999999999T", "", nil, true, .number(1.5)] as [JSONValue] {
            #expect(throws: ProtocolError.self, "\(value)") { try decode(value) }
        }
    }

    @Test("ids are ULIDs that grow, also within a millisecond and when the clock is set back")
    func generatedIDs() throws {
        var generator = AgentIDGenerator()
        let ids = [5_000_000, 5_000_000, 4_000_000, 6_000_000].map { generator.next(at: Timestamp(nanoseconds: $0)) }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == ids.count)
        #expect(ids.map(\.text) == ids.map(\.text).sorted())
        #expect(ids[0].text.hasPrefix("0000000005"))
        var later = AgentIDGenerator(last: ids[3])
        #expect(later.next(at: Timestamp(nanoseconds: 0)) > ids[3])
    }

    @Test("an id is read from its text, also in small letters")
    func ids() throws {
        let id = try AgentID("01JDABCDEFGHJKMNPQRSTVWXYZ")
        #expect(id.text == "01JDABCDEFGHJKMNPQRSTVWXYZ")
        #expect(try AgentID("01jdabcdefghjkmnpqrstvwxyz") == id)
        #expect(try AgentID("7ZZZZZZZZZZZZZZZZZZZZZZZZZ").value == .max)
        for text in [
            "", "01JD", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "01JDABCDEFGHIJKLMNOPQRSTUV", "01JDABCDEFGHJKMNPQRSTVWXYZ0",
        ] {
            #expect(throws: ValueError.self) { try AgentID(text) }
        }
    }

    @Test("names are plain and do not look like ids")
    func names() throws {
        for name in ["a", "fix-tests", "A.b_c-9", String(repeating: "x", count: 64), "0"] {
            #expect(try AgentName(name).text == name)
        }
        for name in [
            "", "-a", ".a", "_a", "a b", "a/b", "é", "a\n", "a\0", String(repeating: "x", count: 65),
            "01JDABCDEFGHJKMNPQRSTVWXYZ", "01jdabcdefghjkmnpqrstvwxyz",
        ] {
            #expect(throws: ValueError.self, "\(name)") { try AgentName(name) }
        }
    }

    @Test("an error that quotes a text does not pass on its control characters")
    func quoting() throws {
        let error = try #require(throws: ValueError.self) { try AgentName("a\u{1B}[2J\u{9B}x") }
        #expect(!error.description.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test("a reference finds an agent by name, id or the beginning of its id")
    func references() throws {
        let first = try AgentID("01JDABCDEFGHJKMNPQRSTVWXYZ")
        let second = try AgentID("01JDABCDEG0000000000000000")
        let agents = [(id: first, name: try AgentName("one")), (id: second, name: try AgentName("01JDABCDEF"))]
        func find(_ text: String) throws -> AgentID { try AgentReference(text).resolve(among: agents) }
        #expect(try find("one") == first)
        #expect(try find("01JDABCDEFGHJKMNPQRSTVWXYZ") == first)
        #expect(try find("01jdabcdeg") == second)
        #expect(try find("01JDABCDEF") == second, "a name goes before the beginning of an id")
        let missing = try #require(throws: ProtocolError.self) { try find("01JDA") }
        #expect(missing == .agentNotFound(try AgentReference("01JDA")))
        #expect(missing.message == #"no agent is called "01JDA""#)
        let ambiguous = try #require(throws: ProtocolError.self) { try find("01JDAB") }
        #expect(ambiguous.kind == .agentAmbiguous)
        #expect(ambiguous.data["matches"] == [.string(first.text), .string(second.text)])
        #expect(throws: ValueError.self) { try AgentReference("a/b") }
    }

    @Test("signals have Linux's names and numbers")
    func signals() throws {
        for (name, number) in [
            ("SIGHUP", 1), ("SIGINT", 2), ("SIGKILL", 9), ("SIGTERM", 15), ("SIGCHLD", 17), ("SIGWINCH", 28),
            ("SIGSYS", 31), ("SIG32", 32), ("SIGRTMIN", 34), ("SIGRTMIN+1", 35), ("SIGRTMIN+30", 64),
        ] as [(String, Int32)] {
            #expect(try Signal(name).number == number)
            #expect(Signal(number: number)?.text == name)
        }
        #expect(try Signal("INT") == .interrupt)
        #expect(Signal(number: 0) == nil)
        for text in ["", "SIG", "sigint", "SIGFOO", "SIG0", "SIG65", "9", "SIGRTMIN+31", "SIG-1"] {
            #expect(throws: ValueError.self, "\(text)") { try Signal(text) }
        }
    }

    @Test("keys have the bytes that a terminal sends")
    func keys() throws {
        for (name, bytes) in [
            ("enter", "\r"), ("ctrl-c", "\u{3}"), ("ctrl-C", "\u{3}"), ("ctrl-]", "\u{1D}"), ("ctrl-@", "\0"),
            ("ctrl-space", "\0"), ("escape", "\u{1B}"), ("tab", "\t"), ("backspace", "\u{7F}"), ("up", "\u{1B}[A"),
            ("f12", "\u{1B}[24~"), ("alt-b", "\u{1B}b"), ("alt-enter", "\u{1B}\r"), ("shift-tab", "\u{1B}[Z"),
        ] {
            #expect(try Key(name).bytes == Array(bytes.utf8), "\(name)")
        }
        for name in ["", "x", "Enter", "ctrl-", "ctrl-é", "ctrl-1", "f13", "alt-", "alt-alt-b", "alt-é"] {
            #expect(throws: ValueError.self, "\(name)") { try Key(name) }
        }
    }
}
