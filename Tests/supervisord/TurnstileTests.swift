// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Synchronization
import Testing

@testable import supervisord

@Suite(.timeLimit(.minutes(5))) struct TurnstileTests {
    @Test("no more are in it than it has places, and all come through")
    func places() async throws {
        let turnstile = Turnstile(places: 3)
        let inside = Box((now: 0, most: 0))
        try await withThrowingTaskGroup { group in
            for _ in 0..<200 {
                group.addTask {
                    try await turnstile.pass {
                        inside.value.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                        await Task.yield()
                        inside.value.withLock { $0.now -= 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(inside.value.withLock { $0.now } == 0)
        #expect((1...3).contains(inside.value.withLock { $0.most }))
    }

    @Test("they come through in the order in which they came")
    func order() async throws {
        let turnstile = Turnstile(places: 1)
        let came = Box([Int]())
        let (opened, open) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup { group in
            group.addTask { try await turnstile.pass { for await _ in opened { break } } }
            while turnstile.occupants == 0 { await Task.yield() }
            for number in 0..<20 {
                group.addTask { try await turnstile.pass { came.value.withLock { $0.append(number) } } }
                while turnstile.occupants < number + 2 { await Task.yield() }
            }
            open.yield()
            try await group.waitForAll()
        }
        #expect(came.value.withLock { $0 } == Array(0..<20))
    }

    @Test("one that is cancelled while it waits gives up its place in the line and takes none")
    func cancelled() async throws {
        let turnstile = Turnstile(places: 1)
        let (opened, open) = AsyncStream<Void>.makeStream()
        let holder = Task { try await turnstile.pass { for await _ in opened { break } } }
        while turnstile.occupants == 0 { await Task.yield() }
        let waiting = Task { try await turnstile.pass { true } }
        while turnstile.occupants < 2 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        open.yield()
        try await holder.value
        #expect(try await turnstile.pass { true })
        #expect(turnstile.occupants == 0)
    }
}

/// What tasks share.
private final class Box<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: sending Value) { self.value = Mutex(value) }
}
