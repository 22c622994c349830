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
    private(set) var root: Mount
    /// Device numbers of the file systems that we made: only there may anything be created.
    var ours: [dev_t]
    let plan: JailPlan
    let sources: HostSources
    /// Where what was bound is, outside and inside: only remembered where a changes directory has to be kept from view.
    var bound: [(host: String, jail: String)] = []
    var changesPaths: [String] = []
    /// What covers a directory or a file, once there is one: further ones are copied from it.
    private var emptyDirectory: Cover?
    private var emptyFile: Cover?

    /// In memory: directories, links and small files only.
    private static let rootSize = "64m"
    /// What covers directories, while the root is built.
    private static let emptyName = ".agent-supervisor-empty"

    /// Builds the root and enters it; nothing of the host's file system remains but what the plan binds.
    ///
    /// - Returns: the root of a /proc that shows every process of the jail, for its first process alone: what the agent
    ///   sees leaves out those that it could not trace.
    static func build(_ plan: JailPlan, _ sources: HostSources) throws(JailFailure) -> OwnedDescriptor {
        try stage("mount.private") { () throws(SystemError) in try Mount.makeEverythingPrivate() }
        // Before anything lies on the host's: then the kernel lets nobody mount a whole one (mount_too_revealing).
        let processes = try stage("mount.proc") { () throws(SystemError) in
            try Mount(newFileSystem: "proc", attributes: [.readOnly, .noSetUserID, .noDevices, .noExecute])
        }
        // Likewise what the plan takes: a link with so many ".." that it comes to / would then go on in our root.
        var sources = sources
        try sources.takeAll(of: plan)
        var filesystem = try RootFilesystem.empty(plan, sources)
        try filesystem.takeRootOfPlan()
        try filesystem.placeEntries()
        try filesystem.enter()
        return processes.release()
    }

    private init(root: consuming Mount, device: dev_t, _ plan: JailPlan, _ sources: HostSources) {
        self.root = root
        self.ours = [device]
        self.plan = plan
        self.sources = sources
    }

    private static func empty(_ plan: JailPlan, _ sources: HostSources) throws(JailFailure) -> RootFilesystem {
        try stage("mount.root") { () throws(SystemError) in
            let root = try Mount(
                newFileSystem: "tmpfs", options: ["size": rootSize, "mode": "0755"],
                attributes: [.noSetUserID, .noDevices])
            // Anywhere will do until it becomes the root; on top of the old root nothing has to exist for it.
            try root.attach(to: Files.open("/", cl_O_PATH))
            let device = try Files.status(root.descriptor.number).st_dev
            return RootFilesystem(root: root, device: device, plan, sources)
        }
    }

    /// A root of the plan's own comes in the place of the one in memory.
    private mutating func takeRootOfPlan() throws(JailFailure) {
        guard plan.hasRoot, let entry = plan.filesystem.first, case .tree(let tree) = sources.taken[0] else { return }
        try entry.stage { () throws(SystemError) in
            let overlay = try copyOnWrite(entry, of: tree)
            // Not on top of it: of the old roots only the topmost would be let go of in the end.
            try Mount.detachTopmost(at: "/")
            try overlay.attach(to: Files.open("/", cl_O_PATH))
            root = overlay
        }
    }

    private mutating func enter() throws(JailFailure) {
        try stage("mount.pivot") { () throws(SystemError) in
            if unlinkat(root.descriptor.number, RootFilesystem.emptyName, AT_REMOVEDIR) != 0, errno != ENOENT {
                throw SystemError("tidy up the root", errno: errno)
            }
            if !plan.hasRoot { try root.restrict(.readOnly, withAllBelow: false) }
            try check("enter the new root") { fchdir(root.descriptor.number) }
            try Mount.pivotToWorkingDirectory()
        }
    }

    // MARK: - Covers

    /// Something empty to cover things with.
    private final class Cover {
        private let mount: Mount
        private var isAttached = false

        init(_ mount: consuming Mount) {
            self.mount = mount
        }

        /// Every time but the first a copy, attributes and all: two calls instead of six.
        func attach(to existing: borrowing OwnedDescriptor) throws(SystemError) {
            if isAttached {
                let copy = try Mount(copyOf: mount.descriptor)
                try copy.attach(to: existing)
            } else {
                try mount.attach(to: existing)
                isAttached = true
            }
        }
    }

    /// Puts something empty on top: a directory that nobody may enter, or for a file the null device, as containers do.
    mutating func cover(_ existing: borrowing OwnedDescriptor) throws(SystemError) {
        if try Files.status(existing.number).isDirectory {
            if emptyDirectory == nil { emptyDirectory = try newEmptyDirectory() }
            try emptyDirectory?.attach(to: existing)
        } else {
            if emptyFile == nil { emptyFile = try newEmptyFile() }
            try emptyFile?.attach(to: existing)
        }
    }

    private func newEmptyDirectory() throws(SystemError) -> Cover {
        let name = RootFilesystem.emptyName
        try check("make an empty directory") { mkdirat(root.descriptor.number, name, 0) }
        let empty = try Mount(
            copyOf: Files.open(name, cl_O_PATH | O_NOFOLLOW, at: root.descriptor.number))
        try empty.restrict([.readOnly, .noSetUserID, .noDevices, .noExecute], withAllBelow: false)
        return Cover(empty)
    }

    private func newEmptyFile() throws(SystemError) -> Cover {
        let null = try Mount(copyOf: "/dev/null")
        try null.restrict([.readOnly, .noSetUserID, .noExecute], withAllBelow: true)
        return Cover(null)
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
        /// Whether the directory is in memory of ours.
        var isOurs: Bool
    }

    /// Where a mount goes, made if it is not there yet and lies in memory of ours.
    func target(_ path: String, as kind: TargetKind) throws(SystemError) -> OwnedDescriptor {
        let place = try place(of: path)
        // One that is there comes with a root of the plan's own.
        if place.isOurs, Files.linkTarget(place.name, at: place.parent.number) != nil { try clear(place, path) }
        let last = try step(place.name, in: place.parent.number, of: path, making: place.isOurs ? kind : nil)
        return last.next
    }

    /// Where `path` is or will be: every directory above it is made where needed and allowed. In what the agent may
    /// write each is pinned, as for protected paths: it could else move what is mounted there out of the way, together
    /// with the directory, and find it bare in its next jail.
    func place(of path: String) throws(SystemError) -> Place {
        var components = path.split(separator: "/").map(String.init)
        guard let last = components.popLast() else { throw SystemError("replace", "/", errno: EINVAL) }
        var place = Place(
            parent: try Files.open(".", cl_O_PATH | O_DIRECTORY, at: root.descriptor.number), name: last, isOurs: true)
        var walked: [String] = []
        for component in components {
            let isExposed = place.isOurs ? false : try isExposed(place.parent.number)
            let step = try step(component, in: place.parent.number, of: path, making: place.isOurs ? .directory : nil)
            let isOurs = step.isOurs
            walked.append(component)
            place = Place(parent: try pinned(step.next, walked, if: isExposed), name: last, isOurs: isOurs)
        }
        return place
    }

    /// Takes away a file or link in memory that is ours, so that another can be made in its place.
    func clear(_ place: borrowing Place, _ path: String) throws(SystemError) {
        if unlinkat(place.parent.number, place.name, 0) != 0, errno != ENOENT {
            throw SystemError("replace", path, errno: errno)
        }
    }

    struct Step: ~Copyable {
        let next: OwnedDescriptor
        /// Whether it is in memory of ours.
        let isOurs: Bool
    }

    /// What `component` is in a directory: made if it is not there and may be made, and never a link.
    func step(
        _ component: String, in directory: Int32, of path: String, making kind: TargetKind?
    ) throws(SystemError) -> Step {
        let next = try open(component, in: directory, of: path, making: kind)
        let status = try Files.status(next.number)
        if status.isSymbolicLink { throw SystemError("reach", path, errno: ELOOP) }
        return Step(next: next, isOurs: ours.contains(status.st_dev))
    }

    private func open(
        _ component: String, in directory: Int32, of path: String, making kind: TargetKind?
    ) throws(SystemError) -> OwnedDescriptor {
        do {
            return try Files.open(component, cl_O_PATH | O_NOFOLLOW, at: directory)
        } catch  where error.errno == ENOENT {
            switch kind {
            case .directory: try check("make the directory", path) { mkdirat(directory, component, 0o755) }
            case .file: _ = try Files.open(component, O_RDONLY | O_CREAT | O_EXCL, mode: 0o644, at: directory)
            case nil: throw SystemError("reach", path, errno: EXDEV)
            }
        }
        return try Files.open(component, cl_O_PATH | O_NOFOLLOW, at: directory)
    }

    /// What is at `path` in the unfinished jail, itself if it is a link; links on the way to it are not followed.
    func existing(_ path: String) throws(SystemError) -> OwnedDescriptor? {
        do {
            return try Files.open(
                String(path.drop { $0 == "/" }), cl_O_PATH | O_NOFOLLOW,
                resolve: cl_RESOLVE_NO_SYMLINKS | cl_RESOLVE_BENEATH, at: root.descriptor.number)
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
            return nil
        }
    }

    func isOurs(_ descriptor: Int32) -> Bool {
        guard let status = try? Files.status(descriptor) else { return false }
        return ours.contains(status.st_dev)
    }
}
