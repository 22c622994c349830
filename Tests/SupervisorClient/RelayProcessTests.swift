// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc
import Testing

@testable import SupervisorClient

@Suite("Processes that carry a connection", .timeLimit(.minutes(20)))
struct RelayProcessTests {
    @Test("however many are started at once, an interrupt means afterwards what it meant before")
    func interrupts() async throws {
        let before = handler(of: SIGINT)
        try await withThrowingTaskGroup { group in
            for _ in 0..<64 {
                group.addTask {
                    let process = try RelayProcess.start(["true"])
                    close(process.socket)
                    #expect(process.exitCode() == 0)
                }
            }
            try await group.waitForAll()
        }
        #expect(handler(of: SIGINT) == before)
    }

    private func handler(of number: Int32) -> Int {
        var action = sigaction()
        sigaction(number, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    }
}
