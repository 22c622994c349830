// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import ScreenProtocol
import Testing

@testable import supervisord

@Suite(.timeLimit(.minutes(5))) struct ScreenThreadsTests {
    @Test("one user's models that hang keep no other user waiting, and the end waits for none of them")
    func hanging() async throws {
        try await withTemporaryDirectory { directory in
            let program = "\(directory)/agent-screen"
            let home = try Files.open(directory, O_RDONLY | O_DIRECTORY)
            try Files.replace("agent-screen", with: Array("#!/bin/sh\nexec sleep 1000\n".utf8), at: home.number)
            try check("make it executable", program) { chmod(program, 0o700) }
            let threads = ScreenThreads()
            let (begun, begin) = AsyncStream<Void>.makeStream()
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        await #expect(throws: CancellationError.self) {
                            try await threads.run(for: 1) {
                                let model = try threads.begin(program, size: ScreenSize(columns: 80, rows: 24)!)
                                begin.yield()
                                _ = try model.look()
                            }
                        }
                    }
                }
                for await _ in begun.prefix(2) {}
                #expect(try await threads.run(for: 2) { true })
                threads.end()
                try await group.waitForAll()
            }
            await #expect(throws: CancellationError.self) { try await threads.run(for: 2) { true } }
            await threads.join()
        }
    }
}
