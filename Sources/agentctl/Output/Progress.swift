// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Tells a person at a terminal what is being waited for, from the first second on, and leaves nothing behind.
enum Progress {
    /// What is over sooner is not worth a word.
    static let patience = Duration.seconds(1)

    /// How long it has been; shown as `4s`.
    struct Elapsed: CustomStringConvertible, Sendable {
        let seconds: Int64
        var description: String { RelativeTime.text(seconds: seconds) }
    }

    /// `text` is asked about twice a second.
    static func during<Value: Sendable>(
        _ text: @escaping @Sendable (Elapsed) -> String, _ body: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        guard StatusLine.isPossible else { return try await body() }
        let start = ContinuousClock.now
        let telling = Task {
            try await Task.sleep(for: patience)
            while !Task.isCancelled {
                StatusLine.show(text(Elapsed(seconds: (ContinuousClock.now - start).components.seconds)))
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

    private static func end(_ telling: Task<Void, any Error>) async {
        telling.cancel()
        _ = await telling.result
        StatusLine.clear()
    }
}
