// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux

extension Methods {
    static func metrics(_ params: Nothing, _ call: Call) async throws -> SupervisorMetrics.Result {
        guard call.peer.grant.seesAll else {
            throw ProtocolError.permissionDenied(
                "supervisor/metrics counts everyone's agents, and so is for administrators, and for viewers of \"agents: all\""
            )
        }
        let supervisor = call.supervisor
        let asked = ContinuousClock.now
        let (figures, answered) = await supervisor.figures()
        let retained = try await retained(supervisor)
        let own = try await supervisor.blocking { try OwnResources.now() }
        var text = OpenMetricsText()
        text.add(
            "agent_supervisor_build", .info, "The daemon's version.",
            [
                .init(
                    labels: [("version", Version.text), ("protocol", "\(ProtocolLimits.version)")], value: 1)
            ])
        figures.write(to: &text)
        text.add(
            "agent_supervisor_loop_lag_seconds", .gauge, unit: "seconds",
            "How long this very request waited for the loop on which everything about agents is decided.",
            (answered - asked) / .seconds(1))
        text.add("agent_supervisor_retained_agents", .gauge, "Ended agents that are kept.", Double(retained.agents))
        text.add(
            "agent_supervisor_retained_bytes", .gauge, unit: "bytes", "What ended agents take on the disk.",
            Double(retained.bytes))
        text.add(
            "agent_supervisor_disk_free_bytes", .gauge, unit: "bytes",
            "What the daemon may still write to the file system of its state.", Double(retained.free))
        supervisor.socketCounts.figures.write(to: &text, connections: supervisor.clients.count)
        own.write(to: &text, startedAt: supervisor.startedAt)
        text.end()
        return .init(text: text.text)
    }
}

extension Supervisor {
    struct Figures: Sendable {
        var states: [String: Int]
        var counts: LifecycleCounts
        var outputOfRunning: UInt64
        var unstored: Int
        var isDraining: Bool
        var newestEvent: UInt64
    }

    /// Everything about agents that is measured, and when the loop got to it.
    func figures() -> (Figures, at: ContinuousClock.Instant) {
        let now = ContinuousClock.now
        var states = Dictionary(uniqueKeysWithValues: AgentState.allCases.map { ($0.rawValue, 0) })
        var output: UInt64 = 0
        for entry in agents.values {
            states[entry.record.state.rawValue, default: 0] += 1
            if entry.record.machine.holdsPlace { output += entry.output.latest.value.end }
        }
        return (
            Figures(
                states: states, counts: lifecycleCounts, outputOfRunning: output, unstored: unstored,
                isDraining: isDraining, newestEvent: newestEvent.latest.value), now
        )
    }
}

extension Supervisor.Figures {
    fileprivate func write(to text: inout OpenMetricsText) {
        func samples(_ label: String, _ values: [String: UInt64]) -> [OpenMetricsText.Sample] {
            values.sorted { $0.key < $1.key }.map { .init(labels: [(label, $0.key)], value: Double($0.value)) }
        }
        text.add(
            "agent_supervisor_agents", .gauge, "Agents by state; those in the state queued wait for room to run in.",
            samples("state", states.mapValues(UInt64.init)))
        text.add("agent_supervisor_agents_created", .counter, "Agents asked for.", Double(counts.created))
        text.add("agent_supervisor_starts", .counter, "Attempts that came to run.", Double(counts.started))
        text.add(
            "agent_supervisor_failures", .counter, "Attempts that did not come to run, and agents that were given up.",
            Double(counts.failed))
        text.add(
            "agent_supervisor_exits", .counter, "Attempts that ran and have ended, by reason.",
            samples("reason", counts.exited))
        text.add(
            "agent_supervisor_restarts", .counter,
            "Times that an agent was to be run again: by its restart policy, or at a client's request.",
            samples("cause", counts.restarted))
        text.add(
            "agent_supervisor_output_bytes", .gauge, unit: "bytes",
            "Output that the agents which run now have written so far, dropped or not.", Double(outputOfRunning))
        text.add(
            "agent_supervisor_events", .counter, "The number of the newest event; it goes on over restarts.",
            Double(newestEvent))
        text.add(
            "agent_supervisor_unstored_changes", .gauge,
            "What has happened and cannot be stored at present. Above 0 the disk is full.", Double(unstored))
        text.add("agent_supervisor_draining", .gauge, "1 when nothing new is started.", isDraining ? 1 : 0)
    }
}

extension SocketCounts.Figures {
    fileprivate func write(to text: inout OpenMetricsText, connections: Int) {
        text.add("agent_supervisor_connections", .gauge, "Clients that are connected.", Double(connections))
        text.add("agent_supervisor_connections_accepted", .counter, "Connections taken.", Double(accepted))
        text.add("agent_supervisor_connections_refused", .counter, "Connections refused.", Double(refused))
        text.add(
            "agent_supervisor_requests", .counter, "Requests by method, and by what became of them: ok, or the error.",
            requests.sorted { ($0.key.method, $0.key.outcome) < ($1.key.method, $1.key.outcome) }.map {
                .init(labels: [("method", $0.key.method), ("outcome", $0.key.outcome)], value: Double($0.value))
            })
        text.add(
            "agent_supervisor_request_duration_seconds",
            "From a request to its answer; of methods that wait for an agent, with the wait.", by: "method",
            durations.sorted { $0.key < $1.key })
    }
}

extension SupervisorStatus.Result.Resources {
    /// Under the names that Prometheus's client libraries give them.
    fileprivate func write(to text: inout OpenMetricsText, startedAt: Timestamp) {
        text.add(
            "process_resident_memory_bytes", .gauge, unit: "bytes", "Memory of the daemon.", Double(memory))
        text.add(
            "process_cpu_seconds", .counter, unit: "seconds", "Processor time of the daemon.",
            Double(cpuMicroseconds) / 1e6)
        text.add("process_open_fds", .gauge, "Descriptors that the daemon has open.", Double(openFiles))
        text.add("process_threads", .gauge, "Threads of the daemon.", Double(threads))
        text.add(
            "process_start_time_seconds", .gauge, unit: "seconds", "When the daemon started, since 1970.",
            Double(startedAt.nanoseconds) / 1e9)
    }
}
