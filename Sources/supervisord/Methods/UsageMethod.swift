// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import ShimProtocol

extension Methods {
    static func usage(_ params: AgentParams, _ call: Call) async throws -> AgentUsage.Result {
        try await call.supervisor.usage(of: try await call.find(params.agent).record)
    }
}

extension Supervisor {
    /// What an agent has used: by its shim's word as long as it lives, else as that has left it.
    func usage(of record: AgentRecord) async throws -> AgentUsage.Result {
        guard [.running, .paused, .stopping].contains(record.state) else {
            return AgentUsage.Result(record.usage, refusals: record.refusals)
        }
        guard agents[record.id]?.shimVersion ?? 0 >= 2 else {
            throw ProtocolError.unsupportedHere(
                feature: AgentUsage.name,
                "agent \(record.name) was started by an older supervisord, whose shim cannot tell what it uses")
        }
        do {
            let report = try await ask(record.id, .usage)
            return AgentUsage.Result(report.usage, refusals: report.status.refusals ?? [])
        } catch let error as ProtocolError where error.kind == .invalidState {
            // It may have ended while it was asked.
            guard let now = agents[record.id]?.record else { throw error }
            return AgentUsage.Result(now.usage, refusals: now.refusals)
        }
    }
}

extension AgentUsage.Result {
    init(_ usage: ResourceUsage?, refusals: [SystemCallRefusal]) {
        self.init(
            wallMilliseconds: usage?.wall,
            cpu: .init(userMicroseconds: usage?.userTime, systemMicroseconds: usage?.systemTime),
            memory: .init(
                currentBytes: usage?.memory, peakBytes: usage?.memoryPeak, swapBytes: usage?.swap,
                largestProcessBytes: usage?.largestProcess, events: usage?.memoryEvents),
            pids: .init(current: usage?.processes, peak: usage?.processesPeak),
            io: .init(readBytes: usage?.bytesRead, writtenBytes: usage?.bytesWritten),
            pressure: usage?.pressure?.mapValues { .init(someMicroseconds: $0.some, fullMicroseconds: $0.full) },
            refused: refusals.map { .init(call: $0.call, process: $0.process, pid: $0.pid, count: $0.count) })
    }
}
