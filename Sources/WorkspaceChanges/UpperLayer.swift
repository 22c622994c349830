// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// The agent's layer of an overlay, and the marks that the kernel leaves in it (overlayfs.rst, with `userxattr`).
final class UpperLayer {
    let root: Int32
    private let need: UInt32
    private let opened: OpenedDirectories

    /// A directory that the agent closed to its own user gets the rights `need` of its owner's with chmod(2), until
    /// `restore`; with none it stays closed.
    init(root: Int32, changes: Int32, need: UInt32) throws {
        self.root = root
        self.need = need
        opened = OpenedDirectories(changes: changes)
        if need != 0 { try opened.restore(in: root) }
    }

    /// What an entry of the layer means.
    enum Meaning {
        case whiteout
        case entry(isCopiedUp: Bool)
        /// Something that no overlay of ours writes.
        case foreign(String)
    }

    func openDirectory(_ path: WorkspacePath) throws(SystemError) -> OwnedDescriptor {
        let place = try Beneath.open(path.fileName, Files.pathOnly | O_DIRECTORY, at: root)
        let node = FileNode(try Files.status(place.number))
        if geteuid() != 0, node.mode & need != need, node.owner == geteuid() {
            try opened.record(path, node)
            try Beneath.setMode(node.mode | 0o700, of: place.number)
        }
        return try Beneath.open(path.fileName, O_RDONLY | O_DIRECTORY, at: root)
    }

    /// Gives the directories that were opened their modes back, those that are still there.
    func restore() throws {
        if need != 0 { try opened.restore(in: root) }
    }

    func isOpaque(_ directory: Int32) throws(SystemError) -> Bool {
        // "x" marks a directory that has whiteouts in the form of attributes, and hides nothing.
        try ExtendedAttributes.value(Mark.opaque, of: directory) == [UInt8(ascii: "y")]
    }

    /// The attributes of a directory, once it is open.
    func meaning(ofDirectory directory: Int32) throws(SystemError) -> Meaning {
        meaning(of: try ExtendedAttributes.names(of: directory), size: 1)
    }

    func meaning(of name: FileName, _ status: stat, in directory: Int32) throws(SystemError) -> Meaning {
        switch status.st_mode & S_IFMT {
        case S_IFCHR where status.st_rdev == 0: return .whiteout
        case S_IFREG:
            let file = try Beneath.open(name, O_RDONLY | O_NONBLOCK, at: directory)
            return meaning(of: try ExtendedAttributes.names(of: file.number), size: Int64(status.st_size))
        default: return .entry(isCopiedUp: false)
        }
    }

    private func meaning(of attributes: [String], size: Int64) -> Meaning {
        for mark in [Mark.redirect, Mark.metacopy] where attributes.contains(mark) {
            return .foreign(
                "it bears \(mark), which the jail's overlay never writes: its content is not what it seems; discard it")
        }
        // The other form of a whiteout (kernel 6.7): an empty file.
        if size == 0, attributes.contains(Mark.whiteout) { return .whiteout }
        return .entry(isCopiedUp: attributes.contains(Mark.origin))
    }

    /// Says by whiteouts, name by name, what an opaque directory says at once, so that what is in it can be taken out
    /// one by one. What the overlay shows is the same at every moment of it.
    func makeExplicit(_ path: WorkspacePath, workspace: Int32) throws(SystemError) {
        let directory = try openDirectory(path)
        guard try isOpaque(directory.number) else { return }
        let lower: OwnedDescriptor
        do {
            lower = try Beneath.open(path.fileName, O_RDONLY | O_DIRECTORY, at: workspace)
        } catch  where [ENOENT, ENOTDIR, ELOOP].contains(error.errno) {
            return try ExtendedAttributes.remove(Mark.opaque, of: directory.number)
        }
        for name in try Beneath.names(in: lower.number) {
            guard let upper = try Beneath.status(of: name, in: directory.number) else {
                try Beneath.makeWhiteout(name, in: directory.number)
                continue
            }
            guard upper.isDirectory, let below = try Beneath.status(of: name, in: lower.number), below.isDirectory
            else { continue }
            let child = try openDirectory(path.appending(name))
            try ExtendedAttributes.set(Mark.opaque, [UInt8(ascii: "y")], of: child.number)
        }
        try ExtendedAttributes.remove(Mark.opaque, of: directory.number)
    }

    private enum Mark {
        static let opaque = "user.overlay.opaque"
        static let whiteout = "user.overlay.whiteout"
        static let redirect = "user.overlay.redirect"
        static let metacopy = "user.overlay.metacopy"
        /// Where the kernel copied it from; without privilege it leaves the value empty.
        static let origin = "user.overlay.origin"
    }
}
