// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import JailPlan
import Linux

/// The plan's entries, each put in its place.
extension RootFilesystem {
    /// First what is there, then what the kernel has to say, then what may not be changed or seen of it all.
    mutating func placeEntries() throws(JailFailure) {
        for (number, entry) in plan.filesystem.enumerated() where !entry.kind.comesLast {
            try entry.stage { () throws(SystemError) in try place(entry, number) }
        }
        try placeKernelFilesystems()
        try protectPaths()
        for entry in plan.filesystem where entry.kind == .hidden {
            try entry.stage { () throws(SystemError) in try hide(entry.target) }
        }
        try hideChanges()
    }

    private mutating func place(_ entry: FilesystemEntry, _ number: Int) throws(SystemError) {
        switch (entry.kind, sources.taken[number]) {
        case (.bind(let asked), .tree(let tree)):
            try bind(tree, asked, to: entry.target)
        case (.tmpfs(let size, let mode, let executable), _):
            let memory = try Mount(
                newFileSystem: "tmpfs",
                options: [
                    "size": "\(memorySize(size))", "nr_inodes": inodes(memorySize(size)),
                    "mode": String(mode, radix: 8),
                ],
                attributes: executable ? [.noSetUserID, .noDevices] : [.noSetUserID, .noDevices, .noExecute])
            try memory.attach(to: target(entry.target, as: .directory))
            ours.append(try Files.status(memory.descriptor.number).st_dev)
        case (.file(let content, let mode), _):
            try put(Array(content.utf8), mode, at: entry.target)
        case (.prefixed(let content, let mode), _):
            try put(Array(content.utf8) + (rootsOwn(entry.target) ?? []), mode, at: entry.target)
        case (.copy(_, let mode), .bytes(let bytes)):
            try put(bytes, mode, at: entry.target)
        case (.symlink(let destination), _):
            let place = try place(of: entry.target)
            guard place.isOurs else { throw SystemError("reach", entry.target, errno: EXDEV) }
            try clear(place, entry.target)
            try check("create the link", entry.target) { symlinkat(destination, place.parent.number, place.name) }
        case (.sysfs, _):
            try placeSystem(at: entry.target)
        case (.overlay, .layers(let lower, let changes)):
            try overlay(lower, changes, at: entry.target)
        case (.copyOnWrite, .tree(let tree)) where entry.target != "/":
            let overlay = try copyOnWrite(entry, of: tree)
            try overlay.attach(to: target(entry.target, as: .directory))
        default: break
        }
    }

    /// The size of a directory in memory: none is given more than half of what the machine has (tmpfs(5), `size`).
    func memorySize(_ asked: UInt64) -> UInt64 {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        return pages > 0 ? min(asked, UInt64(pages) * UInt64(getpagesize()) / 2) : asked
    }

    /// How many files a directory in memory may hold: as many as there are pages. Each takes a kilobyte of the kernel's
    /// own memory, which its size does not count (tmpfs(5)).
    func inodes(_ size: UInt64) -> String { "\(max(size / UInt64(getpagesize()), 64))" }

    private mutating func bind(
        _ tree: HostTree, _ asked: FilesystemEntry.Bind, to path: String
    ) throws(SystemError) {
        let mount = try tree.mount()
        var attributes: Mount.Attributes = [.noSetUserID, .noDevices]
        if !asked.writable { attributes.insert(.readOnly) }
        if !asked.executable { attributes.insert(.noExecute) }
        // Before anyone can reach it, and with all that is mounted below: unlike MS_REMOUNT, which needs one call for
        // each mount and has a moment in between.
        try mount.restrict(attributes, withAllBelow: true)
        try mount.attach(to: target(path, as: tree.status.isDirectory ? .directory : .file))
        if plan.hasOverlay { bound.append((host: tree.path, jail: path)) }
    }

    /// A read-only file in memory. On a file of the host's that is there it lies on top, and that one is not touched.
    private func put(_ bytes: [UInt8], _ mode: UInt32, at path: String) throws(SystemError) {
        let place = try place(of: path)
        guard place.isOurs else {
            let existing = try step(place.name, in: place.parent.number, of: path, making: nil)
            let name = ".file"
            let file = try write(bytes, mode, to: name, in: root.descriptor.number, path)
            let mount = try Mount(copyOf: file)
            try mount.restrict([.readOnly, .noSetUserID, .noDevices], withAllBelow: false)
            try mount.attach(to: existing.next)
            try check("tidy up the root") { unlinkat(root.descriptor.number, name, 0) }
            return
        }
        try clear(place, path)
        _ = try write(bytes, mode, to: place.name, in: place.parent.number, path)
    }

    /// What a root of the plan's own has at a path, if that is a file of reasonable size.
    private func rootsOwn(_ path: String) -> [UInt8]? {
        guard plan.hasRoot, let found = try? existing(path) else { return nil }
        return try? Files.readRegular(found, named: path, limit: HostSources.copyLimit)
    }

    private func write(
        _ bytes: [UInt8], _ mode: UInt32, to name: String, in directory: Int32, _ path: String
    ) throws(SystemError) -> OwnedDescriptor {
        let file = try Files.open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode, at: directory)
        try Files.write(bytes, to: file.number)
        try check("set the mode of", path) { fchmod(file.number, mode) }
        return file
    }

    private mutating func overlay(
        _ lower: HostTree, _ changes: HostTree, at path: String
    ) throws(SystemError) {
        let overlay =
            try lower.isCopy
            ? layered(lower.mount(), changes.mount())
            : Overlay.mount(lower: lower.descriptor, changes: changes.descriptor)
        try overlay.attach(to: target(path, as: .directory))
        // Compared as text later on, so it has to be text.
        guard !changes.path.isEmpty, !changes.path.contains("\u{FFFD}") else {
            throw SystemError("find the path of the changes of", path, errno: EILSEQ)
        }
        bound.append((host: lower.path, jail: path))
        changesPaths.append(changes.path)
    }

    /// An overlay of two mounts that are not attached. The kernel takes layers only from mounts that are, in this
    /// namespace: for a moment.
    private func layered(_ below: consuming Mount, _ above: consuming Mount) throws(SystemError) -> Mount {
        let name = ".layers"
        try check("make a place for the layers") { mkdirat(root.descriptor.number, name, 0o700) }
        let place = try Files.open(name, cl_O_PATH | O_NOFOLLOW, at: root.descriptor.number)
        try below.attach(to: place)
        try above.attach(to: place)
        let overlay = try Overlay.mount(lower: below.descriptor, changes: above.descriptor)
        try above.detach()
        try below.detach()
        try check("tidy up the root") { unlinkat(root.descriptor.number, name, AT_REMOVEDIR) }
        return overlay
    }

    /// The host's directory with memory for what is changed: ours, so that things can be put into it.
    mutating func copyOnWrite(_ entry: FilesystemEntry, of tree: HostTree) throws(SystemError) -> Mount {
        guard case .copyOnWrite(_, let size, let executable, _) = entry.kind else {
            throw SystemError("use as a layer", entry.target, errno: EINVAL)
        }
        let memory = try Mount(
            newFileSystem: "tmpfs",
            options: ["size": "\(memorySize(size))", "nr_inodes": inodes(memorySize(size)), "mode": "0700"],
            attributes: [.noSetUserID, .noDevices])
        try Overlay.makeLayers(in: memory.descriptor.number, like: tree.status, entry.target)
        let overlay = try layered(tree.mount(), memory)
        if !executable { try overlay.restrict(.noExecute, withAllBelow: false) }
        ours.append(try Files.status(overlay.descriptor.number).st_dev)
        if plan.hasOverlay { bound.append((host: tree.path, jail: entry.target)) }
        return overlay
    }

    /// Covers what is there with nothing. What is not there needs no cover.
    private mutating func hide(_ path: String) throws(SystemError) {
        guard try existing(path) != nil else { return }
        let place = try place(of: path)
        let hidden = try step(place.name, in: place.parent.number, of: path, making: nil)
        try cover(hidden.next)
    }

    /// A changes directory is the overlay's business alone: where something else that was bound shows it, it is
    /// covered.
    private mutating func hideChanges() throws(JailFailure) {
        for changes in changesPaths {
            for (host, jail) in bound where host.hasPrefix(changes + "/") {
                try stage("mount.overlay") { () throws(SystemError) in try hide(jail) }
            }
            for (host, jail) in bound where changes == host || changes.hasPrefix(host == "/" ? "/" : host + "/") {
                let rest = changes.utf8.dropFirst(host == "/" ? 0 : host.utf8.count)
                let path = jail + String(decoding: rest, as: UTF8.self)
                try stage("mount.overlay") { () throws(SystemError) in try hide(path) }
            }
        }
    }
}

extension JailPlan {
    var hasOverlay: Bool {
        filesystem.contains { entry in
            if case .overlay = entry.kind { true } else { false }
        }
    }

    /// Whether the jail's root is one of the plan's own, which can be written.
    var hasRoot: Bool {
        guard let first = filesystem.first, case .copyOnWrite = first.kind else { return false }
        return first.target == "/"
    }
}

extension FilesystemEntry {
    /// Runs what has to do with this entry, so that a failure says which it was and what can be done.
    func stage<Result>(_ body: () throws(SystemError) -> Result) throws(JailFailure) -> Result {
        do {
            return try body()
        } catch {
            throw JailFailure(stage: "mount.\(kind.name)", error, hint: hint(error))
        }
    }

    private func hint(_ error: SystemError) -> String? {
        let origin = origin.map { "\($0) names it; " } ?? ""
        switch kind {
        case .overlay, .copyOnWrite: if let hint = Overlay.hint(error) { return origin + hint }
        default: break
        }
        return switch error.errno {
        case ENOENT: "\(origin)make it exist, or mark it optional"
        case EACCES: "\(origin)make it readable for the jail's owner, or mark it optional"
        case ELOOP: "\(origin)a symbolic link stands in the way of \(target): name the path that it leads to"
        case EXDEV: "\(origin)\(target) would have to be created in a directory of the host's: make it exist there"
        case EFBIG: "\(origin)a file of more than 1 MiB is bound, not copied"
        case ENOTDIR where kind.comesLast == false: "\(origin)a file stands where a directory is needed"
        default: self.origin.map { "\($0) names it" }
        }
    }
}

extension FilesystemEntry.Kind {
    /// Acts on what the others have put there.
    fileprivate var comesLast: Bool { self == .hidden || self == .protected }

    fileprivate var name: String {
        switch self {
        case .bind: "bind"
        case .tmpfs: "private"
        case .file, .prefixed: "file"
        case .symlink: "symlink"
        case .copy: "copy"
        case .sysfs: "sys"
        case .overlay: "overlay"
        case .copyOnWrite: "copy_on_write"
        case .protected: "protected"
        case .hidden: "hidden"
        }
    }
}
