// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import JailPlan
import Linux

/// The jail's root: a file system in memory into which the plan's entries are put one by one, each by descriptor.
///
/// While it is being built, everything bound into it is hostile: an earlier agent may have left links in a workspace
/// in order to have something of the host's changed or covered. So a target is only ever *created* in memory that is
/// ours, and no link is followed on the way to one.
struct RootFilesystem: ~Copyable {
    private let root: Mount
    /// Device numbers of the file systems that we made: only there may anything be created.
    private var ours: [dev_t]
    private let hasAgentDirectory: Bool

    /// In memory: directories, links and small files only.
    private static let rootSize = "16m"

    /// Builds the root and enters it; nothing of the host's file system remains but what the plan binds.
    static func build(_ plan: JailPlan, hasAgentDirectory: Bool) throws(JailFailure) {
        try stage("mount.private") { () throws(SystemError) in try Mount.makeEverythingPrivate() }
        var filesystem = try RootFilesystem.empty(hasAgentDirectory: hasAgentDirectory)
        for entry in plan.filesystem.filter({ $0.kind != .hidden }) { try filesystem.place(entry) }
        try filesystem.placeKernelFilesystems()
        for entry in plan.filesystem.filter({ $0.kind == .hidden }) { try filesystem.place(entry) }
        try filesystem.enter()
    }

    private init(root: consuming Mount, device: dev_t, hasAgentDirectory: Bool) {
        self.root = root
        self.ours = [device]
        self.hasAgentDirectory = hasAgentDirectory
    }

    private static func empty(hasAgentDirectory: Bool) throws(JailFailure) -> RootFilesystem {
        try stage("mount.root") { () throws(SystemError) in
            let root = try Mount(
                newFileSystem: "tmpfs", options: ["size": rootSize, "mode": "0755"],
                attributes: [.noSetUserID, .noDevices])
            // Anywhere will do until it becomes the root; on top of the old root nothing has to exist for it.
            try root.attach(to: Files.open("/", cl_O_PATH))
            let device = try Files.status(root.descriptor.number).st_dev
            return RootFilesystem(root: root, device: device, hasAgentDirectory: hasAgentDirectory)
        }
    }

    private mutating func enter() throws(JailFailure) {
        try stage("mount.pivot") { () throws(SystemError) in
            try root.restrict(.readOnly, withAllBelow: false)
            try check("enter the new root") { fchdir(root.descriptor.number) }
            try Mount.pivotToWorkingDirectory()
        }
    }

    // MARK: - The plan's entries

    private mutating func place(_ entry: FilesystemEntry) throws(JailFailure) {
        let name = "mount.\(entry.kind.name)"
        do {
            switch entry.kind {
            case .bind(let source, let writable, let optional):
                try bind(source, to: entry.target, writable: writable, optional: optional)
            case .tmpfs(let size, let mode):
                let memory = try Mount(
                    newFileSystem: "tmpfs", options: ["size": "\(size)", "mode": String(mode, radix: 8)],
                    attributes: [.noSetUserID, .noDevices])
                try memory.attach(to: target(entry.target, as: .directory))
                ours.append(try Files.status(memory.descriptor.number).st_dev)
            case .file(let content, let mode):
                let place = try place(of: entry.target)
                let file = try Files.open(
                    place.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode, at: place.parent.number)
                try Files.write(Array(content.utf8), to: file.number)
                try check("set the mode of", entry.target) { fchmod(file.number, mode) }
            case .symlink(let destination):
                let place = try place(of: entry.target)
                try check("create the link", entry.target) {
                    symlinkat(destination, place.parent.number, place.name)
                }
            case .hidden:
                try hide(entry.target)
            }
        } catch {
            throw JailFailure(stage: name, error, hint: hint(entry, error))
        }
    }

    private func hint(_ entry: FilesystemEntry, _ error: SystemError) -> String? {
        let origin = entry.origin.map { "\($0) names it; " } ?? ""
        return switch error.errno {
        case ENOENT: "\(origin)make it exist, or mark it optional"
        case EACCES: "\(origin)make it readable for the jail's owner, or mark it optional"
        case ELOOP: "\(origin)a symbolic link stands in the way of \(entry.target): name the path that it leads to"
        case EXDEV:
            "\(origin)\(entry.target) would have to be created in a directory of the host's: make it exist there"
        default: entry.origin.map { "\($0) names it" }
        }
    }

    private func bind(
        _ source: FilesystemEntry.Source, to path: String, writable: Bool, optional: Bool
    ) throws(SystemError) {
        let opened: OwnedDescriptor
        do {
            opened = try open(source)
        } catch  where optional && (error.errno == ENOENT || error.errno == EACCES || error.errno == ENOTDIR) {
            return
        }
        let status = try Files.status(opened.number)
        let tree = try Mount(copyOf: opened)
        // Before anyone can reach it, and with all that is mounted below: unlike MS_REMOUNT, which needs one call for
        // each mount and has a moment in between.
        try tree.restrict(
            writable ? [.noSetUserID, .noDevices] : [.readOnly, .noSetUserID, .noDevices], withAllBelow: true)
        try tree.attach(to: target(path, as: status.isDirectory ? .directory : .file))
    }

    private func open(_ source: FilesystemEntry.Source) throws(SystemError) -> OwnedDescriptor {
        switch source {
        case .path(let path):
            return try Files.open(path, cl_O_PATH)
        case .agentDirectory(let path):
            guard hasAgentDirectory else { throw SystemError("find the agent's own directory", path, errno: ENOENT) }
            let given = try Files.open(
                path, cl_O_PATH, resolve: cl_RESOLVE_BENEATH | cl_RESOLVE_NO_SYMLINKS, at: Builder.agentDirectory)
            // Opened again by its path: the descriptor belongs to the host's mount namespace, and a mount can only be
            // copied within one (check_mnt in fs/namespace.c). It has to be the same directory that was handed over.
            guard let directory = Files.linkTarget("/proc/self/fd/\(Builder.agentDirectory)") else {
                throw SystemError("find the agent's own directory", path, errno: ENOENT)
            }
            let opened = try Files.open(directory + "/" + path, cl_O_PATH | O_NOFOLLOW)
            let (one, other) = (try Files.status(given.number), try Files.status(opened.number))
            guard one.st_dev == other.st_dev, one.st_ino == other.st_ino else {
                throw SystemError("open the agent's own directory", path, errno: ESTALE)
            }
            return opened
        }
    }

    /// Covers what is there with nothing. What is not there needs no cover.
    private func hide(_ path: String) throws(SystemError) {
        let existing: OwnedDescriptor
        do {
            existing = try Files.open(
                relative(path), cl_O_PATH | O_NOFOLLOW, resolve: cl_RESOLVE_NO_SYMLINKS | cl_RESOLVE_BENEATH,
                at: root.descriptor.number)
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
            return
        }
        try cover(existing)
    }

    /// Puts something empty on top: a directory that nobody may enter, or for a file the null device, as containers do.
    func cover(_ existing: borrowing OwnedDescriptor) throws(SystemError) {
        if try Files.status(existing.number).isDirectory {
            let empty = try Mount(
                newFileSystem: "tmpfs", options: ["size": "4k", "mode": "0000"],
                attributes: [.readOnly, .noSetUserID, .noDevices, .noExecute])
            try empty.attach(to: existing)
        } else {
            let null = try Mount(copyOf: "/dev/null")
            try null.restrict([.readOnly, .noSetUserID, .noExecute], withAllBelow: true)
            try null.attach(to: existing)
        }
    }

    // MARK: - Targets

    enum TargetKind {
        case directory
        case file
    }

    /// A name in a directory that is there.
    struct Place: ~Copyable {
        var parent: OwnedDescriptor
        var name: String
    }

    /// Where a mount goes, made if it is not there yet and lies in memory of ours.
    func target(_ path: String, as kind: TargetKind) throws(SystemError) -> OwnedDescriptor {
        let place = try place(of: path)
        if isOurs(place.parent.number) {
            switch kind {
            case .directory: _ = mkdirat(place.parent.number, place.name, 0o755)
            case .file: try create(place.name, in: place.parent.number)
            }
        }
        return try step(place.name, in: place.parent.number, of: path)
    }

    private func create(_ name: String, in directory: Int32) throws(SystemError) {
        do {
            _ = try Files.open(name, O_RDONLY | O_CREAT | O_EXCL, mode: 0o644, at: directory)
        } catch  where error.errno == EEXIST {}
    }

    /// Where `path` is or will be: every directory above it is made where needed and allowed.
    private func place(of path: String) throws(SystemError) -> Place {
        var components = path.split(separator: "/").map(String.init)
        guard let last = components.popLast() else { throw SystemError("replace", "/", errno: EINVAL) }
        var directory = try Files.open(".", cl_O_PATH | O_DIRECTORY, at: root.descriptor.number)
        for component in components {
            if isOurs(directory.number) { _ = mkdirat(directory.number, component, 0o755) }
            directory = try step(component, in: directory.number, of: path)
        }
        return Place(parent: directory, name: last)
    }

    private func step(_ component: String, in directory: Int32, of path: String) throws(SystemError) -> OwnedDescriptor
    {
        let next: OwnedDescriptor
        do {
            next = try Files.open(component, cl_O_PATH | O_NOFOLLOW, at: directory)
        } catch  where error.errno == ENOENT {
            throw SystemError("reach", path, errno: EXDEV)
        }
        if try Files.status(next.number).isSymbolicLink { throw SystemError("reach", path, errno: ELOOP) }
        return next
    }

    private func isOurs(_ descriptor: Int32) -> Bool {
        guard let status = try? Files.status(descriptor) else { return false }
        return ours.contains(status.st_dev)
    }

    private func relative(_ path: String) -> String {
        String(path.drop { $0 == "/" })
    }
}

extension FilesystemEntry.Kind {
    fileprivate var name: String {
        switch self {
        case .bind: "bind"
        case .tmpfs: "private"
        case .file: "file"
        case .symlink: "symlink"
        case .hidden: "hidden"
        }
    }
}
