// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import SupervisorClient

/// Shows an agent's output from an offset until the agent has ended. A daemon that goes away in between, say for an
/// upgrade, is waited for: the output goes on where it stopped, since the agent has not noticed.
struct OutputFollower {
    /// How long a daemon may be away.
    static let patience = Duration.seconds(60)

    let path: String
    let agent: AgentReference

    /// Returns the agent as it ended.
    func follow(from start: UInt64, into sink: inout OutputSink) async throws -> Agent {
        var next = start
        var deadline: ContinuousClock.Instant?
        while true {
            do {
                if let ended = try await followOnce(from: &next, into: &sink, connected: { deadline = nil }) {
                    try sink.finish()
                    return ended
                }
                // The daemon said that it goes.
                throw ClientError(.connectionLost, "the daemon has ended; the agent runs on")
            } catch let error as ClientError where error.kind == .connectionLost || error.kind == .noDaemon {
                if deadline == nil {
                    // Not there at all from the start is another matter than gone.
                    if error.kind == .noDaemon, next == start { throw error }
                    StandardError.write("agentctl: the daemon is gone, the agent runs on; waiting for the daemon")
                }
                let limit = deadline ?? ContinuousClock.now + Self.patience
                deadline = limit
                guard ContinuousClock.now < limit else { throw error }
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// Returns nil when the daemon ended the subscription before the agent ended.
    private func followOnce(
        from next: inout UInt64, into sink: inout OutputSink, connected: () -> Void
    ) async throws -> Agent? {
        let client = try await SupervisorClient.connect(path: path)
        defer { client.close() }
        let items = try await client.attach(.init(agent: agent, since: .offset(next)))
        connected()
        for try await item in items {
            switch item {
            case .output(let chunk):
                try sink.show(chunk)
                next = chunk.end
            case .gap(let from, let to):
                sink.showGap(from: from, to: to)
                next = to
            case .ended(.eof): return try await client.call(AgentWait.self, .init(agent: agent))
            case .ended(.removed): throw Failure("the agent was removed", exitCode: Failure.notFound)
            case .ended(.failed): throw Failure("the daemon cannot read the agent's output", hint: "its log says why")
            case .ended: return nil
            }
        }
        return nil
    }
}
