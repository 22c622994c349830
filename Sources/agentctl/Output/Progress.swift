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
        // Cancelled and waited for when this returns.
        async let _ = tell(text)
        return try await body()
    }

    private static func tell(_ text: @Sendable (Elapsed) -> String) async throws {
        let start = ContinuousClock.now
        defer { StatusLine.clear() }
        try await Task.sleep(for: patience)
        while !TerminalQuestion.isOpen {
            StatusLine.show(text(Elapsed(seconds: (ContinuousClock.now - start).components.seconds)))
            try await Task.sleep(for: .milliseconds(500))
        }
        // Whoever was asked once may be asked again, and knows what is going on.
        StatusLine.leave()
    }
}
