// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Logging
import ScreenProtocol
import Synchronization

/// The screens of all agents that anybody has asked for, or that have written much.
final class Screens: Sendable {
    private struct Entry {
        let screen: TerminalView
        /// A checkpoint is being made, or is not to be made before.
        var isKeeping = false
        var notBefore = ContinuousClock.now
    }

    /// A checkpoint is made whenever so much has been written since the last one: less than the smallest ring, so that
    /// nothing of what comes between can be lost.
    private static let stride: UInt64 = 512 * 1024
    /// Of the time of one processor, screens that nobody looks at take at most one part in so many for each agent.
    private static let share = 5.0
    /// Or the log would be full of it.
    private static let pauseAfterFailure = Duration.seconds(60)

    private let program: String
    private let threads: ScreenThreads
    private let logger: Logger
    private let entries = Mutex<[AgentID: Entry]>([:])

    /// - Parameter program: the path of `agent-screen`.
    init(program: String, threads: ScreenThreads, logger: Logger) {
        self.program = program
        self.threads = threads
        self.logger = logger
    }

    /// Nil for an agent without a terminal.
    func screen(of agent: AgentRecord, in directory: AgentDirectory) -> TerminalView? {
        guard let size = agent.terminal else { return nil }
        return entries.withLock { entries in
            if let entry = entries[agent.id] { return entry.screen }
            let screen = TerminalView(
                program: program, directory: directory, owner: agent.owner, initialSize: ScreenSize(clamping: size),
                threads: threads, logger: logger)
            entries[agent.id] = Entry(screen: screen)
            return screen
        }
    }

    /// The daemon ends, and all models with it: whoever waits for one fails.
    func end() { threads.end() }

    func forget(_ agent: AgentID) {
        entries.withLock { _ = $0.removeValue(forKey: agent) }
    }

    /// The screen of an agent that a checkpoint is due for, which then has to be made with `keep`.
    func due(_ agent: AgentRecord, in directory: AgentDirectory, end: UInt64) -> TerminalView? {
        guard end > Self.stride, let screen = screen(of: agent, in: directory),
            end - min(end, screen.keptOffset) > Self.stride, (try? screen.requireProgram()) != nil
        else { return nil }
        return entries.withLock { entries in
            guard let entry = entries[agent.id], !entry.isKeeping, entry.notBefore < .now else { return nil }
            entries[agent.id]?.isKeeping = true
            return screen
        }
    }

    func keep(_ screen: TerminalView, of agent: AgentID) async {
        var pause = Duration.zero
        do {
            try await threads.inBackground(for: screen.owner) {
                let began = ContinuousClock.now
                defer { pause = (ContinuousClock.now - began) * Self.share }
                try await screen.keep()
            }
        } catch is CancellationError {
        } catch {
            logger.warning("what the terminal of agent \(agent) shows cannot be kept: \(error)")
            pause = max(pause, Self.pauseAfterFailure)
        }
        entries.withLock {
            $0[agent]?.isKeeping = false
            $0[agent]?.notBefore = .now + pause
        }
    }
}

extension ScreenSize {
    /// The nearest that a screen is kept of.
    init(clamping size: TerminalSize) {
        func clamped(_ count: UInt16) -> UInt16 {
            min(max(count, ScreenSize.limit.lowerBound), ScreenSize.limit.upperBound)
        }
        // Both are within the limit now.
        self = ScreenSize(columns: clamped(size.columns), rows: clamped(size.rows))!
    }
}
