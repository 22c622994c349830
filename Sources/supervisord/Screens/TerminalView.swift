// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import Logging
import NIOPosix
import OutputLog
import ScreenProtocol
import Synchronization

/// What one agent's terminal shows. The model is there while it is of use, and is made again from the last checkpoint and
/// the output since.
final class TerminalView: Sendable {
    /// What a terminal is given to become what the agent's is.
    struct Snapshot: Sendable {
        /// Of the output that goes on from there.
        let offset: UInt64
        let size: ScreenSize
        let bytes: [UInt8]
    }

    private struct State {
        var model: Model?
        /// Nil until it was looked for.
        var checkpoint: ScreenCheckpoint?
    }

    /// A running `agent-screen`, and how far it has followed.
    private struct Model {
        let process: ScreenProcess
        var offset: UInt64
        var size: ScreenSize
        /// Changes of size that it has not come to.
        var resizes: [ScreenCheckpoint.Resize]
    }

    /// How many lines of what has scrolled off a checkpoint keeps.
    private static let history: UInt16 = 500

    private let program: String
    private let directory: AgentDirectory
    private let initialSize: ScreenSize
    private let threads: NIOThreadPool
    private let logger: Logger
    /// One use at a time, in turn.
    private let turns = Turnstile(places: 1)
    private let state = Mutex(State())
    private let kept = Atomic<UInt64>(0)
    private let idleness = Mutex(Idleness())

    private struct Idleness {
        var lastUse = ContinuousClock.now
        /// Somebody waits for the time to let the model go.
        var isWatched = false
    }

    init(
        program: String, directory: AgentDirectory, initialSize: ScreenSize, threads: NIOThreadPool, logger: Logger
    ) {
        self.program = program
        self.directory = directory
        self.initialSize = initialSize
        self.threads = threads
        self.logger = logger
    }

    /// Up to where the last checkpoint goes, as far as that is known.
    var keptOffset: UInt64 { kept.load(ordering: .relaxed) }

    /// Whether the caller is to call `restWhenIdle`; nobody else will then.
    func needsWatch() -> Bool {
        idleness.withLock { idleness in
            defer { idleness.isWatched = true }
            return !idleness.isWatched
        }
    }

    /// What the terminal shows, and after which byte of output.
    func look() async throws -> (offset: UInt64, ScreenDescription) {
        try await use { model, _ in (model.offset, try model.process.look()) }
    }

    /// - Parameter history: lines of what has scrolled off, at most.
    func snapshot(history: UInt16) async throws -> Snapshot {
        try await use { model, _ in
            Snapshot(offset: model.offset, size: model.size, bytes: try model.process.snapshot(history: history))
        }
    }

    /// The terminal has this size from this byte of output on.
    func resize(to size: ScreenSize, at offset: UInt64) async throws {
        try await inTurn { state in
            var checkpoint = self.checkpoint(&state)
            checkpoint.resize(to: size, at: max(offset, checkpoint.offset))
            state.model?.resizes.append(.init(offset: offset, size: size))
            state.checkpoint = checkpoint
            try checkpoint.write(in: self.directory)
        }
    }

    /// Makes a checkpoint of what the terminal shows now.
    func keep() async throws {
        try await use { model, checkpoint in
            checkpoint = ScreenCheckpoint(
                offset: model.offset, size: model.size, snapshot: try model.process.snapshot(history: Self.history))
            try checkpoint.write(in: self.directory)
            self.kept.store(checkpoint.offset, ordering: .relaxed)
        }
    }

    /// The watch that `needsWatch` asked for has failed.
    func isNotWatched() { idleness.withLock { $0.isWatched = false } }

    /// Returns once nobody has used the model for so long, and it is gone.
    func restWhenIdle(for patience: Duration) async throws {
        while true {
            let lastUse = idleness.withLock { $0.lastUse }
            try await Task.sleep(until: lastUse + patience, clock: .continuous)
            let isIdle = idleness.withLock { $0.lastUse == lastUse }
            guard isIdle else { continue }
            try await keep()
            try await inTurn { state in
                state.model = nil
                self.idleness.withLock { $0.isWatched = false }
            }
            return
        }
    }

    private func inTurn<Value: Sendable>(_ body: @escaping @Sendable (inout State) throws -> Value) async throws -> Value {
        try await turns.pass { try await threads.runIfActive { try self.state.withLock { try body(&$0) } } }
    }

    /// Uses a model that has followed all output so far.
    private func use<Value: Sendable>(
        _ body: @escaping @Sendable (Model, inout ScreenCheckpoint) throws -> Value
    ) async throws -> Value {
        try await inTurn { state in
            self.idleness.withLock { $0.lastUse = .now }
            var checkpoint = self.checkpoint(&state)
            var model = try state.model ?? self.begin(checkpoint)
            state.model = nil
            do {
                try self.follow(&model)
                let value = try body(model, &checkpoint)
                (state.model, state.checkpoint) = (model, checkpoint)
                return value
            } catch {
                // Whatever it is that it could not bear: it would not bear it the next time either.
                self.logger.error("agent-screen failed in \(self.directory.path), and begins with an empty screen: \(error)")
                let end = try OutputLogReader(directory: self.directory.output).range().end
                checkpoint = ScreenCheckpoint(offset: end, size: model.resizes.last?.size ?? model.size)
                try? checkpoint.write(in: self.directory)
                self.kept.store(end, ordering: .relaxed)
                model = try self.begin(checkpoint)
                let value = try body(model, &checkpoint)
                (state.model, state.checkpoint) = (model, checkpoint)
                return value
            }
        }
    }

    private func checkpoint(_ state: inout State) -> ScreenCheckpoint {
        if let known = state.checkpoint { return known }
        let found = ScreenCheckpoint(in: directory) ?? ScreenCheckpoint(offset: 0, size: initialSize)
        kept.store(found.offset, ordering: .relaxed)
        state.checkpoint = found
        return found
    }

    private func begin(_ checkpoint: ScreenCheckpoint) throws -> Model {
        guard access(program, X_OK) == 0 else {
            throw ProtocolError.unsupportedHere(
                feature: "screen", "the program \(program) cannot be executed, which keeps the screens of terminals")
        }
        let process = try ScreenProcess(program, size: checkpoint.size, snapshot: checkpoint.snapshot)
        return Model(
            process: process, offset: checkpoint.offset, size: checkpoint.size, resizes: checkpoint.resizes)
    }

    /// Has a model take all output that there is now.
    private func follow(_ model: inout Model) throws {
        guard access(directory.output, F_OK) == 0 else { return }
        let reader = OutputLogReader(directory: directory.output)
        // No further, or an agent that writes faster than this reads would keep it for ever.
        let end = try reader.range().end
        var cursor = reader.cursor(at: model.offset)
        while true {
            try takeSizes(&model)
            guard model.offset < end else { return }
            let next = min(model.resizes.first?.offset ?? .max, end) - model.offset
            switch try cursor.next(limit: Int(min(next, 64 * 1024))) {
            case .chunk(let chunk)?:
                try model.process.send(output: chunk.bytes)
                model.offset = chunk.end
            case .gap(_, let to)?: model.offset = to
            case nil: return
            }
        }
    }

    private func takeSizes(_ model: inout Model) throws {
        while let resize = model.resizes.first, resize.offset <= model.offset {
            model.resizes.removeFirst()
            try model.process.send(.resize(resize.size))
            model.size = resize.size
        }
    }
}
