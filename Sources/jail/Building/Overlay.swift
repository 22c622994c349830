// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import JailPlan
import Linux
import WorkspaceChanges

/// A directory of the host's that the jail sees and changes, while the host's own stays as it is: overlayfs, as any
/// user may mount it in his user namespace (kernel 5.11), with its notes in extended attributes `user.overlay.*`.
enum Overlay {
    private static let upper = "upper"
    private static let work = "work"

    /// Makes what a changes directory has to hold, where it is missing, and records when and over what its first jail
    /// started: what changed below after that is in conflict with the changes.
    ///
    /// Returns a lock of the changes, for as long as the overlay is mounted: two overlays with the same changes, or one
    /// whose changes are applied meanwhile, end in nobody knows what (the kernel's overlayfs.rst).
    static func prepare(
        changes: HostTree, over lower: HostTree, at path: String, protecting protect: [String]
    ) throws(SystemError) -> OwnedDescriptor {
        // Taken before the mount, from the clock that files are stamped with.
        let start = Clock.fileTime()
        let directory = changes.descriptor.number
        // The descriptor of a path can be neither locked nor written to nor flushed.
        let opened = try Files.open(".", O_RDONLY | O_DIRECTORY, at: directory)
        try lock(opened, changes.path)
        try makeLayers(in: directory, like: lower.status, changes.path)
        guard try Baseline.isThere(in: opened.number) else {
            try Baseline(start: start, lower: path, lower.status, protect: protect).write(in: opened.number)
            return opened
        }
        try goOn(in: opened.number, lower, protecting: protect, changes.path)
        return opened
    }

    /// Makes the directories that an overlay over a directory like this keeps its changes in, where they are missing.
    static func makeLayers(in directory: Int32, like lower: stat, _ path: String) throws(SystemError) {
        // What is seen of the overlay's own root is the upper one's.
        for (name, mode) in [(upper, lower.st_mode & 0o7777), (work, 0o700)] {
            if mkdirat(directory, name, 0o700) == 0 {
                try check("set the mode of", name) { fchmodat(directory, name, mode, 0) }
            } else if errno != EEXIST {
                throw SystemError("make the directory \(name) for changes of", path, errno: errno)
            }
        }
    }

    /// In changes that another jail began: of the same workspace, and what any of the jails protects stays protected.
    private static func goOn(
        in changes: Int32, _ lower: HostTree, protecting protect: [String], _ path: String
    ) throws(SystemError) {
        guard var baseline = try? Baseline.read(in: changes) else {
            throw SystemError("read baseline.json in", path, errno: EBADMSG)
        }
        guard baseline.isOf(lower.status) else {
            throw SystemError("use, being changes of another workspace (\(baseline.lower)),", path, errno: EXDEV)
        }
        let before = Set(baseline.protect ?? [])
        guard !before.isSuperset(of: protect) else { return }
        baseline.protect = before.union(protect).sorted()
        try baseline.write(in: changes)
    }

    /// Who lists the changes has them locked for a moment.
    private static func lock(_ changes: borrowing OwnedDescriptor, _ path: String) throws(SystemError) {
        for _ in 0..<500 {
            if try Files.tryLock(changes.number) { return }
            usleep(10_000)
        }
        throw SystemError("lock", path, errno: EBUSY)
    }

    /// The overlay of the two, attached nowhere yet. Their descriptors must be of mounts in this mount namespace.
    static func mount(
        lower: borrowing OwnedDescriptor, changes: borrowing OwnedDescriptor
    ) throws(SystemError) -> Mount {
        // Both through one mount, or the kernel takes them for two file systems.
        let resolve = cl_RESOLVE_BENEATH | cl_RESOLVE_NO_SYMLINKS
        let upper = try Files.open(upper, cl_O_PATH | O_DIRECTORY, resolve: resolve, at: changes.number)
        let work = try Files.open(work, cl_O_PATH | O_DIRECTORY, resolve: resolve, at: changes.number)
        return try Mount(
            newFileSystem: "overlay",
            options: [
                "lowerdir": "/proc/self/fd/\(lower.number)", "upperdir": "/proc/self/fd/\(upper.number)",
                "workdir": "/proc/self/fd/\(work.number)",
            ], flags: ["userxattr"], attributes: [.noSetUserID, .noDevices])
    }

    static func hint(_ error: SystemError) -> String? {
        switch error.errno {
        case EINVAL, EPERM, EOPNOTSUPP:
            "nothing else may be mounted below what is changed, and overlayfs wants the changes in a file system that "
                + "keeps extended attributes of users, such as ext4, xfs, btrfs or a newer tmpfs, and not in NFS or "
                + "another overlay"
        case ENODEV: "this kernel has no overlayfs"
        case ELOOP: "the changes and what they are changes of must not lie in each other"
        case EXDEV: "each workspace needs changes of its own: name another directory, or move the workspace back"
        case EBUSY: "another jail runs with the same changes, or they are being applied or discarded"
        default: nil
        }
    }
}
