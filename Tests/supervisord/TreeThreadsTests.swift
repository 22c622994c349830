// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc
import Testing

@testable import supervisord

@Suite(.timeLimit(.minutes(5))) struct TreeThreadsTests {
    @Test("one owner's removals, however long they take, keep no other's waiting")
    func owners() async throws {
        let threads = TreeThreads()
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        defer { close(reading) }
        let (begun, begin) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    try await threads.remove(for: 1) {
                        begin.yield()
                        var byte: UInt8 = 0
                        _ = read(reading, &byte, 1)
                    }
                }
            }
            for await _ in begun.prefix(1) {}
            try await threads.remove(for: 2) {}
            #expect(try await threads.change { true })
            close(writing)
            try await group.waitForAll()
        }
        await threads.end()
        #expect(threads.hasEnded)
    }
}
