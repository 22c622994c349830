// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Testing

/// Params from text, as a daemon gets them.
private func params<M: Method>(_ method: M.Type, _ text: String) throws -> M.Params {
    try M.params(from: try JSONValue(parsing: Array(text.utf8)))
}

/// Params that are read from the text and written as the same text again.
private func golden<M: Method>(_ method: M.Type, _ text: String) throws {
    let line = #"{"id":7,"jsonrpc":"2.0","method":"\#(M.name)","params":\#(text)}"# + "\n"
    let written = try RequestLine.encode(M.self, try params(M.self, text), id: .integer(7))
    #expect(String(decoding: written, as: UTF8.self) == line)
    #expect(try SchemaCheck.faults(inParams: JSONValue(parsing: Array(text.utf8)), of: M.name) == [])
    let envelope = try RequestEnvelope(line: written.dropLast())
    #expect(envelope.id == .integer(7))
    #expect(envelope.method == M.name)
}

/// A result that is read from the text and written as the same text again.
private func goldenResult<M: Method>(_ method: M.Type, _ text: String) throws {
    let value = try JSONValue(parsing: Array(text.utf8))
    #expect(try SchemaCheck.faults(inResult: value, of: M.name) == [])
    let result = try StrictDecoder.decode(M.Result.self, from: value)
    #expect(
        String(decoding: DaemonLine.result(result, to: .string("x")), as: UTF8.self)
            == #"{"id":"x","jsonrpc":"2.0","result":\#(text)}"# + "\n")
}

private func refused<M: Method>(_ method: M.Type, _ text: String) throws -> String {
    try #require(throws: ProtocolError.self) { try params(M.self, text) }.message
}

let agentJSON = #"""
    {"attempt":1,"createdAt":"2026-11-20T19:21:05.123Z","desired":"running","endedAt":null,"exit":null,
    "exits":null,"failure":null,
    "id":"01JDABCDEFGHJKMNPQRSTVWXYZ","isolation":{"missing":[]},"labels":{"thread":"42"},"launcher":"codex",
    "name":"fix-tests","nextAttemptAt":null,"output":{"end":18231,"start":0},
    "owner":{"uid":1000,"user":"ada"},"pid":4711,"profile":"codex","queuePosition":null,"ready":true,"restarts":0,
    "session":null,"startedAt":"2026-11-20T19:21:05.200Z","state":"running",
    "terminal":{"columns":80,"rows":24},"workspace":"/home/ada/src/app"}
    """#.split(separator: "\n").joined()

@Suite("Methods")
struct MethodTests {
    @Test("initialize")
    func initialize() throws {
        try golden(Initialize.self, #"{"client":{"name":"agentctl","version":"0.1"},"protocolVersions":[1]}"#)
        for name in ["a\\nb", String(repeating: "x", count: 257)] {
            let client = #"{"name":"\#(name)","version":""}"#
            #expect(
                try refused(Initialize.self, #"{"protocolVersions":[1],"client":\#(client)}"#).contains("client.name"))
        }
        try goldenResult(
            Initialize.self,
            #"{"capabilities":{"methods":["agent/list"]},"peer":{"gid":1000,"role":"admin","uid":1000,"user":"ada"},"#
                + #""protocolVersion":1,"server":{"name":"supervisord","version":"0.1"}}"#)
    }

    @Test("agent/start, with every member")
    func start() throws {
        try golden(AgentStart.self, #"{"launcher":"codex","prompt":"fix the tests"}"#)
        try golden(AgentStart.self, #"{"command":["/bin/sh","-c","echo hi"]}"#)
        try golden(
            AgentStart.self,
            #"{"arguments":["--model","x"],"env":{"A":"1"},"labels":{"thread":"42"},"launcher":"codex","#
                + #""limits":{"cpu":1.5,"files":1024,"memory":536870912,"pids":64,"swap":0,"tmp":65536},"name":"fix","#
                + #""network":{"allow":["api.openai.com:443"]},"profile":"/etc/p.yaml","prompt":"p","requestKey":"k","#
                + #""restart":{"factor":1.5,"initial":"2s","jitter":0.5,"limit":3,"max":"1m","policy":"on-failure","#
                + #""resetAfter":"5m","window":"10m"},"resume":"s","size":{"columns":80,"rows":24},"#
                + #""timeouts":{"grace":"10s","idle":"15m","start":"1m","wall":"4h"},"tty":true,"workspace":"/w"}"#)
        #expect(
            try params(AgentStart.self, #"{"launcher":"c","limits":{"memory":"4G"}}"#).limits?.memory?.bytes
                == 4_294_967_296)
        try goldenResult(AgentStart.self, agentJSON)
    }

    @Test(
        "agent/start refuses what could not run as it stands, by name",
        arguments: [
            ("{}", "launcher"), (#"{"command":[]}"#, "command"), (#"{"command":[""]}"#, "command"),
            (#"{"command":["a\u0000b"]}"#, "command"), (#"{"command":["a"],"arguments":["b"]}"#, "arguments"),
            (#"{"launcher":"../x"}"#, "launcher"), (#"{"launcher":"a","profile":"../x"}"#, "profile"),
            (#"{"launcher":"a","profile":"/a\u0000"}"#, "profile"), (#"{"launcher":"a","workspace":"w"}"#, "workspace"),
            (#"{"launcher":"a","prompt":"\u0000"}"#, "prompt"), (#"{"launcher":"a","env":{"":"x"}}"#, "env."),
            (#"{"launcher":"a","env":{"A=B":"x"}}"#, "env.A=B"), (#"{"launcher":"a","env":{"A":"\u0000"}}"#, "env.A"),
            (#"{"launcher":"a","labels":{"a b":"x"}}"#, "labels.a b"), (#"{"launcher":"a","name":"-x"}"#, "name"),
            (#"{"launcher":"a","size":{"columns":0,"rows":1}}"#, "size.columns"),
            (#"{"launcher":"a","size":{"columns":1}}"#, "size.rows"),
            (#"{"launcher":"a","limits":{"cpu":0}}"#, "limits.cpu"),
            (#"{"launcher":"a","limits":{"memory":"4 G"}}"#, "limits.memory"),
            (#"{"launcher":"a","limits":{"mem":1}}"#, "limits.mem"),
            (#"{"launcher":"a","limits":{"pids":0}}"#, "limits.pids"),
            (#"{"launcher":"a","limits":{"files":63}}"#, "limits.files"),
            (#"{"launcher":"a","limits":{"memory":"1K"}}"#, "limits.memory"),
            (#"{"launcher":"a","limits":{"tmp":1}}"#, "limits.tmp"),
            (#"{"launcher":"a","limits":{"memory":-1}}"#, "limits.memory"),
            (#"{"launcher":"a","timeouts":{"wall":"0s"}}"#, "timeouts.wall"),
            (#"{"launcher":"a","timeouts":{"idle":"0s"}}"#, "timeouts.idle"),
            (#"{"launcher":"a","env":{"A\nB":"x"}}"#, "env.A\nB"),
            (#"{"launcher":"a","labels":{"a":"\#(String(repeating: "x", count: 257))"}}"#, "labels.a"),
            (#"{"launcher":"a","prompt":"\#(String(repeating: "x", count: 131_072))"}"#, "prompt"),
            (#"{"command":["a","\#(String(repeating: "x", count: 131_072))"]}"#, "command"),
            (#"{"launcher":"a","env":{"A":"\#(String(repeating: "x", count: 131_071))"}}"#, "env.A"),
            (#"{"launcher":"a","workspace":"/\#(String(repeating: "x", count: 4095))"}"#, "workspace"),
            (#"{"launcher":"a","profile":"/\#(String(repeating: "x", count: 4095))"}"#, "profile"),
            (#"{"launcher":"a","workspace":"/\u0000"}"#, "workspace"), (#"{"launcher":""}"#, "launcher"),
            (#"{"launcher":"a","timeouts":{"grace":"10"}}"#, "timeouts.grace"),
            (#"{"launcher":"a","requestKey":""}"#, "requestKey"), (#"{"launcher":"a","restart":"always"}"#, "restart"),
            (#"{"launcher":"a","cwd":"/"}"#, "cwd"),
            (#"{"launcher":"a","restart":{"policy":"sometimes"}}"#, "restart.policy"),
            (#"{"launcher":"a","restart":{"initial":"0s"}}"#, "restart.initial"),
            (#"{"launcher":"a","restart":{"factor":11}}"#, "restart.factor"),
            (#"{"launcher":"a","restart":{"jitter":-0.5}}"#, "restart.jitter"),
            (#"{"launcher":"a","restart":{"limit":101}}"#, "restart.limit"),
            (#"{"launcher":"a","restart":{"tries":1}}"#, "restart.tries"),
        ])
    func startRefuses(text: String, path: String) throws {
        let error = try #require(throws: ProtocolError.self) { try params(AgentStart.self, text) }
        #expect(error.kind == .invalidParams)
        #expect(error.data["path"] == .string(path))
    }

    @Test("agent/list and agent/get")
    func listAndGet() throws {
        try golden(AgentList.self, "{}")
        try golden(AgentList.self, #"{"all":true,"labels":{"a":"b"},"states":["running","exited"]}"#)
        try golden(AgentList.self, #"{"after":"01JDABCDEFGHJKMNPQRSTVWXYZ","limit":5}"#)
        #expect(try refused(AgentList.self, #"{"limit":0}"#).contains("limit"))
        try goldenResult(AgentList.self, #"{"agents":[\#(agentJSON)]}"#)
        try goldenResult(AgentList.self, #"{"agents":[],"next":"01JDABCDEFGHJKMNPQRSTVWXYZ"}"#)
        #expect(try refused(AgentList.self, #"{"states":["dead"]}"#).hasPrefix(#"the parameter "states[0]" "#))
        try golden(AgentGet.self, #"{"agent":"fix-tests"}"#)
        try goldenResult(AgentGet.self, agentJSON)
    }

    @Test("agent/input, from each of its sources")
    func input() throws {
        try golden(AgentInput.self, #"{"agent":"a","data":"é\n"}"#)
        try golden(AgentInput.self, #"{"agent":"a","dataBase64":"/wA=","eof":true}"#)
        try golden(AgentInput.self, #"{"agent":"a","keys":["ctrl-c","enter"]}"#)
        try golden(AgentInput.self, #"{"agent":"a","eof":true}"#)
        #expect(try params(AgentInput.self, #"{"agent":"a","keys":["ctrl-c","enter"]}"#).bytes == [3, 13])
        #expect(
            try params(AgentInput.self, #"{"agent":"a","keys":["enter"]}"#).bytes(toTerminal: false) == [10],
            "a pipe has nothing that turns a carriage return into a newline")
        #expect(try params(AgentInput.self, #"{"agent":"a","dataBase64":"/wA="}"#).bytes == [0xFF, 0])
        #expect(try params(AgentInput.self, #"{"agent":"a","eof":true}"#).bytes.isEmpty)
        for text in [
            #"{"agent":"a"}"#, #"{"agent":"a","data":"x","keys":[]}"#, #"{"agent":"a","dataBase64":"*"}"#,
            #"{"agent":"a","keys":["nokey"]}"#,
        ] {
            _ = try refused(AgentInput.self, text)
        }
        try goldenResult(AgentInput.self, #"{"accepted":3}"#)
    }

    @Test("agent/resize, agent/signal")
    func resizeAndSignal() throws {
        try golden(AgentResize.self, #"{"agent":"a","columns":80,"rows":24}"#)
        try goldenResult(AgentResize.self, "{}")
        try golden(AgentSignal.self, #"{"agent":"a","signal":"SIGINT"}"#)
        try goldenResult(AgentSignal.self, "{}")
        #expect(try refused(AgentSignal.self, #"{"agent":"a","signal":"SIGFOO"}"#).contains("SIGFOO"))
    }

    @Test("agent/stop, agent/kill, agent/wait, agent/remove")
    func ends() throws {
        try golden(AgentStop.self, #"{"agent":"a","grace":"10s"}"#)
        try golden(AgentKill.self, #"{"agent":"a"}"#)
        try golden(AgentWait.self, #"{"agent":"a","timeout":"500ms"}"#)
        try golden(AgentRemove.self, #"{"agent":"a","force":true}"#)
        let ended = agentJSON.replacing(
            #""exit":null"#, with: #""exit":{"code":null,"reason":"killed","signal":"SIGKILL"}"#)
        try goldenResult(AgentKill.self, ended)
        try goldenResult(AgentWait.self, ended)
        try goldenResult(AgentRemove.self, "{}")
    }

    @Test("agent/logs")
    func logs() throws {
        try golden(AgentLogs.self, #"{"agent":"a","encoding":"base64","limit":1000,"since":4096,"until":5000}"#)
        try golden(AgentLogs.self, #"{"agent":"a","since":"2026-11-20T19:21:05.123Z"}"#)
        try golden(AgentLogs.self, #"{"agent":"a","tail":{"lines":10}}"#)
        try golden(AgentLogs.self, #"{"agent":"a","tail":{"bytes":10}}"#)
        for text in [
            #"{"agent":"a","tail":{}}"#, #"{"agent":"a","tail":{"lines":1,"bytes":1}}"#, #"{"agent":"a","since":-1}"#,
            #"{"agent":"a","since":"now"}"#, #"{"agent":"a","since":0,"tail":{"lines":1}}"#,
            #"{"agent":"a","limit":0}"#,
        ] {
            _ = try refused(AgentLogs.self, text)
        }
        try goldenResult(
            AgentLogs.self,
            #"{"chunks":[{"data":"hi\n","offset":0,"stream":"stdout","time":"2026-11-20T19:21:05.123Z"},"#
                + #"{"dataBase64":"/w==","offset":3,"stream":"stderr","time":"2026-11-20T19:21:05.123Z"}],"#
                + #""end":4,"eof":true,"next":4,"start":0}"#)
    }

    @Test("agent/attach, agent/detach")
    func attach() throws {
        try golden(AgentAttach.self, #"{"agent":"a","encoding":"text","since":"now"}"#)
        try golden(AgentAttach.self, #"{"agent":"a","since":0}"#)
        #expect(try refused(AgentAttach.self, #"{"agent":"a","since":"then"}"#).contains("now"))
        #expect(try refused(AgentAttach.self, #"{"agent":"a","since":-1}"#).contains("since"))
        try goldenResult(AgentAttach.self, #"{"offset":4096,"subscription":"s1"}"#)
        try golden(
            AgentAttach.self,
            #"{"agent":"a","since":"screen","size":{"columns":80,"rows":24},"takeOver":true,"write":true}"#)
        #expect(try refused(AgentAttach.self, #"{"agent":"a","takeOver":true}"#).contains("takeOver"))
        try golden(AgentScreen.self, #"{"agent":"a","row":24}"#)
        #expect(try refused(AgentScreen.self, #"{"agent":"a","row":-1}"#).contains("row"))
        try goldenResult(
            AgentScreen.self,
            #"{"cursor":{"blinking":false,"column":4,"row":1,"shape":"block","visible":true},"lines":["a"],"#
                + #""modes":{"alternateScreen":false,"applicationCursorKeys":false,"applicationKeypad":false,"#
                + #""bracketedPaste":true,"focusReporting":false,"keyboardFlags":0,"mouse":"off","#
                + #""mouseEncoding":"legacy","reverseVideo":false},"next":1,"offset":9,"size":{"columns":80,"rows":24},"#
                + #""title":"t"}"#)
        try golden(AgentViewport.self, #"{"size":{"columns":80,"rows":24},"subscription":"s1"}"#)
        try goldenResult(AgentViewport.self, "{}")
        try golden(AgentDetach.self, #"{"subscription":"s1"}"#)
        try goldenResult(AgentDetach.self, "{}")
    }

    @Test("events/subscribe, supervisor/status, rpc.cancel")
    func others() throws {
        try golden(EventsSubscribe.self, #"{"agents":["a"],"since":117,"types":["agent.exited"]}"#)
        try goldenResult(EventsSubscribe.self, #"{"seq":117,"subscription":"s2"}"#)
        try golden(SupervisorStatus.self, "{}")
        try goldenResult(
            SupervisorStatus.self,
            #"{"agents":{"running":2},"connections":1,"mode":"user","pid":1,"seq":9,"#
                + #""server":{"name":"supervisord","version":"0.1"},"socket":"/run/s","#
                + #""startedAt":"2026-11-20T19:21:05.123Z","stateDirectory":"/var/lib/s"}"#)
        try golden(SupervisorReload.self, "{}")
        try golden(SupervisorDrain.self, #"{"enabled":false,"wait":false}"#)
        try goldenResult(SupervisorDrain.self, #"{"draining":true,"running":3}"#)
        try golden(EventsList.self, #"{"agent":"a","limit":10,"since":117}"#)
        try goldenResult(EventsList.self, #"{"events":[],"more":false,"next":118}"#)
        #expect(try refused(EventsList.self, #"{"limit":0}"#).contains("limit"))
        try golden(RPCCancel.self, #"{"id":7}"#)
        try golden(RPCCancel.self, #"{"id":"x"}"#)
        #expect(try refused(RPCCancel.self, #"{"id":null}"#).contains("id"))
    }

    @Test("supervisor/doctor")
    func doctor() throws {
        try golden(SupervisorDoctor.self, "{}")
        try goldenResult(
            SupervisorDoctor.self,
            #"{"checks":[{"found":"Linux 6.1","hint":null,"name":"kernel","status":"ok"},"#
                + #"{"found":"covered","hint":"uncover it","name":"proc","status":"problem"}]}"#)
    }

    @Test("profile/list, profile/get, profile/check, launcher/list")
    func configuration() throws {
        try golden(ProfileList.self, "{}")
        try golden(ProfileGet.self, #"{"profile":"codex"}"#)
        try golden(ProfileCheck.self, #"{"profile":"mine","text":"extends: base\n"}"#)
        try golden(LauncherList.self, "{}")
        for name in ["", "../x", "/etc/shadow", "A", ".x", String(repeating: "x", count: 65)] {
            #expect(try refused(ProfileGet.self, #"{"profile":"\#(name)"}"#).contains("profile"))
        }
        try goldenResult(
            ProfileList.self,
            #"{"profiles":[{"description":null,"file":"/p/a.yaml","isSound":false,"name":"a","problem":"/p/a.yaml:1:1: no"},"#
                + #"{"description":"d","file":"/p/b.yaml","isSound":true,"name":"b","problem":null}]}"#)
        try goldenResult(ProfileGet.self, #"{"files":["/p/a.yaml"],"name":"a","profile":{"limits":{"files":64}}}"#)
        try goldenResult(
            ProfileCheck.self,
            #"{"findings":[{"column":5,"file":"a.yaml","line":1,"message":"m","severity":"error"},"#
                + #"{"column":null,"file":"a.yaml","line":null,"message":"m","severity":"warning"}],"isSound":false,"total":3}"#
        )
        try goldenResult(
            LauncherList.self,
            #"{"launchers":[{"description":null,"file":"/l/a.yaml","isSound":true,"name":"a","problem":null,"profile":"base","#
                + #""program":{"name":"x","path":null,"problem":"the program x is not installed"},"resumes":false,"#
                + #""takesArguments":true,"takesPrompt":false}]}"#)
    }

    @Test("supervisor/metrics, rpc.discover")
    func metrics() throws {
        try golden(SupervisorMetrics.self, "{}")
        try goldenResult(SupervisorMetrics.self, ##"{"text":"# EOF\n"}"##)
        try golden(RPCDiscover.self, "{}")
        try goldenResult(RPCDiscover.self, #"{"openrpc":"1.3.2"}"#)
    }

    @Test("agent/changes, agent/apply, agent/discard")
    func changes() throws {
        try golden(AgentChanges.self, #"{"agent":"a","diff":true,"paths":["src","a b"]}"#)
        try golden(AgentChanges.self, #"{"agent":"a","diffOffset":5,"offset":7}"#)
        #expect(try refused(AgentChanges.self, #"{"agent":"a","offset":-1}"#).contains("offset"))
        try golden(AgentApply.self, #"{"agent":"a","includeProtected":true}"#)
        try golden(AgentDiscard.self, #"{"agent":"a","paths":["x"]}"#)
        for paths in ["[]", #"[""]"#, #"["/etc"]"#, #"["a/../b"]"#, #"[".."]"#] {
            #expect(try refused(AgentApply.self, #"{"agent":"a","paths":\#(paths)}"#).contains("paths"))
        }
        try goldenResult(
            AgentChanges.self,
            #"{"changes":[{"change":"modified","new":{"kind":"file","mode":"0644","size":4},"old":{"kind":"file","#
                + #""mode":"0644","size":3},"path":"f"}],"inUse":false,"next":1,"obstacles":[],"total":5}"#)
        try goldenResult(
            AgentApply.self,
            #"{"applied":[{"path":"f"}],"refused":[{"code":"conflict","message":"m","path":"g"}],"skipped":[],"#
                + #""warnings":[]}"#)
    }

    @Test("every method has a name of its own")
    func names() {
        #expect(Set(Methods.all.map { $0.name }).count == Methods.all.count)
        #expect(Methods.all.count == 36)
    }

    @Test("an exit has the status that a shell would show")
    func shellStatus() {
        #expect(AgentExit(code: 3, signal: nil, reason: .exited).shellStatus == 3)
        #expect(AgentExit(code: nil, signal: .kill, reason: .killed).shellStatus == 137)
        #expect(AgentExit(code: nil, signal: nil, reason: .lost).shellStatus == nil)
    }
}
