// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc

/// Reads what is typed, on a thread of its own: detaching works whatever the rest of the program waits for.
final class Keyboard: Sendable {
    /// How much may wait for whoever takes it, in reads of at most 4096 bytes. What comes then is lost: an agent can make
    /// a terminal answer without end, and reading has to go on, or nobody could detach.
    static let mostWaiting = 1024

    /// What is typed. Ends when the terminal is gone.
    let input: AsyncStream<[UInt8]>
    private let continuation: AsyncStream<[UInt8]>.Continuation
    private let keys: DetachKeys
    private let onDetach: (@Sendable () -> Void)?

    /// `onDetach` is called on the keyboard's thread; without it, what detaches is typed as anything else.
    init(detachingBy keys: DetachKeys = .usual, onDetach: (@Sendable () -> Void)?) {
        self.keys = keys
        (input, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.mostWaiting))
        self.onDetach = onDetach
    }

    func start() {
        var thread = pthread_t()
        pthread_create(&thread, nil, readKeyboard, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }

    fileprivate func readToEnd() {
        var recogniser = DetachRecogniser(keys)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let clock = ContinuousClock()
        while true {
            var terminal = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            let timeout = recogniser.deadline.map { Self.milliseconds(until: $0, from: clock.now) } ?? -1
            let ready = poll(&terminal, 1, timeout)
            if ready < 0, errno != EINTR { break }
            guard ready > 0 else {
                forward(recogniser.expire(at: clock.now))
                continue
            }
            guard let count = RawTerminal.read(into: &buffer) else { continue }
            guard count > 0 else { break }
            guard let onDetach else {
                forward(Array(buffer[..<count]))
                continue
            }
            let outcome = recogniser.type(buffer[..<count], at: clock.now)
            forward(outcome.forward)
            if outcome.detaches { onDetach() }
        }
        continuation.finish()
    }

    func forward(_ bytes: [UInt8]) {
        if !bytes.isEmpty { continuation.yield(bytes) }
    }

    /// Rounded up, so that the deadline has passed when the time is over.
    private static func milliseconds(until deadline: ContinuousClock.Instant, from now: ContinuousClock.Instant)
        -> Int32
    {
        let (seconds, attoseconds) = now.duration(to: deadline).components
        return Int32(clamping: max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1))
    }
}

/// At file scope, so that no actor is assumed of the thread that runs it.
private func readKeyboard(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { Unmanaged<Keyboard>.fromOpaque(context).takeRetainedValue().readToEnd() }
    return nil
}
