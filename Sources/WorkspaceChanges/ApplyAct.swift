// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Makes the workspace what the agent has, for changes that nothing speaks against. Every step looks again at what it
/// is about to replace, through a descriptor of the directory it is in.
final class ApplyAct {
    private let changes: [Change]
    private let included: [Int]
    private let layer: UpperLayer
    private let sources: HostDirectories
    private let host: HostDirectories
    private let prefix: String
    private let workspacePath: String
    private var counter = 0
    private var batch: [StagedFile] = []
    /// Files with several names that a step of ours changed under another of them.
    private var ownInodes: Set<UInt64> = []
    private(set) var done: [WorkspacePath] = []
    private(set) var warnings: [Outcome.Note] = []

    /// Somebody changed something between the look and the step.
    struct Overtaken: Error {
        let path: WorkspacePath
        let message: String
    }

    /// How many files wait to be flushed together: one flush mostly does the work of all (fsync(2) of a journalled
    /// file system), and each takes a descriptor.
    private static let batchSize = 128

    /// `included` is in the order of paths.
    init(
        _ changes: [Change], included: [Int], layer: UpperLayer, workspace: Int32, workspacePath: String, prefix: String
    ) {
        self.changes = changes
        self.included = included
        self.layer = layer
        self.workspacePath = workspacePath
        self.prefix = prefix
        sources = HostDirectories(root: layer.root)
        host = HostDirectories(root: workspace)
    }

    func run() throws {
        do {
            try openDirectories()
            // What is new comes before what is gone goes: where both are one file, which the agent renamed, the
            // workspace has it at every moment. But a directory that something takes the place of has to be empty.
            let replaced = Set(
                included.map { changes[$0] }.filter { $0.status == .type && $0.old?.kind == .directory }
                    .map(\.path))
            func isInTheWay(_ change: Change) -> Bool { change.path.ancestors.contains(where: replaced.contains) }
            try delete(isInTheWay)
            try make()
            try delete { !isInTheWay($0) }
            try setDirectoryModes()
        } catch {
            for file in batch { file.abandon() }
            throw error
        }
        // Before anything leaves the agent's layer, the workspace has it for good.
        try Files.flushFileSystem(of: host.root)
    }

    /// Directories that we have to write to first.
    private func openDirectories() throws {
        for change in included.map({ changes[$0] }) {
            guard let old = change.old, old.kind == .directory else { continue }
            if change.status == .mode, change.new!.mode & 0o700 == 0o700 {
                try setMode(change, directoryMode: change.new!.safeMode)
            } else if change.status != .mode, old.mode & 0o700 != 0o700, geteuid() != 0 {
                // It is about to go; its owner could empty it no other way.
                try setMode(change, directoryMode: old.safeMode | 0o700, isDone: false)
            }
        }
    }

    private func delete(_ isMeant: (Change) -> Bool) throws {
        for change in included.reversed().map({ changes[$0] }) where change.status == .deleted && isMeant(change) {
            let parent = try host.open(change.path.parent)
            try expectOld(change, in: parent)
            let isDirectory = change.old!.kind == .directory
            try step(change) { () throws(SystemError) in
                try Beneath.remove(change.path.name, isDirectory: isDirectory, in: parent.number)
            }
            if isDirectory { host.forget() }
            finish(change)
        }
    }

    private func make() throws {
        for change in included.map({ changes[$0] }) {
            guard change.status != .deleted, let new = change.new else { continue }
            switch new.kind {
            case .file where change.status == .mode: try setFileMode(change)
            case .file: try stage(change)
            case .symlink: try makeLink(change)
            case .directory where change.status != .mode: try makeDirectory(change)
            default: break
            }
        }
        try publish()
    }

    private func setFileMode(_ change: Change) throws {
        let new = change.new!
        let parent = try host.open(change.path.parent)
        try expectOld(change, in: parent)
        if new.safeMode != new.mode {
            warn(change, "set-id-dropped", "its set-user-ID and set-group-ID bits were dropped")
        }
        if !ApplyCheck.isDroppedWhole(change) {
            try step(change) { () throws(SystemError) in
                let file = try Beneath.open(change.path.name, Files.pathOnly, at: parent.number)
                let present = FileNode(try Files.status(file.number))
                guard present.inode == change.old!.inode, present.kind == .file else {
                    throw SystemError("change the mode of", change.path.quoted, errno: ESTALE)
                }
                try Beneath.setMode(new.safeMode, of: file.number)
            }
        }
        finish(change)
    }

    private func stage(_ change: Change) throws {
        let parent = try host.open(change.path.parent)
        try expectOld(change, in: parent)
        let file = try step(change) { () throws(SystemError) in
            let directory = try sources.open(change.path.parent)
            let source = try Beneath.open(change.path.name, O_RDONLY | O_NONBLOCK, at: directory.number)
            guard FileNode(try Files.status(source.number)) == change.new! else {
                throw SystemError("read the agent's", change.path.quoted, errno: ESTALE)
            }
            return try StagedFile(change, from: source, in: parent, temporary: nextTemporary())
        }
        batch.append(file)
        if batch.count >= ApplyAct.batchSize { try publish() }
    }

    private func publish() throws {
        for file in batch { try step(file.change) { () throws(SystemError) in try file.flush() } }
        for file in batch {
            try expectOld(file.change, in: file.parent)
            try makeWay(for: file.change, in: file.parent)
            try step(file.change) { () throws(SystemError) in try file.publish() }
            finish(file.change)
            warnings += file.warnings
        }
        batch = []
    }

    private func makeLink(_ change: Change) throws {
        let parent = try host.open(change.path.parent)
        try expectOld(change, in: parent)
        let target = change.target!
        if change.old == nil || change.old!.kind == .directory {
            try makeWay(for: change, in: parent)
            try step(change) { () throws(SystemError) in
                try Beneath.makeLink(change.path.name, to: target, in: parent.number)
            }
        } else {
            let temporary = nextTemporary()
            try step(change) { () throws(SystemError) in
                try Beneath.makeLink(temporary, to: target, in: parent.number)
                try Beneath.rename(temporary, in: parent.number, to: change.path.name, in: parent.number)
            }
        }
        if LinkTargets.leadsOutside(target, from: change.path, workspace: workspacePath) {
            let shown = WorkspacePath.quoted(target)
            warn(change, "leads-outside", "it is a link that leads out of the workspace: \(shown)")
        }
        finish(change)
    }

    private func makeDirectory(_ change: Change) throws {
        let parent = try host.open(change.path.parent)
        try expectOld(change, in: parent)
        let name = change.path.name
        try step(change) { () throws(SystemError) in
            if change.old != nil { try Beneath.remove(name, isDirectory: false, in: parent.number) }
            // Open to us until what belongs in it is there.
            try Beneath.makeDirectory(name, mode: change.new!.safeMode | 0o700, in: parent.number)
        }
        host.forget()
        finish(change)
    }

    /// Those that close a directory to its owner come last, the innermost first.
    private func setDirectoryModes() throws {
        for change in included.reversed().map({ changes[$0] }) {
            guard let new = change.new, new.kind == .directory, new.mode & 0o700 != 0o700 else { continue }
            try setMode(change, directoryMode: new.safeMode, isDone: change.status == .mode)
        }
    }

    private func setMode(_ change: Change, directoryMode mode: UInt32, isDone: Bool = true) throws {
        try step(change) { () throws(SystemError) in
            let directory = try Beneath.open(change.path.fileName, Files.pathOnly | O_DIRECTORY, at: host.root)
            let present = FileNode(try Files.status(directory.number))
            if let old = change.old, old.kind == .directory, old.inode != present.inode {
                throw SystemError("change the mode of", change.path.quoted, errno: ESTALE)
            }
            // The group that a directory hands on is the host's matter.
            try Beneath.setMode(mode | (present.mode & 0o2000), of: directory.number)
        }
        if isDone { finish(change) }
    }

    private func finish(_ change: Change) {
        done.append(change.path)
        if let old = change.old, old.links > 1, old.kind != .directory { ownInodes.insert(old.inode) }
    }

    /// A directory that is replaced is empty by now.
    private func makeWay(for change: Change, in parent: HostDirectories.Opened) throws {
        guard change.old?.kind == .directory else { return }
        try step(change) { () throws(SystemError) in
            try Beneath.remove(change.path.name, isDirectory: true, in: parent.number)
        }
        host.forget()
    }

    /// What the check saw has to be there still. In a directory we may have been at work ourselves.
    private func expectOld(_ change: Change, in parent: HostDirectories.Opened) throws {
        guard host.isStill(parent) else {
            throw Overtaken(
                path: change.path, message: "the directory it lies in was moved away while changes were applied")
        }
        let status = try Beneath.status(of: change.path.name, in: parent.number)
        let present = status.map { FileNode($0) }
        let isExpected =
            switch (present, change.old) {
            case (nil, nil): true
            case (let present?, let old?):
                present.inode == old.inode && present.kind == old.kind
                    && (old.kind == .directory || present.changed == old.changed || ownInodes.contains(old.inode))
            default: false
            }
        guard isExpected else {
            throw Overtaken(path: change.path, message: "the workspace's own changed while changes were applied")
        }
    }

    private func step<Result>(_ change: Change, _ body: () throws(SystemError) -> Result) throws -> Result {
        do throws(SystemError) {
            return try body()
        } catch {
            switch error.errno {
            case EEXIST, ENOTEMPTY, ESTALE, ELOOP, ENOTDIR, ENOENT:
                throw Overtaken(
                    path: change.path, message: "the workspace's own changed while changes were applied (\(error))")
            default: throw ChangesFailure("cannot apply \(change.path.quoted): \(error)")
            }
        }
    }

    private func warn(_ change: Change, _ code: String, _ message: String) {
        warnings.append(Outcome.Note(path: change.path, code: code, message: message))
    }

    private func nextTemporary() -> FileName {
        counter += 1
        return FileName(prefix + "\(counter)")
    }
}
