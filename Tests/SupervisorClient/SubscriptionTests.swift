// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import ScriptedDaemon
import SupervisorClient
import Synchronization
import Testing

private let agentID = AgentID(value: 7)
private let subscription = SubscriptionID(rawValue: "s1")

private func output(_ offset: UInt64, _ text: String) -> AgentOutput {
    AgentOutput(
        subscription: subscription, agent: agentID,
        chunk: OutputChunk(offset: offset, stream: .tty, time: Timestamp(nanoseconds: 0), payload: .text(text)))
}

private final class Counter: Sendable {
    let value = Mutex(0)
}

@Suite("Subscriptions", .timeLimit(.minutes(20)))
struct SubscriptionTests {
    @Test("output that comes in one packet with the answer is not lost, and the end ends the sequence")
    func attach() async throws {
        let daemon = try await ScriptedDaemon.start { request, client in
            guard request.method == AgentAttach.name, let id = request.id else { return }
            client.send(
                DaemonLine.result(AgentAttach.Result(subscription: subscription, offset: 4), to: id)
                    + (try DaemonLine.notification(output(4, "four")))
                    + (try DaemonLine.notification(
                        AgentGap(subscription: subscription, agent: agentID, from: 8, to: 20)))
                    + (try DaemonLine.notification(output(20, "é")))
                    + (try DaemonLine.notification(SubscriptionEnded(subscription: subscription, reason: .eof))))
        }
        try await SupervisorClient.withConnection(path: daemon.path) { client in
            let items = try await client.attach(.init(agent: AgentReference(agentID), since: .offset(4)))
            #expect(items.start == 4)
            var seen: [AttachItem] = []
            for try await item in items { seen.append(item) }
            #expect(
                seen == [
                    .output(output(4, "four").chunk), .gap(from: 8, to: 20), .output(output(20, "é").chunk),
                    .ended(.eof),
                ])
        }
        #expect(daemon.requests.map(\.method) == ["agent/attach"], "nothing is left to detach from")
        try await daemon.stop()
    }

    @Test("events come in their order, beside output and calls on one connection")
    func events() async throws {
        let daemon = try await ScriptedDaemon.start { request, client in
            switch request.method {
            case AgentAttach.name:
                client.result(AgentAttach.Result(subscription: subscription, offset: 0), to: request)
                try client.notify(output(0, "a"))
                try client.notify(SubscriptionEnded(subscription: subscription, reason: .eof))
            case EventsSubscribe.name:
                let other = SubscriptionID(rawValue: "s2")
                client.result(EventsSubscribe.Result(subscription: other, seq: 4), to: request)
                for seq in 5...7 as ClosedRange<UInt64> {
                    let event = Event(seq: seq, time: .now(), type: .agentExited, agent: agentID)
                    try client.notify(EventNotification(subscription: other, event: event))
                }
                try client.notify(SubscriptionEnded(subscription: other, reason: .shutdown))
            default: client.result(AgentInput.Result(accepted: 0), to: request)
            }
        }
        try await SupervisorClient.withConnection(path: daemon.path) { client in
            let events = try await client.events(.init(since: 4))
            let items = try await client.attach(.init(agent: AgentReference(agentID)))
            #expect(
                try await client.call(AgentInput.self, .init(agent: AgentReference(agentID), eof: true)).accepted == 0)
            var numbers: [UInt64] = []
            for try await item in events {
                if case .event(let event) = item {
                    numbers.append(event.seq)
                } else {
                    #expect(item == .ended(.shutdown))
                }
            }
            #expect(numbers == [5, 6, 7])
            #expect(try await items.reduce(0) { count, _ in count + 1 } == 2)
        }
        try await daemon.stop()
    }

    @Test("a reader that stops reads no more and detaches; the connection goes on")
    func detaches() async throws {
        let daemon = try await ScriptedDaemon.start { request, client in
            switch request.method {
            case AgentAttach.name:
                client.result(AgentAttach.Result(subscription: subscription, offset: 0), to: request)
                for number in 0..<100 { try client.notify(output(UInt64(number), "x")) }
            case AgentInput.name: client.result(AgentInput.Result(accepted: 1), to: request)
            default: break
            }
        }
        try await SupervisorClient.withConnection(path: daemon.path) { client in
            for try await item in try await client.attach(.init(agent: AgentReference(agentID))) {
                #expect(item == .output(output(0, "x").chunk))
                break
            }
            let detach = try #require(try await daemon.request("agent/detach"))
            #expect(detach.id == nil)
            #expect(try AgentDetach.params(from: detach.params).subscription == subscription)
            #expect(
                try await client.call(AgentInput.self, .init(agent: AgentReference(agentID), eof: true)).accepted == 1)
        }
        try await daemon.stop()
    }

    @Test("a reader that is behind stops the daemon's sending, and gets everything in the end")
    func backPressure() async throws {
        let count = 2000
        let sent = Counter()
        let daemon = try await ScriptedDaemon.start { request, client in
            guard request.method == AgentAttach.name else { return }
            client.result(AgentAttach.Result(subscription: subscription, offset: 0), to: request)
            let text = String(repeating: "x", count: ProtocolLimits.maximumChunk)
            Task {
                for number in 0..<count {
                    try await client.notifyAndWait(output(UInt64(number * text.utf8.count), text))
                    sent.value.withLock { $0 += 1 }
                }
                try client.notify(SubscriptionEnded(subscription: subscription, reason: .eof))
            }
        }
        try await SupervisorClient.withConnection(path: daemon.path) { client in
            let items = try await client.attach(.init(agent: AgentReference(agentID)))
            try await Task.sleep(for: .milliseconds(300))
            #expect(sent.value.withLock { $0 } < 200, "64 MB are there to be sent, and nobody reads")
            var next: UInt64 = 0
            for try await case .output(let chunk) in items {
                #expect(chunk.offset == next)
                next = chunk.end
            }
            #expect(next == UInt64(count * ProtocolLimits.maximumChunk))
        }
        try await daemon.stop()
    }

    @Test("a daemon that dies ends subscriptions with an error, after what it sent")
    func daemonDies() async throws {
        let daemon = try await ScriptedDaemon.start { request, client in
            client.result(AgentAttach.Result(subscription: subscription, offset: 0), to: request)
            try client.notify(output(0, "last words"))
            client.close()
        }
        try await SupervisorClient.withConnection(path: daemon.path) { client in
            var seen: [AttachItem] = []
            let error = try await #require(throws: ClientError.self) {
                for try await item in try await client.attach(.init(agent: AgentReference(agentID))) {
                    seen.append(item)
                }
            }
            #expect(error.kind == .connectionLost)
            #expect(seen == [.output(output(0, "last words").chunk)])
        }
        try await daemon.stop()
    }
}
