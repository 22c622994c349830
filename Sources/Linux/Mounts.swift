// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// A mount that is not attached anywhere yet, or the place of one that is.
///
/// The calls of kernel 5.2 (fsopen, fsmount, open_tree, move_mount) and 5.12 (mount_setattr): a mount gets all its
/// attributes before anyone can reach it, and no path is resolved a second time.
package struct Mount: ~Copyable {
    package let descriptor: OwnedDescriptor

    package struct Attributes: OptionSet, Sendable {
        package let rawValue: UInt64
        package init(rawValue: UInt64) { self.rawValue = rawValue }

        package static let readOnly = Attributes(rawValue: cl_MOUNT_ATTR_RDONLY)
        package static let noSetUserID = Attributes(rawValue: cl_MOUNT_ATTR_NOSUID)
        package static let noDevices = Attributes(rawValue: cl_MOUNT_ATTR_NODEV)
        package static let noExecute = Attributes(rawValue: cl_MOUNT_ATTR_NOEXEC)
    }

    /// Takes over a mount that is not attached anywhere.
    package init(owning descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }

    /// Its descriptor alone, for `init(owning:)` later on.
    package consuming func release() -> OwnedDescriptor {
        descriptor
    }

    /// A new file system without a device: `tmpfs`, `proc`, `devpts`, `sysfs`, `overlay`.
    package init(
        newFileSystem type: String, options: KeyValuePairs<String, String> = [:], flags: [String] = [],
        attributes: Attributes
    ) throws(SystemError) {
        let context = OwnedDescriptor(owning: try check("open a file system context for", type) { cl_fsopen(type) })
        for (key, value) in options {
            try check("set \(key)=\(value) on", type) { cl_fsconfig_string(context.number, key, value) }
        }
        for flag in flags { try check("set \(flag) on", type) { cl_fsconfig_flag(context.number, flag) } }
        do {
            try check("create a file system of type", type) { cl_fsconfig_create(context.number) }
        } catch {
            throw Mount.explained(error, by: context.number)
        }
        descriptor = OwnedDescriptor(
            owning: try check("mount a new", type) { cl_fsmount(context.number, attributes.rawValue) })
    }

    /// A failure with what the kernel has to say about it: a file system's context can be read for that (fsopen(2)).
    private static func explained(_ error: SystemError, by context: Int32) -> SystemError {
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = Glibc.read(context, &buffer, buffer.count)
        guard count > 2 else { return error }
        var error = error
        // Each message starts with a letter for its kind and a space.
        let words = String(decoding: buffer[2..<count], as: UTF8.self).filter { $0 != "\n" }
        error.subject += " (\(words))"
        return error
    }

    /// A private copy of what `path` leads to, with everything mounted below it.
    package init(copyOf path: String) throws(SystemError) {
        descriptor = OwnedDescriptor(
            owning: try check("copy the mount at", path) { cl_open_tree_clone(AT_FDCWD, path) })
    }

    /// A private copy of a file or directory that is open (O_PATH is enough), with everything mounted below it.
    package init(copyOf opened: borrowing OwnedDescriptor) throws(SystemError) {
        let number = opened.number
        descriptor = OwnedDescriptor(owning: try check("copy a mount") { cl_open_tree_clone(number, "") })
    }

    /// Adds attributes to this mount, and to all below it if asked.
    package func restrict(_ attributes: Attributes, withAllBelow: Bool) throws(SystemError) {
        try check("change the attributes of a mount") {
            cl_mount_setattr(descriptor.number, attributes.rawValue, withAllBelow ? 1 : 0)
        }
    }

    /// Shows the files of this mount, which must not be attached yet, and of all below it with other owners: each
    /// identity as `userNamespace` maps it (kernel 5.12; not every file system can). Cuts the mounts off from where
    /// they were copied.
    package func mapIdentities(by userNamespace: borrowing OwnedDescriptor) throws(SystemError) {
        let number = userNamespace.number
        try check("show a mount with other owners") { cl_mount_separate(descriptor.number, number) }
    }

    /// Cuts this mount and all below it off from where they were copied: nothing mounted there later comes along.
    package func makePrivate() throws(SystemError) {
        try check("make a mount private") { cl_mount_separate(descriptor.number, -1) }
    }

    /// Takes it away from where it is attached, with all below it.
    package consuming func detach() throws(SystemError) {
        try Mount.detachTopmost(at: "/proc/self/fd/\(descriptor.number)")
    }

    /// Puts it on top of what the descriptor `target` refers to.
    package func attach(to target: borrowing OwnedDescriptor) throws(SystemError) {
        let number = target.number
        try check("attach a mount") { cl_move_mount(descriptor.number, number, "") }
    }

    /// The mount that an open file is reached through, and whether the file is that mount's root.
    package static func number(of file: Int32) throws(SystemError) -> (number: UInt64, isRoot: Bool) {
        var number: UInt64 = 0
        var isRoot: Int32 = 0
        try check("examine a mount") { cl_mount_number(file, &number, &isRoot) }
        return (number, isRoot != 0)
    }

    /// Whether nothing can be written through the mount that an open file is reached through.
    package static func isReadOnly(_ file: Int32) throws(SystemError) -> Bool {
        var status = statvfs()
        try check("examine a mount") { fstatvfs(file, &status) }
        return status.f_flag & UInt(ST_RDONLY) != 0
    }

    /// The type of the file system that an open file lies in, such as `ext4`, if this process can see it mounted.
    package static func fileSystemType(of file: Int32) -> String? {
        guard let number = try? number(of: file).number, let list = try? Files.open("/proc/self/mountinfo", O_RDONLY),
            let bytes = try? Files.readAll(list.number)
        else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("\(number) ") {
            let words = line.split(separator: " ")
            guard let dash = words.lastIndex(of: "-"), dash + 1 < words.count else { return nil }
            return String(words[dash + 1])
        }
        return nil
    }

    /// Cuts the whole tree off from the host's, so that nothing mounted later goes either way.
    package static func makeEverythingPrivate() throws(SystemError) {
        try check("make all mounts private") { cl_mount_make_private("/") }
    }

    /// Lets go of what was mounted last at `path` (umount2(2)).
    package static func detachTopmost(at path: String) throws(SystemError) {
        try check("unmount", path) { umount2(path, Int32(MNT_DETACH)) }
    }

    /// Makes the mount at the working directory the root, and lets go of the old one, at which nothing else may be
    /// mounted.
    package static func pivotToWorkingDirectory() throws(SystemError) {
        // The old root lands on top of the new one, from where it is unmounted: so no directory for it is needed
        // (pivot_root(2), "pivot_root(".", ".")").
        try check("make the new root the root") { cl_pivot_root(".", ".") }
        try detachTopmost(at: ".")
        try check("enter the new root") { chdir("/") }
    }
}
