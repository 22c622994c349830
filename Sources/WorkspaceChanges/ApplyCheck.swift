// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Finds what speaks against applying a change, before anything is done.
struct ApplyCheck {
    let changes: [Change]
    let obstacles: [Obstacle]
    let indexes: [WorkspacePath: Int]
    let workspace: Int32
    let start: FileTime
    let journal: Journal
    /// Nil when the owner has said that protected paths are to be applied too.
    let protection: Protection?
    private let repositories: PlantedRepositories
    /// The workspace's directories by path; nil for those that are not there.
    private var directories: [WorkspacePath: FileNode?] = [:]
    private var writable: [WorkspacePath: Bool] = [:]

    init(
        changes: [Change], obstacles: [Obstacle], indexes: [WorkspacePath: Int], workspace: Int32, start: FileTime,
        journal: Journal, protection: Protection?
    ) {
        self.changes = changes
        self.obstacles = obstacles
        self.indexes = indexes
        self.workspace = workspace
        self.start = start
        self.journal = journal
        self.protection = protection
        repositories = PlantedRepositories(changes: changes, indexes: indexes, workspace: workspace)
    }

    mutating func refusals(of unit: Selection.Unit) -> [Outcome.Note] {
        guard !unit.asked.isEmpty || unit.path.isRoot || !obstacles.isEmpty else { return [] }
        var result = obstacles.filter { $0.path.isWithin(unit.path) || unit.path.isWithin($0.path) }.map {
            Outcome.Note(path: $0.path, code: "unreadable", message: $0.message)
        }
        let included = Set(unit.asked + unit.needed)
        for index in unit.needed + unit.asked {
            let change = changes[index]
            // Not applied, and so in nobody's way.
            if change.isNeverApplied { continue }
            if let note = protectionNote(change) ?? conflict(change) ?? unwritable(change, included) {
                result.append(note)
            }
        }
        return result
    }

    /// Whether the workspace needs nothing for it: the set-ID bits that an agent set are not applied.
    static func isDroppedWhole(_ change: Change) -> Bool {
        change.status == .mode && change.kind == .file && change.new!.safeMode == change.old!.mode
    }

    private func protectionNote(_ change: Change) -> Outcome.Note? {
        guard let protection else { return nil }
        if let objection = protection.objection(to: change) {
            return Outcome.Note(path: change.path, code: objection.code, message: objection.message)
        }
        if repositories.isPart(change) {
            return Outcome.Note(
                path: change.path, code: "repository",
                message: "it makes its directory a git repository, whose settings git would obey")
        }
        if repositories.isSetting(change) {
            return Outcome.Note(
                path: change.path, code: "protected",
                message: "it lies in a bare repository, and git executes what it says")
        }
        return nil
    }

    private mutating func conflict(_ change: Change) -> Outcome.Note? {
        func note(_ message: String) -> Outcome.Note {
            Outcome.Note(path: change.path, code: "conflict", message: message)
        }
        if let directory = movedIn(change) {
            return note("\(directory.quoted) was moved there, or its mode was changed, since the agent began")
        }
        if let directory = changedUnseen(change) {
            return note("the workspace's own \(directory.quoted) was made or changed since the agent removed it")
        }
        guard let old = change.old else { return hasVanished(change) ? note("the workspace's own is gone") : nil }
        guard old.changed >= start, !ApplyCheck.isDroppedWhole(change) else { return nil }
        if old.kind == .directory {
            // Whatever is made or removed in a directory changes it, so that nothing follows for its mode.
            if change.status == .mode || journal.covers(change.path, inode: old.inode) { return nil }
        }
        return note("the workspace's own was made or changed since the agent began")
    }

    /// A directory around it that is another than the agent saw. What is in one that was moved bears no trace of that,
    /// but rename(2) changes the ctime of the directory itself, and nothing else does without its mtime but chmod(2) and
    /// the like.
    private mutating func movedIn(_ change: Change) -> WorkspacePath? {
        change.path.ancestors.first { path in
            guard let node = directory(path) else { return false }
            return node.changed >= start && node.modified < start && !journal.covers(path, inode: node.inode)
        }
    }

    /// A directory around it that the agent saw nothing of, and in which somebody else made or removed something: its
    /// files may all be older than the agent, who never meant them.
    private mutating func changedUnseen(_ change: Change) -> WorkspacePath? {
        guard let hidden = change.hidden else { return nil }
        return change.path.ancestors.first { path in
            guard path.isWithin(hidden), let node = directory(path) else { return false }
            return node.changed >= start && !journal.covers(path, inode: node.inode)
        }
    }

    /// What was copied up from the workspace and has no counterpart there: either the agent renamed it, or it was
    /// removed from the workspace since. A directory of the workspace cannot be renamed in the overlay.
    private mutating func hasVanished(_ change: Change) -> Bool {
        guard change.isCopiedUp else { return false }
        if change.kind == .directory { return true }
        let parent = change.path.parent
        // A directory of the agent's own: nothing can have vanished from it.
        guard let node = directory(parent) else { return false }
        let wasTouched = node.changed >= start && !journal.covers(parent, inode: node.inode)
        return wasTouched && change.renamedFrom == nil
    }

    private mutating func unwritable(_ change: Change, _ included: Set<Int>) -> Outcome.Note? {
        if ApplyCheck.isDroppedWhole(change) || change.status == .mode { return nil }
        let parent = change.path.parent
        if let index = indexes[parent], included.contains(index) {
            // Made, deleted or opened by us.
            if changes[index].status != .mode { return nil }
            if changes[index].new!.mode & 0o700 == 0o700 { return nil }
        }
        guard directory(parent) != nil else {
            return Outcome.Note(
                path: change.path, code: "conflict", message: "the directory it lies in is gone from the workspace")
        }
        if isWritable(parent) { return nil }
        return Outcome.Note(
            path: change.path, code: "unwritable",
            message: "the directory it lies in cannot be written to; make it writable for its owner (chmod u+rwx)")
    }

    mutating func directory(_ path: WorkspacePath) -> FileNode? {
        if let known = directories[path] { return known }
        let node = status(of: path)
        directories[path] = .some(node)
        return node
    }

    private func status(of path: WorkspacePath) -> FileNode? {
        guard let place = try? Beneath.open(path.fileName, Files.pathOnly | O_DIRECTORY, at: workspace),
            let status = try? Files.status(place.number)
        else { return nil }
        return FileNode(status)
    }

    private mutating func isWritable(_ path: WorkspacePath) -> Bool {
        if let known = writable[path] { return known }
        let answer: Bool
        do throws(SystemError) {
            let place = try Beneath.open(path.fileName, O_RDONLY | O_DIRECTORY, at: workspace)
            answer = faccessat(place.number, ".", W_OK | X_OK, AT_EACCESS) == 0
        } catch {
            answer = false
        }
        writable[path] = answer
        return answer
    }
}
