// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc
import Linux
import Testing

@testable import supervisord

/// The daemon's own numbers.
@Suite(.timeLimit(.minutes(20))) struct MetricsTests: WithTestDaemon {
    @Test("supervisor/metrics counts what has happened: agents, ends by reason, requests by what became of them")
    func counts() async throws {
        try await withDaemon { daemon in
            try await daemon.connect { client in
                _ = try await client.start("exit 3", ["name": "a"])
                _ = try await client.result("agent/wait", ["agent": "a"])
                _ = try await client.start("sleep 600", ["name": "b"])
                _ = try await client.result("agent/restart", ["agent": "b"])
                _ = try await client.result("agent/kill", ["agent": "b"])
                _ = try await client.start("echo 12345; sleep 600", ["name": "c", "tty": false])
                try await client.waitForOutput("c")
                #expect(try await client.error("agent/get", ["agent": "nobody"]) == "agent_not_found")
                #expect(try await client.error("nonsense/\(getpid())") == "method_not_found")
                try await client.send("garbage")
                _ = try await client.line()
                let text = try #require(try await client.result("supervisor/metrics")["text"]?.text)
                let lines = Set(text.split(separator: "\n").map(String.init))
                for line in [
                    #"agent_supervisor_agents{state="running"} 1"#, #"agent_supervisor_agents{state="exited"} 2"#,
                    #"agent_supervisor_agents{state="paused"} 0"#, "agent_supervisor_agents_created_total 3",
                    "agent_supervisor_starts_total 4", #"agent_supervisor_exits_total{reason="exited"} 1"#,
                    #"agent_supervisor_exits_total{reason="killed"} 1"#,
                    #"agent_supervisor_restarts_total{cause="request"} 1"#, "agent_supervisor_output_bytes 6",
                    "agent_supervisor_unstored_changes 0", "agent_supervisor_draining 0",
                    "agent_supervisor_connections 1", "agent_supervisor_connections_accepted_total 1",
                    #"agent_supervisor_requests_total{method="agent/get",outcome="agent_not_found"} 1"#,
                    #"agent_supervisor_requests_total{method="agent/start",outcome="ok"} 3"#,
                    #"agent_supervisor_requests_total{method="unknown",outcome="method_not_found"} 1"#,
                    #"agent_supervisor_requests_total{method="unknown",outcome="parse_error"} 1"#,
                    #"agent_supervisor_request_duration_seconds_count{method="agent/start"} 3"#,
                ] {
                    #expect(lines.contains(line), "\(line)\n\(text)")
                }
                #expect(text.hasSuffix("\n# EOF\n"))
                #expect(!text.contains("nonsense"), "names that clients make up must not become labels")
            }
        }
    }

    @Test("a restart by policy is counted, and so is what cannot be started")
    func restarts() async throws {
        var counts = LifecycleCounts()
        func event(_ type: EventType, _ data: [String: JSONValue] = [:]) -> NewEvent {
            NewEvent(time: .now(), type: type, agent: nil, owner: nil, peer: nil, data: data)
        }
        for type in [EventType.agentBackoff, .agentBackoff, .agentFailed, .agentReady] { counts.add(event(type)) }
        counts.add(event(.agentExited, ["reason": "out_of_memory"]))
        #expect(counts.restarted == ["policy": 2, "request": 0])
        #expect(counts.failed == 1)
        #expect(counts.exited["out_of_memory"] == 1)
        #expect(counts.exited["lost"] == 0)
    }

    @Test("a histogram's classes have their upper bounds in them")
    func histogram() {
        var histogram = Histogram()
        for seconds in [0.0005, 0.0006, 10, 10.5] { histogram.add(seconds) }
        #expect(histogram.counts == [1, 1] + [UInt64](repeating: 0, count: 11) + [1, 1])
        #expect(histogram.sum == 20.5011)
    }

    @Test(
        "the text is OpenMetrics to a parser of others",
        .enabled(if: PythonTools.path != nil, "needs what scripts/fetch-python-tools fetches"))
    func parser() async throws {
        try await withTemporaryDirectory { directory in
            try await run(TestDaemon(directory)) { daemon in
                try await daemon.connect { client in
                    _ = try await client.start("exit 3", ["name": "a"])
                    _ = try await client.result("agent/wait", ["agent": "a"])
                    let text = try #require(try await client.result("supervisor/metrics")["text"]?.text)
                    try Data(text.utf8).write(to: URL(filePath: "\(directory)/metrics"))
                }
            }
            // Its families in the order of their names, with how many samples each has.
            let judge = """
                from prometheus_client.openmetrics.parser import text_string_to_metric_families
                families = list(text_string_to_metric_families(open("\(directory)/metrics").read()))
                names = {family.name: family.type for family in families}
                assert names["agent_supervisor_exits"] == "counter", names
                assert names["agent_supervisor_request_duration_seconds"] == "histogram", names
                assert names["agent_supervisor_build"] == "info", names
                assert len(names) == len(families) > 20, names
                """
            try Data(judge.utf8).write(to: URL(filePath: "\(directory)/judge.py"))
            let python = try #require(PythonTools.path)
            #expect(system("PYTHONPATH='\(python)' python3 '\(directory)/judge.py'") == 0)
        }
    }
}

enum PythonTools {
    static let path = ProcessInfo.processInfo.environment["AGENT_SUPERVISOR_PYTHON_TOOLS"]
}
