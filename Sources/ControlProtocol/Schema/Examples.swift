// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A request and its answer for every method, as they stand in the reference. Tests read each with the method's types and
/// hold it against the method's schema.
enum Examples {
    struct Exchange {
        let params: StaticString
        let result: StaticString
    }

    static func exchange(of method: String) throws -> (params: JSONValue, result: JSONValue) {
        guard let exchange = exchanges[method] else { throw SchemaProblem("\(method) has no example") }
        return (try value(exchange.params), try value(exchange.result))
    }

    private static func value(_ text: StaticString) throws -> JSONValue {
        guard text.utf8CodeUnitCount > 0 else { return agent }
        return try JSONValue(parsing: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Stands for the agent object.
    private static let agentObject: StaticString = ""

    private static let agent: JSONValue = [
        "id": "01JDABCDEFGHJKMNPQRSTVWXYZ", "name": "fix-tests", "state": "running", "desired": "running",
        "ready": true, "launcher": "codex", "profile": "codex", "workspace": "/home/ada/src/app",
        "labels": ["thread": "42"], "owner": ["uid": 1000, "user": "ada"], "pid": 4711, "attempt": 1, "restarts": 0,
        "createdAt": "2026-11-20T19:21:05.123Z", "startedAt": "2026-11-20T19:21:05.200Z", "endedAt": nil,
        "nextAttemptAt": nil, "exit": nil, "failure": nil, "exits": [], "queuePosition": nil,
        "terminal": ["columns": 80, "rows": 24], "output": ["start": 0, "end": 18231], "session": nil,
        "isolation": ["missing": []],
    ]

    private static let exchanges: [String: Exchange] = [
        "initialize": Exchange(
            params: #"{"protocolVersions":[1],"client":{"name":"web-front-end","version":"2.3"}}"#,
            result: #"""
                {"protocolVersion":1,"server":{"name":"supervisord","version":"0.1.0"},
                "peer":{"uid":1000,"gid":1000,"user":"ada","role":"operator"},
                "capabilities":{"methods":["agent/get","agent/list","agent/start"]}}
                """#),
        "agent/start": Exchange(
            params: #"""
                {"launcher":"codex","prompt":"fix the failing test","name":"fix-tests","workspace":"/home/ada/src/app",
                "env":{"CODEX_API_KEY":"sk-…"},"labels":{"thread":"42"},"limits":{"memory":"4G","cpu":2},
                "timeouts":{"wall":"2h","idle":"15m"},"restart":{"policy":"on-failure","limit":3},
                "size":{"columns":80,"rows":24},"requestKey":"thread-42-1"}
                """#,
            result: agentObject),
        "agent/list": Exchange(
            params: #"{"states":["running","paused"],"labels":{"thread":"42"},"limit":1}"#,
            result: #"""
                {"agents":[],"next":"01JDABCDEFGHJKMNPQRSTVWXYZ"}
                """#),
        "agent/get": Exchange(params: #"{"agent":"fix-tests"}"#, result: agentObject),
        "agent/input": Exchange(
            params: #"{"agent":"fix-tests","keys":["ctrl-c","enter"]}"#, result: #"{"accepted":2}"#),
        "agent/resize": Exchange(params: #"{"agent":"fix-tests","columns":120,"rows":40}"#, result: "{}"),
        "agent/signal": Exchange(params: #"{"agent":"fix-tests","signal":"SIGINT"}"#, result: "{}"),
        "agent/stop": Exchange(params: #"{"agent":"fix-tests","grace":"10s"}"#, result: agentObject),
        "agent/kill": Exchange(params: #"{"agent":"fix-tests"}"#, result: agentObject),
        "agent/wait": Exchange(params: #"{"agent":"01JDAB","timeout":"5m"}"#, result: agentObject),
        "agent/remove": Exchange(params: #"{"agent":"fix-tests","force":true}"#, result: "{}"),
        "agent/logs": Exchange(
            params: #"{"agent":"fix-tests","tail":{"lines":10}}"#,
            result: #"""
                {"chunks":[{"offset":18220,"stream":"tty","time":"2026-11-20T19:21:09.004Z","data":"3 passed\r\n"}],
                "next":18230,"start":0,"end":18231,"eof":false}
                """#),
        "agent/attach": Exchange(
            params: #"{"agent":"fix-tests","since":"screen","write":true,"size":{"columns":120,"rows":40}}"#,
            result: #"{"subscription":"s1","offset":18231}"#),
        "agent/screen": Exchange(
            params: #"{"agent":"shell"}"#,
            result: #"""
                {"offset":512,"size":{"columns":80,"rows":24},"title":"vim","cursor":{"row":1,"column":4,"visible":true,
                "shape":"block","blinking":false},"lines":["$ ls","a.c"],"modes":{"alternateScreen":false,
                "applicationCursorKeys":false,"applicationKeypad":false,"bracketedPaste":true,"focusReporting":false,
                "mouse":"off","mouseEncoding":"legacy","reverseVideo":false,"keyboardFlags":0}}
                """#),
        "agent/viewport": Exchange(
            params: #"{"subscription":"s1","size":{"columns":120,"rows":40}}"#, result: "{}"),
        "agent/detach": Exchange(params: #"{"subscription":"s1"}"#, result: "{}"),
        "agent/usage": Exchange(
            params: #"{"agent":"fix-tests"}"#,
            result: #"""
                {"wallMilliseconds":61000,"cpu":{"userMicroseconds":4200000,"systemMicroseconds":800000},
                "memory":{"currentBytes":180000000,"peakBytes":260000000,"events":{"high":0,"max":2}},
                "pids":{"current":14,"peak":31},"io":{"readBytes":9000000,"writtenBytes":120000},
                "pressure":{"cpu":{"someMicroseconds":3000,"fullMicroseconds":0}},
                "refused":[{"call":"bpf","process":"node","pid":7,"count":1}]}
                """#),
        "agent/changes": Exchange(
            params: #"{"agent":"try","paths":["src"],"diff":true}"#,
            result: #"""
                {"inUse":false,"changes":[{"path":"src/a.c","change":"modified",
                "old":{"kind":"file","mode":"0644","size":3},"new":{"kind":"file","mode":"0644","size":4}}],
                "total":1,"obstacles":[],"diffs":[{"path":"src/a.c","isCut":false,
                "text":"--- a/src/a.c\n+++ b/src/a.c\n@@ -1 +1 @@\n-ab\n+abc\n"}]}
                """#),
        "agent/apply": Exchange(
            params: #"{"agent":"try","paths":["src"]}"#,
            result: #"{"applied":[{"path":"src/a.c"}],"refused":[],"skipped":[],"warnings":[]}"#),
        "agent/discard": Exchange(
            params: #"{"agent":"try","paths":["src"]}"#,
            result: #"{"discarded":[{"path":"src/a.c"}],"refused":[],"skipped":[],"warnings":[]}"#),
        "agent/restart": Exchange(params: #"{"agent":"fix-tests"}"#, result: agentObject),
        "agent/pause": Exchange(params: #"{"agent":"fix-tests"}"#, result: agentObject),
        "agent/resume": Exchange(params: #"{"agent":"fix-tests"}"#, result: agentObject),
        "events/list": Exchange(
            params: #"{"since":117,"limit":100,"agent":"fix-tests"}"#,
            result: #"""
                {"events":[{"seq":118,"time":"2026-11-20T19:21:05.200Z","type":"agent.started",
                "agent":"01JDABCDEFGHJKMNPQRSTVWXYZ","data":{"attempt":1,"pid":4711,"ready":false}}],
                "next":118,"more":false}
                """#),
        "events/subscribe": Exchange(
            params: #"{"since":117,"types":["agent.exited","agent.failed"]}"#,
            result: #"{"subscription":"s2","seq":117}"#),
        "profile/list": Exchange(
            params: "{}",
            result: #"""
                {"profiles":[{"name":"codex","description":"The Codex CLI, unattended",
                "file":"/etc/agent-supervisor/profiles/codex.yaml","isSound":true,"problem":null}]}
                """#),
        "profile/get": Exchange(
            params: #"{"profile":"codex"}"#,
            result: #"""
                {"name":"codex","files":["/etc/agent-supervisor/profiles/codex.yaml",
                "/usr/share/agent-supervisor/profiles/base.yaml"],
                "profile":{"network":{"mode":"host"},"limits":{"memory":"4G"}}}
                """#),
        "profile/check": Exchange(
            params: #"{"profile":"mine","text":"extends: base\nnetwrok: {mode: none}\n"}"#,
            result: #"""
                {"isSound":false,"findings":[{"severity":"error","file":"mine.yaml","line":2,"column":1,
                "message":"unknown key \"netwrok\"; did you mean \"network\"?"}]}
                """#),
        "launcher/list": Exchange(
            params: "{}",
            result: #"""
                {"launchers":[{"name":"codex","description":"The Codex CLI","file":"/etc/agent-supervisor/launchers/codex.yaml",
                "isSound":true,"problem":null,"profile":"codex",
                "program":{"name":"codex","path":"/usr/local/bin/codex","problem":null},
                "takesPrompt":true,"takesArguments":true,"resumes":true}]}
                """#),
        "supervisor/status": Exchange(
            params: "{}",
            result: #"""
                {"server":{"name":"supervisord","version":"0.1.0"},"mode":"system","pid":812,
                "startedAt":"2026-11-20T08:00:00.000Z","socket":"/run/agent-supervisor/control.sock",
                "stateDirectory":"/var/lib/agent-supervisor","agents":{"running":2,"exited":7},"connections":3,"seq":118,
                "draining":false,"unstored":0,
                "resources":{"memory":41943040,"cpuMicroseconds":5200000,"threads":9,"openFiles":31}}
                """#),
        "supervisor/metrics": Exchange(
            params: "{}",
            result: #"""
                {"text":"# TYPE agent_supervisor_agents gauge\nagent_supervisor_agents{state=\"running\"} 2\n# EOF\n"}
                """#),
        "supervisor/reload": Exchange(params: "{}", result: "{}"),
        "supervisor/drain": Exchange(
            params: #"{"enabled":true,"wait":false}"#, result: #"{"draining":true,"running":2}"#),
        "supervisor/doctor": Exchange(
            params: "{}",
            result: #"""
                {"checks":[{"name":"kernel","status":"ok","found":"Linux 6.12","hint":null},{"name":"cgroups",
                "status":"warning","found":"agents get no cgroups, and so no limits","hint":"start the daemon as a unit"}]}
                """#),
        "rpc.cancel": Exchange(params: #"{"id":7}"#, result: "{}"),
        "rpc.discover": Exchange(
            params: "{}",
            result:
                #"{"openrpc":"1.3.2","info":{"title":"agent-supervisor control protocol","version":"1"},"methods":[]}"#),
    ]
}
