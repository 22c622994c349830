// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// What an agent changed, found by walking its layer beside the workspace.
///
/// Directories wait in a list and are opened by their path from the root when their turn comes, so that a tree of any
/// depth takes neither stack nor descriptors. A path that is too long for the kernel to take is too long for whoever
/// wants to use what is there.
package struct Scan {
    /// In the order of their paths' bytes: whatever lies in a directory comes after it.
    package private(set) var changes: [Change] = []
    package private(set) var obstacles: [Obstacle] = []

    private let layer: UpperLayer
    private let workspace: Int32
    private var waiting = [Directory(path: .root, isMerged: true, hidden: nil)]

    /// One of the agent's layer that is still to be looked into.
    private struct Directory {
        let path: WorkspacePath
        /// Whether the workspace has a directory there too.
        let isMerged: Bool
        /// The outermost opaque directory that it lies in: nothing of the workspace shows through it either.
        let hidden: WorkspacePath?
    }

    init(layer: UpperLayer, workspace: Int32) throws(SystemError) {
        self.layer = layer
        self.workspace = workspace
        while let directory = waiting.popLast() { visit(directory) }
        changes.sort { $0.path < $1.path }
        obstacles.sort { $0.path < $1.path }
    }

    private mutating func visit(_ directory: Directory) {
        do throws(SystemError) {
            let upper = try layer.openDirectory(directory.path)
            guard directory.isMerged else { return try compare(directory, upper: upper.number, lower: nil) }
            let lower = try Beneath.open(directory.path.fileName, O_RDONLY | O_DIRECTORY, at: workspace)
            try compare(directory, upper: upper.number, lower: lower.number)
        } catch {
            report(directory.path, error)
        }
    }

    private mutating func compare(_ directory: Directory, upper: Int32, lower: Int32?) throws(SystemError) {
        let path = directory.path
        let isOpaque = try layer.isOpaque(upper)
        let hidden = directory.hidden ?? (isOpaque ? path : nil)
        // A directory that is changed while it is read may tell of a name twice.
        let names = try Set(Beneath.names(in: upper))
        for name in names {
            let place = path.appending(name)
            do throws(SystemError) {
                try compare(place, name, upper: upper, lower: lower, hidden: hidden)
            } catch {
                report(place, error)
            }
        }
        guard let lower, hidden != nil else { return }
        for name in try Set(Beneath.names(in: lower)).subtracting(names) {
            guard let status = try Beneath.status(of: name, in: lower) else { continue }
            remove(path.appending(name), FileNode(status), isImplied: true, hidden: hidden)
        }
    }

    private mutating func compare(
        _ path: WorkspacePath, _ name: FileName, upper: Int32, lower: Int32?, hidden: WorkspacePath?
    ) throws(SystemError) {
        guard let status = try Beneath.status(of: name, in: upper) else { return }
        let new = FileNode(status)
        var old: FileNode?
        if let lower, let status = try Beneath.status(of: name, in: lower) { old = FileNode(status) }

        var isCopiedUp = false
        switch meaning(path, name, status, in: upper) {
        case .whiteout:
            if let old { remove(path, old, isImplied: false, hidden: hidden) }
            return
        case .foreign(let message):
            obstacles.append(Obstacle(path: path, message: message))
        case .entry(let copied):
            isCopiedUp = copied
            if new.kind == .directory {
                waiting.append(Directory(path: path, isMerged: old?.kind == .directory, hidden: hidden))
            }
        case nil: break
        }

        let target = new.kind == .symlink ? try Beneath.target(of: name, in: upper) : nil
        guard let old, let lower else {
            changes.append(Change(path, .added, new: new, target: target, isCopiedUp: isCopiedUp))
            return
        }
        if new.kind != old.kind {
            changes.append(Change(path, .type, old: old, new: new, target: target, hidden: hidden))
            if old.kind == .directory { removeContents(of: path, hidden: hidden) }
            return
        }
        let isSame = try hasSameContent(name, new, old, target, upper: upper, lower: lower)
        if !isSame {
            changes.append(Change(path, .modified, old: old, new: new, target: target, hidden: hidden))
        } else if !new.hasSameMode(as: old) {
            changes.append(Change(path, .mode, old: old, new: new, hidden: hidden))
        }
    }

    /// Nil when it cannot be looked into, which is then reported.
    private mutating func meaning(
        _ path: WorkspacePath, _ name: FileName, _ status: stat, in upper: Int32
    ) -> UpperLayer.Meaning? {
        do throws(SystemError) {
            guard status.isDirectory else { return try layer.meaning(of: name, status, in: upper) }
            let directory = try layer.openDirectory(path)
            return try layer.meaning(ofDirectory: directory.number)
        } catch {
            report(path, error)
            return nil
        }
    }

    private mutating func hasSameContent(
        _ name: FileName, _ new: FileNode, _ old: FileNode, _ target: FileName?, upper: Int32, lower: Int32
    ) throws(SystemError) -> Bool {
        switch new.kind {
        case .symlink: return try target == Beneath.target(of: name, in: lower)
        case .file:
            guard new.size == old.size else { return false }
            do throws(SystemError) {
                let one = try Beneath.open(name, O_RDONLY | O_NONBLOCK, at: upper)
                let other = try Beneath.open(name, O_RDONLY | O_NONBLOCK, at: lower)
                return try FileContent.isSame(one.number, other.number)
            } catch  where error.errno == EACCES {
                // Reported when it was opened to see what it means, or it is the workspace's: not to be known.
                return false
            }
        default: return true
        }
    }

    private mutating func remove(
        _ path: WorkspacePath, _ old: FileNode, isImplied: Bool, hidden: WorkspacePath?
    ) {
        changes.append(Change(path, .deleted, old: old, isImplied: isImplied, hidden: hidden))
        if old.kind == .directory { removeContents(of: path, hidden: hidden) }
    }

    private mutating func removeContents(of path: WorkspacePath, hidden: WorkspacePath?) {
        var directories = [path]
        while let path = directories.popLast() {
            do throws(SystemError) {
                let directory = try Beneath.open(path.fileName, O_RDONLY | O_DIRECTORY, at: workspace)
                for name in try Set(Beneath.names(in: directory.number)) {
                    guard let status = try Beneath.status(of: name, in: directory.number) else { continue }
                    let place = path.appending(name)
                    changes.append(Change(place, .deleted, old: FileNode(status), isImplied: true, hidden: hidden))
                    if status.isDirectory { directories.append(place) }
                }
            } catch {
                report(path, error)
            }
        }
    }

    private mutating func report(_ path: WorkspacePath, _ error: SystemError) {
        let advice =
            switch error.errno {
            case EACCES: "; its owner is denied it: change its mode, or discard it"
            case EXDEV: "; another file system is mounted there, which the agent did not see"
            case ENAMETOOLONG: "; it lies deeper than a path can say: discard it"
            default: ""
            }
        obstacles.append(Obstacle(path: path, message: "\(error)\(advice)"))
    }
}

extension Scan {
    /// Finds, for what was added, the deleted file of equal content that it probably was before.
    package mutating func findRenames(workspace: Int32, upper: Int32) {
        Renames(workspace: workspace, upper: upper).mark(&changes)
    }
}
