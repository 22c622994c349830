// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Linux
import Logging

/// Writes log messages to standard error: for the journal with the priority in front (sd-daemon(3)), else with the time.
struct StandardErrorLog: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    /// Whether the journal reads along: it adds the time itself.
    let isJournal: Bool

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let text = (["\(event.message)"] + facts.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
        let head = isJournal ? "<\(event.level.priority)>" : "\(Timestamp.now()) \(event.level) "
        // Every line of a message needs its own priority.
        let lines = text.split(separator: "\n").map { "\(head)\($0)\n" }.joined()
        try? Files.write(Array(lines.utf8), to: 2)
    }

    /// systemd names the device and inode of the standard error that it connected to the journal (systemd.exec(5)).
    static func journalIsListening(_ environment: [String: String]) -> Bool {
        guard let stream = environment["JOURNAL_STREAM"], let status = try? Files.status(2) else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }
}

extension Logger.Level {
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
