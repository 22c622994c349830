// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Tells a person at a terminal what is being waited for, from the first second on, and leaves nothing behind.
enum Progress {
    /// What is over sooner is not worth a word.
    static let patience = Duration.seconds(1)

    /// `text` is asked about twice a second; it gets how long it has been, as `4s`.
    static func during<Value: Sendable>(
        _ text: @escaping @Sendable (String) -> String, _ body: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        guard StatusLine.isPossible else { return try await body() }
        let start = ContinuousClock.now
        let telling = Task {
            try await Task.sleep(for: patience)
            while !Task.isCancelled {
                StatusLine.show(text(elapsed(since: start)))
                try await Task.sleep(for: .milliseconds(500))
            }
        }
        do {
            let value = try await body()
            await end(telling)
            return value
        } catch {
            await end(telling)
            throw error
        }
    }

    static func elapsed(since start: ContinuousClock.Instant) -> String {
        RelativeTime.text(seconds: (ContinuousClock.now - start).components.seconds)
    }

    private static func end(_ telling: Task<Void, any Error>) async {
        telling.cancel()
        _ = await telling.result
        StatusLine.clear()
    }
}
