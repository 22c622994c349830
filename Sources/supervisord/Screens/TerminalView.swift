// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import Logging
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
        var model: ScreenModel?
        /// One that the disk does not have, or not yet. None else is kept in memory.
        var unwritten: ScreenCheckpoint?
    }

    /// How many lines of what has scrolled off a checkpoint keeps.
    private static let history: UInt16 = 500

    let owner: UInt32
    private let program: String
    private let directory: AgentDirectory
    private let initialSize: ScreenSize
    private let threads: ScreenThreads
    private let logger: Logger
    /// One use at a time, in turn. Only whoever has it looks at `state`.
    private let turns = Turnstile(places: 1)
    private let state = Mutex(State())
    private let kept = Atomic<UInt64>(0)
    /// That have been noted and not yet taken.
    private let sizes = Mutex<[ScreenCheckpoint.Resize]>([])
    private let idleness = Mutex(Idleness())

    private struct Idleness {
        var lastUse = ContinuousClock.now
        /// Somebody waits for the time to let the model go.
        var isWatched = false
    }

    init(
        program: String, directory: AgentDirectory, owner: UInt32, initialSize: ScreenSize, threads: ScreenThreads,
        logger: Logger
    ) {
        self.program = program
        self.directory = directory
        self.owner = owner
        self.initialSize = initialSize
        self.threads = threads
        self.logger = logger
    }

    /// Up to where the last checkpoint goes, as far as that is known.
    var keptOffset: UInt64 { kept.load(ordering: .relaxed) }

    /// Has the model follow all output so far, which can take long. `look` and `snapshot` go on from there.
    func settle() async throws {
        try await use {
            // Where there is nothing new there is nothing to wait for.
            let isSettled = try await onThread { state in
                try self.takeSizes(&state)
                guard let model = state.model, model.hasFollowed, model.resizes.isEmpty else { return false }
                return model.offset >= (try self.end())
            }
            if isSettled { return }
            // What it answers is not wanted, but that it does: then it has read all that it was sent, however much work
            // that was, and who waits for `look` or `snapshot` does not wait for that.
            _ = try await ask(following: true) { try $0.snapshot(history: 0) }
        }
    }

    /// What the terminal shows, and after which byte of output: at least what there was when `settle` was called.
    func look() async throws -> (offset: UInt64, ScreenDescription) {
        let (model, description) = try await use { try await ask(following: false) { try $0.look() } }
        return (model.offset, description)
    }

    /// - Parameter history: lines of what has scrolled off, at most.
    func snapshot(history: UInt16) async throws -> Snapshot {
        let (model, bytes) = try await use { try await ask(following: false) { try $0.snapshot(history: history) } }
        return Snapshot(offset: model.offset, size: model.size, bytes: bytes)
    }

    /// The terminal has this size from this byte of output on; `keepSizes` writes it down. Sizes count in the order of
    /// these calls, which is why this one does not wait.
    func note(_ size: ScreenSize, at offset: UInt64) {
        sizes.withLock { $0.append(.init(offset: offset, size: size)) }
    }

    func keepSizes() async throws {
        try await turns.pass {
            try await onThread { state in
                try self.takeSizes(&state)
                // Another call, or a checkpoint, may have written them all.
                if let checkpoint = state.unwritten { try self.keep(checkpoint, &state) }
            }
        }
    }

    /// Makes a checkpoint of what the terminal shows now.
    func keep() async throws { try await use { try await makeCheckpoint() } }

    /// Fails with `unsupported_here` where nothing can be known of any screen.
    func requireProgram() throws(ProtocolError) {
        guard access(program, X_OK) == 0 else {
            throw .unsupportedHere(
                feature: "screen",
                "the program \(program), which keeps what terminals show, cannot be executed: \(Errno.words(errno)) "
                    + "(\(Errno.name(errno))); install it beside supervisord, or attach without a screen (since: now)")
        }
    }

    // MARK: - Letting the model go

    /// For who is about to use the screen. Whether the caller is to call `restWhenIdle`; nobody else will then.
    func needsWatch() -> Bool {
        idleness.withLock { idleness in
            defer { idleness = Idleness(lastUse: .now, isWatched: true) }
            return !idleness.isWatched
        }
    }

    /// Returns once nobody has used the model for so long, and it is gone.
    func restWhenIdle(for patience: Duration) async throws {
        while true {
            let lastUse = idleness.withLock { $0.lastUse }
            try await Task.sleep(until: lastUse + patience, clock: .continuous)
            let (isGone, failure) = try await turns.pass { () -> (Bool, (any Error)?) in
                guard idleness.withLock({ $0.lastUse == lastUse }) else { return (false, nil) }
                // It goes also where it cannot be kept, as when its agent was removed.
                var failure: (any Error)?
                do {
                    if state.withLock({ $0.model != nil }) { try await makeCheckpoint() }
                } catch let error as CancellationError {
                    throw error
                } catch {
                    failure = error
                }
                return (letGo(unusedSince: lastUse), failure)
            }
            guard isGone else { continue }
            if let failure { throw failure }
            return
        }
    }

    /// False if somebody wants to use it meanwhile.
    private func letGo(unusedSince lastUse: ContinuousClock.Instant) -> Bool {
        idleness.withLock { idleness in
            guard idleness.lastUse == lastUse else { return false }
            idleness.isWatched = false
            state.withLock { $0.model = nil }
            return true
        }
    }

    private func use<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await turns.pass {
            defer { idleness.withLock { $0.lastUse = .now } }
            return try await body()
        }
    }

    // MARK: - Asking the model, by whoever has the turn

    private func onThread<Value: Sendable>(
        _ body: @escaping @Sendable (inout State) throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        return try await threads.run(for: owner) { try self.state.withLock { try body(&$0) } }
    }

    /// The model is gone unless `body` comes through.
    private func withModel<Value: Sendable>(
        _ body: @escaping @Sendable (inout ScreenModel) throws -> Value
    ) async throws -> Value {
        try await onThread { state in
            guard var model = state.model else { throw ScreenFailure("there is none") }
            state.model = nil
            let value = try body(&model)
            state.model = model
            return value
        }
    }

    /// Asks a model that has followed all output so far. One that fails is made again, from the checkpoint; where that
    /// fails as well, the screen begins anew.
    ///
    /// - Parameter following: whether one that has followed before follows what has come since.
    private func ask<Answer: Sendable>(
        following: Bool, _ question: @escaping @Sendable (ScreenProcess) throws -> Answer
    ) async throws -> (ScreenModel, Answer) {
        try requireProgram()
        let isThere = try await onThread { state in
            try self.takeSizes(&state)
            return state.model != nil
        }
        var problem: (any Error)?
        if isThere {
            do {
                return try await put(question, following: following)
            } catch let error as CancellationError {
                throw error
            } catch {
                logger.warning("agent-screen failed in \(directory.path): \(error)")
                problem = error
            }
        }
        // One that was given all the time there is would take it again.
        if problem.map(Self.isLate) != true {
            try await onThread { state in try self.begin(try self.checkpoint(state), &state) }
            do {
                return try await put(question, following: true)
            } catch let error as CancellationError {
                throw error
            } catch {
                problem = error
            }
        }
        let empty = try await onThread { state in
            let last = try self.checkpoint(state)
            let empty = ScreenCheckpoint(offset: try self.end(), size: last.resizes.last?.size ?? last.size)
            try self.begin(empty, &state)
            return empty
        }
        do {
            let answer = try await put(question, following: true)
            // Only now, or where no model lives nothing would be left of any screen.
            logger.error(
                "agent-screen cannot follow what was written in \(directory.path), and begins with an empty screen",
                metadata: problem.map { ["error": "\($0)"] })
            // Else the next one tries the old one again.
            try? await onThread { try self.keep(empty, &$0) }
            return answer
        } catch {
            state.withLock { $0.model = nil }
            throw error
        }
    }

    private func put<Answer: Sendable>(
        _ question: @escaping @Sendable (ScreenProcess) throws -> Answer, following: Bool
    ) async throws -> (ScreenModel, Answer) {
        let hasFollowed = state.withLock { $0.model?.hasFollowed == true }
        if following || !hasFollowed {
            // No further, or an agent that writes faster than this reads would keep it for ever.
            let end = try await onThread { _ in try self.end() }
            while try await !withModel({ try $0.follow(self.directory, to: end) }) {}
        }
        return try await withModel { ($0, try question($0.process)) }
    }

    /// Whether a model was given all the time that there is for it.
    private static func isLate(_ error: any Error) -> Bool {
        if let error = error as? SystemError { return error.errno == EAGAIN }
        return (error as? ScreenFailure)?.isLate == true
    }

    private func makeCheckpoint() async throws {
        let (model, bytes) = try await ask(following: true) { try $0.snapshot(history: Self.history) }
        let checkpoint = ScreenCheckpoint(
            offset: model.offset, size: model.size, snapshot: bytes, resizes: model.resizes)
        try await onThread { try self.keep(checkpoint, &$0) }
    }

    // MARK: - What blocks

    private func keep(_ checkpoint: ScreenCheckpoint, _ state: inout State) throws {
        state.unwritten = checkpoint
        // Also where it cannot be written: the next is due after as much output again.
        kept.store(checkpoint.offset, ordering: .relaxed)
        try checkpoint.write(in: directory)
        state.unwritten = nil
    }

    private func checkpoint(_ state: State) throws -> ScreenCheckpoint {
        var last =
            try state.unwritten ?? ScreenCheckpoint(in: directory) ?? ScreenCheckpoint(offset: 0, size: initialSize)
        // The output's end may have been lost, with the host's power: what comes next is new in any case.
        if let end = try? end() { last.offset = min(last.offset, end) }
        kept.store(last.offset, ordering: .relaxed)
        return last
    }

    /// Takes the sizes that were noted.
    private func takeSizes(_ state: inout State) throws {
        guard sizes.withLock({ !$0.isEmpty }) else { return }
        var checkpoint = try checkpoint(state)
        let new = sizes.withLock { sizes in
            defer { sizes = [] }
            return sizes
        }
        // What a full disk has kept out of the log is not there to be waited for.
        let end = (try? end()) ?? .max
        for noted in new {
            let resize = ScreenCheckpoint.Resize(
                offset: max(min(noted.offset, end), checkpoint.offset), size: noted.size)
            checkpoint.resize(to: resize.size, at: resize.offset)
            // One that has drawn at the old size what was written for the new one has to be made again.
            if let model = state.model, model.offset > resize.offset { state.model = nil }
            state.model?.resizes.append(resize)
        }
        state.unwritten = checkpoint
    }

    private func begin(_ checkpoint: ScreenCheckpoint, _ state: inout State) throws {
        state.model = ScreenModel(try threads.begin(program, size: checkpoint.size), checkpoint)
    }

    /// Of the output that is stored.
    private func end() throws -> UInt64 {
        guard access(directory.output, F_OK) == 0 else { return 0 }
        return try OutputLogReader(directory: directory.output).range().end
    }
}
