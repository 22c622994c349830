// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import WorkspaceChanges

/// What `jail changes` says: lines for people, or one JSON object whose members docs/workspaces.md lists.
struct ChangesOutput {
    let isJSON: Bool
    /// Whether a terminal reads it, which would obey what an agent wrote.
    private let isTerminal = isatty(1) == 1

    /// How much of one change's diff is shown, and of all of them, in bytes.
    static let limitOfOne = 1 << 20
    static let limitOfAll = 16 << 20

    func fail(_ message: String) -> Int32 {
        if isJSON {
            var object = JSONObject()
            object.set("version", 1)
            object.set("failure", message)
            try? write(object.closed + "\n")
        }
        return Command.fail(message)
    }

    // MARK: list

    func write(_ scan: Scan, isInUse: Bool) throws {
        if isJSON {
            try write("{\"version\":1,\"inUse\":\(isInUse),\"changes\":[")
            try writeAll(scan.changes.lazy.map(ChangesOutput.object))
            try write("\n],\"obstacles\":[")
            try writeAll(scan.obstacles.lazy.map { ChangesOutput.note($0.path, "unreadable", $0.message) })
            try write("\n]}\n")
            return
        }
        var lines = Lines(self)
        for change in scan.changes { try lines.add(ChangesOutput.line(change)) }
        for obstacle in scan.obstacles { try lines.add("!  \(obstacle.path.quoted): \(obstacle.message)") }
        try lines.flush()
        if isInUse { Command.say("the agent still runs: this changes while it is read") }
    }

    private static func object(_ change: Change) -> JSONObject {
        var object = JSONObject()
        object.set("path", bytes: change.path.bytes)
        object.set("change", change.status.rawValue)
        for (name, node) in [("old", change.old), ("new", change.new)] {
            guard let node else { continue }
            var side = JSONObject()
            side.set("kind", node.kind.rawValue)
            side.set("mode", node.modeText)
            if node.kind == .file { side.set("size", node.size) }
            if name == "new" { side.set("target", bytes: change.target?.bytes) }
            object.set(name, side)
        }
        object.set("renamedFrom", bytes: change.renamedFrom?.bytes)
        object.set("renamedTo", bytes: change.renamedTo?.bytes)
        return object
    }

    private static func line(_ change: Change) -> String {
        let path = change.path.quoted + (change.kind == .directory ? "/" : "")
        var details: [String] = []
        if let old = change.old, let new = change.new {
            if old.kind != new.kind { details.append("\(old.kind.rawValue) is now a \(new.kind.rawValue)") }
            if old.kind == .file, new.kind == .file, old.size != new.size {
                details.append("\(old.size) -> \(new.size) bytes")
            }
            if old.kind == new.kind, new.kind != .symlink, old.mode != new.mode {
                details.append("mode \(old.modeText) -> \(new.modeText)")
            }
        } else if let new = change.new {
            if new.kind == .file { details.append("\(new.size) bytes") }
            // The modes that nobody chooses are no news.
            if new.kind != .symlink, new.mode != (new.kind == .directory ? 0o755 : 0o644) {
                details.append("mode \(new.modeText)")
            }
        }
        if let target = change.target { details.append("-> \(WorkspacePath.quoted(target))") }
        if change.isNeverApplied { details.append("a \(change.kind.rawValue), which is never applied") }
        if let from = change.renamedFrom {
            return "R  \(from.quoted) -> \(path)" + (details.isEmpty ? "" : " (\(details.joined(separator: ", ")))")
        }
        if let to = change.renamedTo { details.append("renamed to \(to.quoted)") }
        let letter =
            switch change.status {
            case .added: "A"
            case .modified: "M"
            case .deleted: "D"
            case .mode: "m"
            case .type: "T"
            }
        return "\(letter)  \(path)" + (details.isEmpty ? "" : " (\(details.joined(separator: ", ")))")
    }

    // MARK: diff

    func writeDiffs(_ diffs: ((Change, UnifiedDiff) throws -> Bool) throws -> [Obstacle]) throws {
        // An agent can make as many files as it likes of which each takes diff(1) all the time that it has.
        let end = Clock.boot() + 120_000
        var left = ChangesOutput.limitOfAll
        var isComplete = true
        var isFirst = true
        if isJSON { try write("{\"version\":1,\"diffs\":[") }
        let obstacles = try diffs { change, diff in
            guard left > 0, Clock.boot() < end else {
                isComplete = false
                return false
            }
            left -= diff.bytes.count
            if isJSON {
                var object = JSONObject()
                object.set("path", bytes: change.path.bytes)
                object.set("text", bytes: diff.bytes)
                object.set("isCut", diff.isCut)
                try write((isFirst ? "\n" : ",\n") + object.closed)
                isFirst = false
            } else {
                try write(diff.bytes)
                if diff.isCut {
                    try write("# the diff of \(change.path.quoted) goes on: name it, with --from and --limit\n")
                }
            }
            return true
        }
        if isJSON {
            try write("\n],\"isComplete\":\(isComplete),\"obstacles\":[")
            try writeAll(obstacles.lazy.map { ChangesOutput.note($0.path, "unreadable", $0.message) })
            return try write("\n]}\n")
        }
        for obstacle in obstacles { try write("# \(obstacle.path.quoted): \(obstacle.message)\n") }
        if !isComplete {
            try write("# more than \(ChangesOutput.limitOfAll) bytes, or than can be compared in two minutes: ")
            try write("name a PATH to see the rest\n")
        }
    }

    // MARK: apply and discard

    /// Returns the exit code.
    func write(_ outcome: Outcome, verb: String) throws -> Int32 {
        if isJSON {
            try write("{\"version\":1,\"\(verb)\":[")
            try writeAll(
                outcome.done.lazy.map { path in
                    var object = JSONObject()
                    object.set("path", bytes: path.bytes)
                    return object
                })
            for (name, notes) in [
                ("refused", outcome.refused), ("skipped", outcome.skipped), ("warnings", outcome.warnings),
            ] {
                try write("\n],\"\(name)\":[")
                try writeAll(notes.lazy.map { ChangesOutput.note($0.path, $0.code, $0.message) })
            }
            let failure = outcome.failure.map { ",\"failure\":" + JSONObject.string($0) } ?? ""
            try write("\n]\(failure)}\n")
        } else {
            var lines = Lines(self)
            for path in outcome.done { try lines.add("\(verb)  \(path.quoted)") }
            for note in outcome.skipped { try lines.add("skipped  \(note.path.quoted): \(note.message)") }
            for note in outcome.warnings { try lines.add("warning  \(note.path.quoted): \(note.message)") }
            for note in outcome.refused { try lines.add("refused  \(note.path.quoted): \(note.message)") }
            if outcome.done.isEmpty, outcome.refused.isEmpty { try lines.add("nothing \(verb)") }
            try lines.flush()
        }
        if let failure = outcome.failure { return Command.fail(failure) }
        return outcome.refused.isEmpty ? 0 : 1
    }

    private static func note(_ path: WorkspacePath, _ code: String, _ message: String) -> JSONObject {
        var object = JSONObject()
        object.set("path", bytes: path.bytes)
        object.set("code", code)
        object.set("message", message)
        return object
    }

    // MARK: writing

    /// The members of an array, one to a line.
    private func writeAll(_ objects: some Sequence<JSONObject>) throws {
        var lines = Lines(self, separator: ",\n")
        for object in objects { try lines.add(object.closed) }
        try lines.flush()
    }

    private func write(_ text: String) throws { try write(Array(text.utf8)) }

    fileprivate func write(_ bytes: [UInt8]) throws {
        try Files.write(isTerminal && !isJSON ? VisibleText.of(bytes) : bytes, to: 1)
    }
}

/// Lines on their way out, many with one call.
private struct Lines {
    private let output: ChangesOutput
    /// Between two lines, or after each when it is nil.
    private let separator: String?
    private var isFirst = true
    private var waiting: [UInt8] = []

    init(_ output: ChangesOutput, separator: String? = nil) {
        self.output = output
        self.separator = separator
    }

    mutating func add(_ line: String) throws {
        if let separator { waiting += Array((isFirst ? "\n" : separator).utf8) }
        waiting += Array(line.utf8)
        if separator == nil { waiting.append(0x0A) }
        isFirst = false
        if waiting.count > 64 * 1024 { try flush() }
    }

    mutating func flush() throws {
        try output.write(waiting)
        waiting = []
    }
}
