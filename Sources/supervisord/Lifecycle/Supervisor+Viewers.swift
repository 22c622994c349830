// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import ShimProtocol

/// Viewers, the one who writes, and the terminal's size.
extension Supervisor {
    /// Returns once the agent's terminal has the size that this viewer makes it have. Fails with `invalid_state` for one
    /// who wants to write where another does, unless it takes over.
    func enter(
        _ id: AgentID, _ viewer: Viewers.ID, _ entering: Viewers.Viewer, writes: Bool, takesOver: Bool
    ) async throws {
        guard agents[id] != nil else { throw ProtocolError.agentNotFound(AgentReference(id)) }
        if writes { try await takeWriting(of: id, from: viewer.connection, for: entering.peer, takesOver: takesOver) }
        agents[id]?.viewers.enter(viewer, entering, writes: writes)
        guard let size = newSize(of: id) else { return }
        // An agent that ends meanwhile needs none.
        try? await resize(id, to: size)
    }

    func leave(_ id: AgentID, _ viewer: Viewers.ID) {
        agents[id]?.viewers.leave(viewer)
        fitTerminal(of: id)
    }

    /// Fails with `invalid_params` when it names no viewer.
    func setSize(_ size: TerminalSize, of viewer: Viewers.ID) throws(ProtocolError) {
        guard let id = agents.first(where: { $0.value.viewers.all[viewer] != nil })?.key else {
            throw .invalidParams(path: "subscription", reason: "names no agent/attach of this connection")
        }
        agents[id]?.viewers.setSize(size, of: viewer)
        fitTerminal(of: id)
    }

    /// Makes sure that a client may write: nobody else does, or it takes over from whoever does. Waits for nothing unless
    /// it fails.
    func takeWriting(
        of id: AgentID, from connection: ObjectIdentifier, for peer: PeerIdentity, takesOver: Bool
    ) async throws {
        guard let entry = agents[id], let writer = entry.viewers.writer(besides: connection) else { return }
        guard takesOver else {
            let held = try await blocking { AgentWriter.Writer(writer.peer) }
            var error = ProtocolError.invalidState(
                entry.record.state,
                "\(held.user) writes to agent \(entry.record.name) (process \(held.pid)), and one does at a time; take over "
                    + "with takeOver, or watch")
            error.data["writer"] = [
                "uid": .integer(Int64(held.uid)), "user": .string(held.user), "pid": .integer(Int64(held.pid)),
            ]
            throw error
        }
        writer.writing.take(by: peer)
        agents[id]?.viewers.disarm()
        // Wakes its subscription.
        entry.output.change { _ in }
    }

    /// Gives the agent's terminal the size that its viewers' terminals ask for.
    func fitTerminal(of id: AgentID) {
        begin { await self.fit(id) }
    }

    /// Which size that is is looked at when it is asked for: jobs do not run in the order in which they were begun.
    private func fit(_ id: AgentID) async {
        guard let size = newSize(of: id) else { return }
        try? await resize(id, to: size)
    }

    /// The size that the agent's terminal is to be given now, if any. It counts as given.
    private func newSize(of id: AgentID) -> TerminalSize? {
        guard let entry = agents[id], entry.record.terminal != nil, [.running, .paused].contains(entry.record.state),
            let size = entry.viewers.size(under: entry.record.sizePolicy), size != entry.terminalSize
        else { return nil }
        agents[id]?.terminalSize = size
        return size
    }

    /// Fails with `invalid_state` when the agent does not run.
    func resize(_ id: AgentID, to size: TerminalSize) async throws {
        // Now, and not after the answer: by then another may have been asked for.
        agents[id]?.terminalSize = size
        agents[id]?.resizes += 1
        let number = agents[id]?.resizes
        let report = try await ask(id, .resize(columns: size.columns, rows: size.rows))
        if let refusal = report.refusal {
            throw ProtocolError.invalidState(agents[id]?.record.state ?? .exited, refusal)
        }
        // Answers can be heard of in another order.
        guard let number, let noted = agents[id]?.notedResize, number > noted else { return }
        agents[id]?.notedResize = number
        noteSize(size, of: id, at: report.status.outputEnd)
    }
}

extension AgentWriter.Writer {
    /// Looks the user up, which may block.
    init(_ peer: PeerIdentity) {
        self.init(uid: peer.uid, user: Users.name(of: peer.uid), pid: peer.pid)
    }
}
