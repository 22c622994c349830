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

    /// A new file system of a type that lives in memory: `tmpfs`, `proc`, `devpts`.
    package init(
        newFileSystem type: String, options: KeyValuePairs<String, String> = [:], attributes: Attributes
    ) throws(SystemError) {
        let context = OwnedDescriptor(owning: try check("open a file system context for", type) { cl_fsopen(type) })
        for (key, value) in options {
            try check("set \(key)=\(value) on", type) { cl_fsconfig_string(context.number, key, value) }
        }
        try check("create a file system of type", type) { cl_fsconfig_create(context.number) }
        descriptor = OwnedDescriptor(
            owning: try check("mount a new", type) { cl_fsmount(context.number, attributes.rawValue) })
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

    /// Puts it on top of what the descriptor `target` refers to.
    package func attach(to target: borrowing OwnedDescriptor) throws(SystemError) {
        let number = target.number
        try check("attach a mount") { cl_move_mount(descriptor.number, number, "") }
    }

    /// Cuts the whole tree off from the host's, so that nothing mounted later goes either way.
    package static func makeEverythingPrivate() throws(SystemError) {
        try check("make all mounts private") { cl_mount_make_private("/") }
    }

    /// Makes the mount at the working directory the root, and lets go of the old one.
    package static func pivotToWorkingDirectory() throws(SystemError) {
        // The old root lands on top of the new one, from where it is unmounted: so no directory for it is needed
        // (pivot_root(2), "pivot_root(".", ".")").
        try check("make the new root the root") { cl_pivot_root(".", ".") }
        try check("let go of the old root") { umount2(".", Int32(MNT_DETACH)) }
        try check("enter the new root") { chdir("/") }
    }
}
