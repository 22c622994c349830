// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import GRDB
import JailPlan
import Linux
import Logging
import ShimProtocol

/// Opens the database, and makes it again where it is damaged: what an agent is stands in its directory as well
/// (`StartRecord`), how it ended does too, and its shim knows whether it runs. Only the events that were stored are
/// lost, with the damaged file kept aside.
struct StateRecovery {
    let settings: Settings
    let logger: Logger

    func open() throws -> Store {
        do {
            return try reconciled(Store(path: settings.database))
        } catch let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
            let aside = try setAside()
            logger.critical("the database is damaged (\(error)); it is kept as \(aside), and made again")
            return try reconciled(Store(path: settings.database))
        }
    }

    private func setAside() throws -> String {
        let aside = "\(settings.database).damaged-\(Timestamp.now().text)"
        for suffix in ["", "-wal", "-shm"] where access(settings.database + suffix, F_OK) == 0 {
            try check("rename", settings.database + suffix) { rename(settings.database + suffix, aside + suffix) }
        }
        return aside
    }

    /// Holds the agents' directories against what the database says.
    private func reconciled(_ store: Store) throws -> Store {
        do {
            let known = Set(try store.agents().map(\.id))
            let isNew = try store.newestEvent() == 0
            let names = try Files.names(in: settings.agentsDirectory, at: AT_FDCWD)
            clearAside(names.filter { $0.hasSuffix(AgentDirectory.endingWhenSetAside) }, known)
            let found = names.compactMap { try? AgentID($0) }.filter { !known.contains($0) }.sorted()
            guard !found.isEmpty else { return store }
            var rebuilt = 0
            for id in found where try rebuild(id, store, isNew: isNew) { rebuilt += 1 }
            if rebuilt > 0 {
                // Above every number that was given out before, of which there was never one a millisecond.
                try store.continueEvents(after: UInt64(max(0, Timestamp.now().nanoseconds / 1_000_000)))
                let event = NewEvent(
                    time: .now(), type: .supervisorRebuilt, agent: nil, owner: nil, peer: nil,
                    data: ["agents": .integer(Int64(rebuilt))])
                _ = try store.commit([StoredChange(events: [event])])
                logger.warning("\(rebuilt) agents are known by their directories alone, and are kept on")
            }
            return store
        } catch {
            try? store.close()
            throw error
        }
    }

    /// Removes what is left of agents that nothing is known of any more. Those that are known come later.
    private func clearAside(_ names: [String], _ known: Set<AgentID>) {
        for name in names {
            guard let id = try? AgentID(String(name.dropLast(AgentDirectory.endingWhenSetAside.count))),
                !known.contains(id)
            else { continue }
            do {
                try AgentDirectory(path: "\(settings.agentsDirectory)/\(id)").removeAside()
            } catch {
                logger.error("what is left of a removed agent stays: \(error)")
            }
        }
    }

    /// False for a directory that is no agent's (any more).
    private func rebuild(_ id: AgentID, _ store: Store, isNew: Bool) throws -> Bool {
        let directory = AgentDirectory(path: "\(settings.agentsDirectory)/\(id)")
        let hasShim = try directory.hasShim(creatingLock: false)
        let exit = try? directory.exitRecord()
        guard isNew || hasShim || exit != nil else {
            // A start that the daemon's end came in the middle of: nobody has been told of this agent.
            try directory.remove()
            return false
        }
        guard let start = try? directory.start(), start.id == id else {
            logger.error("\(directory.path) belongs to no agent that is known, and is left alone")
            return false
        }
        var record: AgentRecord
        if hasShim {
            record = start.record(.running)
        } else if let exit {
            record = start.record(exit)
        } else if directory.hasBeenLaunched {
            record = start.record(.exited)
            record.exit = AgentExit(code: nil, signal: nil, reason: .lost)
            record.endedAt = .now()
        } else {
            // It may have been stopped while it waited: whether it was is lost.
            record = start.record(.failed, attempt: 0)
            record.failure = JailFailure(
                stage: "start", action: "the daemon's database was lost before the agent was started",
                hint: "agent/restart starts it")
            record.endedAt = .now()
        }
        do {
            _ = try store.insert(record, key: nil, events: [])
            return true
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            logger.error("\(directory.path) is left alone: another agent is called \(record.name) as well")
            return false
        }
    }
}

extension StartRecord {
    /// The agent as it ended: it stays so, since whether it was to be run again is not known any more.
    fileprivate func record(_ exit: ExitRecord) -> AgentRecord {
        var record: AgentRecord
        if case .failed(let failure) = exit.outcome {
            record = self.record(.failed, attempt: exit.attempt ?? 1)
            record.failure = failure
        } else {
            record = self.record(.exited, attempt: exit.attempt ?? 1)
            record.exit = AgentExit(exit)
        }
        record.endedAt = Timestamp(nanoseconds: exit.endedAt)
        record.outputEnd = exit.outputEnd
        record.usage = exit.usage
        record.refusals = exit.refusals ?? []
        return record
    }
}
