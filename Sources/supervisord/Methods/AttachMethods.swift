// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import NIOCore
import ScreenProtocol

/// Watching agents, and what their terminals show.
extension Methods {
    static func attach(
        _ params: AgentAttach.Params, _ call: Call
    ) async throws -> (AgentAttach.Result, any Subscription) {
        let agent = try await call.find(params.agent)
        let supervisor = call.supervisor
        let writes = params.write == true
        let mayChange = call.peer.mayChange(ownedBy: agent.record.owner)
        if writes, !mayChange {
            throw ProtocolError.permissionDenied(
                "you may watch agent \(agent.record.name), and not write to it: leave out write")
        }
        let (start, offset) = try await start(params.since, of: agent, supervisor)
        let id = try call.connection.subscriptions.add()
        let viewer = Viewers.ID(connection: call.connection.id, subscription: id)
        let writing = WritingRight()
        do {
            try await supervisor.enter(
                agent.record.id, viewer,
                .init(
                    peer: call.peer.identity, size: mayChange ? params.size : nil, mayResize: mayChange,
                    writing: writing),
                writes: writes, takesOver: params.takeOver == true)
        } catch {
            call.connection.subscriptions.forget(id)
            throw error
        }
        call.connection.subscriptions.atEnd(of: id) {
            supervisor.eventLoop.execute { supervisor.assumeIsolated { $0.leave(agent.record.id, viewer) } }
        }
        let subscription = OutputSubscription(
            id: id, agent: agent.record.id, encoding: params.encoding ?? .text, start: start,
            directory: agent.directory,
            threads: supervisor.threads, output: agent.output, writing: writing)
        return (AgentAttach.Result(subscription: id, offset: offset), subscription)
    }

    private static func start(
        _ since: AgentAttach.Start?, of agent: AgentSnapshot, _ supervisor: Supervisor
    ) async throws -> (OutputSubscription.Start, offset: UInt64) {
        let end = agent.output.latest.value.end
        switch since {
        case .screen?: return (.screen(try await supervisor.screen(of: agent)), end)
        case .now?: return (.offset(end), end)
        case .offset(let wanted)?:
            guard wanted <= end else {
                throw ProtocolError.invalidParams(path: "since", reason: "lies behind the end of the output, \(end)")
            }
            return (.offset(wanted), wanted)
        case nil:
            let oldest = try await supervisor.blocking { agent.oldest(end: end) }
            return (.offset(oldest), oldest)
        }
    }

    static func detach(_ params: AgentDetach.Params, _ call: Call) async throws -> Nothing {
        try await call.connection.subscriptions.end(params.subscription)
        return Nothing()
    }

    static func viewport(_ params: AgentViewport.Params, _ call: Call) async throws -> Nothing {
        let viewer = Viewers.ID(connection: call.connection.id, subscription: params.subscription)
        try await call.supervisor.setSize(params.size, of: viewer)
        return Nothing()
    }

    /// Has the model come to the output's end.
    static func prepareScreen(_ params: AgentScreen.Params, _ call: Call) async throws {
        try await call.supervisor.screen(of: try await call.find(params.agent)).settle()
    }

    static func screen(
        _ params: AgentScreen.Params, _ call: Call
    ) async throws -> AgentScreen.Result {
        let agent = try await call.find(params.agent)
        let (offset, screen) = try await call.supervisor.screen(of: agent).look()
        let first = min(params.row ?? 0, screen.lines.count)
        var page = AnswerPage()
        let lines = page.take(Array(screen.lines[first...]))
        let next = first + lines.count
        return .init(
            offset: offset, size: .init(columns: screen.size.columns, rows: screen.size.rows), title: screen.title,
            cursor: .init(
                row: screen.cursor.row, column: screen.cursor.column, visible: screen.cursor.visible,
                shape: screen.cursor.shape.rawValue, blinking: screen.cursor.blinking),
            lines: lines, next: next < screen.lines.count ? next : nil,
            modes: .init(
                alternateScreen: screen.modes.alternateScreen,
                applicationCursorKeys: screen.modes.applicationCursorKeys,
                applicationKeypad: screen.modes.applicationKeypad, bracketedPaste: screen.modes.bracketedPaste,
                focusReporting: screen.modes.focusReporting, mouse: screen.modes.mouse.rawValue,
                mouseEncoding: screen.modes.mouseEncoding.rawValue, reverseVideo: screen.modes.reverseVideo,
                keyboardFlags: screen.modes.keyboardFlags))
    }
}
