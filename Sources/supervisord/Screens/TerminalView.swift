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
    /// That have been noted and not yet taken.
    private let sizes = Mutex<[ScreenCheckpoint.Resize]>([])
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

    /// Has the model follow all output so far, which can take long. `look` and `snapshot` go on from there.
    func settle() async throws {
        try await inTurn { state in
            _ = self.takeSizes(&state)
            // Where there is nothing new there is nothing to wait for.
            if let model = state.model, model.resizes.isEmpty, model.offset >= (try self.end()) { return }
            _ = try self.ask(&state) { try $0.snapshot(history: 0) }
        }
    }

    /// What the terminal shows, and after which byte of output: at least what there was when `settle` was called.
    func look() async throws -> (offset: UInt64, ScreenDescription) {
        try await inTurn { state in
            let (model, description) = try self.ask(&state, following: state.model == nil) { try $0.look() }
            return (model.offset, description)
        }
    }

    /// - Parameter history: lines of what has scrolled off, at most.
    func snapshot(history: UInt16) async throws -> Snapshot {
        try await inTurn { state in
            let (model, bytes) = try self.ask(&state, following: state.model == nil) {
                try $0.snapshot(history: history)
            }
            return Snapshot(offset: model.offset, size: model.size, bytes: bytes)
        }
    }

    /// The terminal has this size from this byte of output on; `keepSizes` writes it down. Sizes count in the order of
    /// these calls, which is why this one does not wait.
    func note(_ size: ScreenSize, at offset: UInt64) {
        sizes.withLock { $0.append(.init(offset: offset, size: size)) }
    }

    func keepSizes() async throws {
        try await inTurn { state in
            // Another call, or a checkpoint, may have had them all.
            guard self.takeSizes(&state) else { return }
            try self.checkpoint(&state).write(in: self.directory)
        }
    }

    /// Makes a checkpoint of what the terminal shows now.
    func keep() async throws {
        try await inTurn { state in
            let (model, bytes) = try self.ask(&state) { try $0.snapshot(history: Self.history) }
            let checkpoint = ScreenCheckpoint(offset: model.offset, size: model.size, snapshot: bytes)
            state.checkpoint = checkpoint
            // Also where it cannot be written: the next is due after as much output again.
            self.kept.store(checkpoint.offset, ordering: .relaxed)
            try checkpoint.write(in: self.directory)
        }
    }

    /// Fails with `unsupported_here` where nothing can be known of any screen.
    func requireProgram() throws(ProtocolError) {
        guard access(program, X_OK) == 0 else {
            throw .unsupportedHere(
                feature: "screen",
                "the program \(program), which keeps what terminals show, cannot be executed: \(Errno.words(errno)) "
                    + "(\(Errno.name(errno))); install it beside supervisord, or attach without a screen (since: now)")
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
            // It goes also where it cannot be kept, as when its agent was removed.
            var failure: (any Error)?
            do {
                try await keep()
            } catch {
                failure = error
            }
            try await inTurn { state in
                state.model = nil
                self.idleness.withLock { $0.isWatched = false }
            }
            if let failure { throw failure }
            return
        }
    }

    private func inTurn<Value: Sendable>(_ body: @escaping @Sendable (inout State) throws -> Value) async throws
        -> Value
    {
        try await turns.pass { try await threads.runIfActive { try self.state.withLock { try body(&$0) } } }
    }

    /// Asks a model that has followed all output so far. One that fails is made again, from the checkpoint; where that
    /// fails as well, the screen begins anew.
    private func ask<Answer>(
        _ state: inout State, following: Bool = true, _ question: (ScreenProcess) throws -> Answer
    ) throws -> (Model, Answer) {
        idleness.withLock { $0.lastUse = .now }
        try requireProgram()
        _ = takeSizes(&state)
        let checkpoint = self.checkpoint(&state)
        // Gone unless it comes through.
        let known = state.model
        state.model = nil
        var problem: (any Error)?
        if let known {
            do {
                return try ask(known, &state, following: following, question)
            } catch {
                logger.warning("agent-screen failed in \(directory.path): \(error)")
                problem = error
            }
        }
        // One that was given all the time there is would take it again.
        if problem.map(Self.isLate) != true {
            let model = try begin(checkpoint)
            do {
                try model.process.send(output: checkpoint.snapshot)
                return try ask(model, &state, question)
            } catch {
                problem = error
            }
        }
        let end = try end()
        let empty = ScreenCheckpoint(offset: end, size: checkpoint.resizes.last?.size ?? checkpoint.size)
        let answer = try ask(begin(empty), &state, question)
        // Only now, or where no model lives nothing would be left of any screen.
        logger.error(
            "agent-screen cannot follow what was written in \(directory.path), and begins with an empty screen",
            metadata: problem.map { ["error": "\($0)"] })
        state.checkpoint = empty
        kept.store(end, ordering: .relaxed)
        // Else the next daemon tries the old one again.
        try? empty.write(in: directory)
        return answer
    }

    private func ask<Answer>(
        _ model: Model, _ state: inout State, following: Bool = true, _ question: (ScreenProcess) throws -> Answer
    ) throws -> (Model, Answer) {
        var model = model
        if following { try follow(&model) }
        let answer = try question(model.process)
        state.model = model
        return (model, answer)
    }

    /// Whether a model was given all the time that there is for it.
    private static func isLate(_ error: any Error) -> Bool {
        if let error = error as? SystemError { return error.errno == EAGAIN }
        return (error as? ScreenFailure)?.isLate == true
    }

    private func checkpoint(_ state: inout State) -> ScreenCheckpoint {
        if let known = state.checkpoint { return known }
        var found = ScreenCheckpoint(in: directory) ?? ScreenCheckpoint(offset: 0, size: initialSize)
        // The output's end may have been lost, with the host's power: what comes next is new in any case.
        if let end = try? end() { found.offset = min(found.offset, end) }
        kept.store(found.offset, ordering: .relaxed)
        state.checkpoint = found
        return found
    }

    /// Takes the sizes that were noted. Returns whether there were any.
    private func takeSizes(_ state: inout State) -> Bool {
        let new = sizes.withLock { sizes in
            defer { sizes = [] }
            return sizes
        }
        guard !new.isEmpty else { return false }
        var checkpoint = self.checkpoint(&state)
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
        state.checkpoint = checkpoint
        return true
    }

    private func begin(_ checkpoint: ScreenCheckpoint) throws -> Model {
        Model(
            process: try ScreenProcess(program, size: checkpoint.size), offset: checkpoint.offset,
            size: checkpoint.size, resizes: checkpoint.resizes)
    }

    /// Of the output that is stored.
    private func end() throws -> UInt64 {
        guard access(directory.output, F_OK) == 0 else { return 0 }
        return try OutputLogReader(directory: directory.output).range().end
    }

    /// Has a model take all output that there is now.
    private func follow(_ model: inout Model) throws {
        // No further, or an agent that writes faster than this reads would keep it for ever.
        let end = try end()
        var cursor = OutputLogReader(directory: directory.output).cursor(at: model.offset)
        while true {
            try resize(&model)
            guard model.offset < end else { return }
            let next = min(model.resizes.first?.offset ?? .max, end) - model.offset
            switch try cursor.next(limit: Int(min(next, 64 * 1024))) {
            case .chunk(let chunk)?:
                try model.process.send(output: chunk.bytes)
                model.offset = chunk.end
            case .gap(_, let to)?:
                // Whatever it was in the middle of does not go on after it (CAN).
                try model.process.send(output: [0x18])
                model.offset = to
            case nil: return
            }
        }
    }

    private func resize(_ model: inout Model) throws {
        while let resize = model.resizes.first, resize.offset <= model.offset {
            model.resizes.removeFirst()
            try model.process.send(.resize(resize.size))
            model.size = resize.size
        }
    }
}
