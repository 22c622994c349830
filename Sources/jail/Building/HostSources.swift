// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import JailPlan
import Linux
import WorkspaceChanges

/// What the plan takes from the host. Every path is opened once, with the owner's rights, and is a descriptor from then
/// on.
struct HostSources {
    /// Whether the keeper handed over the agent's own directory.
    let hasAgentDirectory: Bool
    /// What the agent is given open.
    let passed: PassedDescriptors
    /// By the entry's number in the plan.
    var taken: [Int: Taken] = [:]
    /// Where the owner's git looks for hooks besides, and what it obeys.
    private(set) var git: GitConfiguration?
    /// Directories of the host that agents write to, the outermost ones.
    private let written: [String]
    /// Locks that are the jail's for as long as it lives.
    let locks = Locks()
    /// Who removes the placeholders after the jail's end, if the plan may need any.
    var placeholders: Placeholders?

    init(_ plan: JailPlan, hasAgentDirectory: Bool, passed: PassedDescriptors) {
        self.hasAgentDirectory = hasAgentDirectory
        self.passed = passed
        let all: [String] = plan.filesystem.compactMap { entry in
            switch entry.kind {
            case .bind(let bind):
                if case .path(let path) = bind.source, bind.writable { path } else { nil }
            case .overlay(let lower, _, _): lower
            default: nil
            }
        }
        written = all.filter { path in !all.contains { path.hasPrefix($0 + "/") } }
    }

    enum Taken {
        /// Optional and not there.
        case nothing
        case tree(HostTree)
        case bytes([UInt8])
        case layers(lower: HostTree, changes: HostTree)
    }

    /// The largest file that is copied into a jail's memory, in bytes.
    static let copyLimit = 1 << 20

    /// Opens what the plan's entries need of the host, as far as that has not been done.
    mutating func takeAll(of plan: JailPlan) throws(JailFailure) {
        if git == nil, plan.filesystem.contains(where: { $0.kind == .protected }) {
            git = GitConfiguration(ofOwnerAt: plan.identity.home)
        }
        let roots = WorkspaceRoots(plan.workspace, owner: geteuid())
        for (number, entry) in plan.filesystem.enumerated() where taken[number] == nil {
            let opened = try entry.stage { () throws(SystemError) in try take(entry) }
            try roots?.check(opened, for: entry)
            taken[number] = opened
        }
    }

    /// Opens what `entry` needs of the host.
    private func take(_ entry: FilesystemEntry) throws(SystemError) -> Taken {
        switch entry.kind {
        case .bind(let bind):
            return try tree(isOptional: bind.optional) { () throws(SystemError) in
                try open(bind.source, creating: bind.create)
            }
        case .copyOnWrite(let source, _, _, let optional):
            return try tree(isOptional: optional) { () throws(SystemError) in try open(source, O_DIRECTORY) }
        case .copy(let source, _):
            return .bytes(try Files.readRegular(open(source), named: source, limit: HostSources.copyLimit))
        case .overlay(let lower, let changes, let protect):
            let below = try HostTree(open(lower, O_DIRECTORY))
            let above = try HostTree(open(changes, creating: true))
            locks.keep(try Overlay.prepare(changes: above, over: below, at: lower, protecting: protect))
            return .layers(lower: below, changes: above)
        case .tmpfs, .file, .prefixed, .symlink, .sysfs, .protected, .hidden:
            return .nothing
        }
    }

    private func tree(
        isOptional: Bool, _ open: () throws(SystemError) -> OwnedDescriptor
    ) throws(SystemError) -> Taken {
        do {
            return .tree(try HostTree(open()))
        } catch  where isOptional && [ENOENT, EACCES, ENOTDIR].contains(error.errno) {
            return .nothing
        }
    }

    private func open(_ source: FilesystemEntry.Source, creating: Bool) throws(SystemError) -> OwnedDescriptor {
        switch source {
        case .path(let path):
            do {
                return try open(path)
            } catch  where creating && error.errno == ENOENT {
                return try create(path)
            }
        case .agentDirectory(let path):
            return try openAgentDirectory(path)
        }
    }

    /// Below a directory that agents write to no link is followed: whoever left one there, or swaps one in while jails
    /// start, would choose what of the owner's is shown.
    private func open(_ path: String, _ flags: Int32 = 0) throws(SystemError) -> OwnedDescriptor {
        guard let outer = written.first(where: { path.hasPrefix($0 + "/") }) else {
            return try Files.open(path, cl_O_PATH | flags)
        }
        let directory = try Files.open(outer, cl_O_PATH | O_DIRECTORY)
        let rest = String(path.dropFirst(outer.count).drop { $0 == "/" })
        do {
            return try Files.open(
                rest.isEmpty ? "." : rest, cl_O_PATH | flags, resolve: cl_RESOLVE_BENEATH | cl_RESOLVE_NO_SYMLINKS,
                at: directory.number)
        } catch {
            throw SystemError(error.operation, path, errno: error.errno)
        }
    }

    /// Makes a directory in one that is there, and opens that very directory: a link that someone puts in its place
    /// meanwhile leads nowhere.
    private func create(_ path: String) throws(SystemError) -> OwnedDescriptor {
        guard let slash = path.lastIndex(of: "/"), path.index(after: slash) < path.endIndex else {
            throw SystemError("create the directory", path, errno: EINVAL)
        }
        let name = String(path[path.index(after: slash)...])
        let parent = try open(path[..<slash] + "/", O_DIRECTORY)
        if mkdirat(parent.number, name, 0o700) != 0, errno != EEXIST {
            throw SystemError("create the directory", path, errno: errno)
        }
        return try Files.open(
            name, cl_O_PATH | O_DIRECTORY, resolve: cl_RESOLVE_BENEATH | cl_RESOLVE_NO_SYMLINKS, at: parent.number)
    }

    private func openAgentDirectory(_ path: String) throws(SystemError) -> OwnedDescriptor {
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

/// Descriptors whose only use is that they are open.
final class Locks {
    private(set) var descriptors: [Int32] = []

    func keep(_ lock: consuming OwnedDescriptor) {
        descriptors.append(lock.release())
    }
}

/// A file or directory of the host that its owner could reach.
final class HostTree {
    /// Open, or a copy of its mount that is not attached anywhere.
    let descriptor: OwnedDescriptor
    let isCopy: Bool
    let status: stat
    private let original: String?

    /// Where the host has it, links resolved.
    var path: String { original ?? Files.linkTarget("/proc/self/fd/\(descriptor.number)") ?? "" }

    init(_ opened: consuming OwnedDescriptor) throws(SystemError) {
        status = try Files.status(opened.number)
        original = nil
        descriptor = opened
        isCopy = false
    }

    init(copy: consuming OwnedDescriptor, of tree: HostTree) {
        status = tree.status
        original = tree.path
        descriptor = copy
        isCopy = true
    }

    /// A mount of it that can be attached, with all that is mounted below. Once.
    func mount() throws(SystemError) -> Mount {
        try isCopy ? Mount(owning: descriptor.duplicate()) : Mount(copyOf: descriptor)
    }
}
