// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import JailPlan
import Linux

/// A path that the agent may read and neither write, replace nor make, in something that it may write otherwise.
struct Protection {
    /// Absolute, inside the jail.
    var path: String
    /// What to put there when it is missing; nil leaves it missing.
    var placeholder: Placeholders.Kind?
    var origin: String?

    /// With what does no harm where a path of its name is missing.
    init(path: String, origin: String? = nil) {
        let isGits = [".git/config", ".git/config.worktree"].contains { path.hasSuffix("/" + $0) }
        self.init(path: path, placeholder: isGits ? .file(content: "") : .directory, origin: origin)
    }

    init(path: String, placeholder: Placeholders.Kind?, origin: String? = nil) {
        self.path = path
        self.placeholder = placeholder
        self.origin = origin
    }
}

/// How paths are protected: each is mounted read-only on itself, and so is every directory on the way to it, writable,
/// because nobody can rename or remove what something is mounted on (EBUSY): else `mv .git x; mkdir -p .git/hooks`
/// would do.
///
/// What lies in the jail's own memory ends with the jail, and is left alone.
extension RootFilesystem {
    mutating func protectPaths() throws(JailFailure) {
        let asked = plan.filesystem.filter { $0.kind == .protected }
        guard !asked.isEmpty else { return }
        guard let placeholders = sources.placeholders else {
            throw JailFailure(stage: "mount.protected", action: "nobody is there to remove placeholders")
        }
        try stage("mount.protected") { () throws(SystemError) in try placeholders.announceJail() }
        let paths = Set(asked.map(\.target))
        for entry in asked { try protect(.init(path: entry.target, origin: entry.origin), placeholders) }
        let isRoots = (plan.identity.outside?.uid ?? plan.identity.uid) == 0
        for repository in GitRepository.all(
            under: paths, home: plan.identity.home, isRoots: isRoots)
        {
            var found: [Protection] = []
            do throws(SystemError) {
                found = try repository.protections(in: root.descriptor.number, sources.git)
            } catch {
                try goWithout(error, repository.directory, nil)
            }
            for protection in found { try protect(protection, placeholders) }
        }
    }

    private func protect(_ protection: Protection, _ placeholders: Placeholders) throws(JailFailure) {
        do throws(SystemError) {
            try pin(protection, placeholders)
            // A hook may well be a link to a script that is kept in the work tree.
            for name in try links(in: protection.path) {
                try pin(.init(path: "\(protection.path)/\(name)"), placeholders)
            }
        } catch {
            try goWithout(error, protection.path, protection.origin)
        }
    }

    /// The symbolic links in a directory; none in what is none. More names than any directory of this kind has are an
    /// error (E2BIG).
    private func links(in path: String) throws(SystemError) -> [String] {
        guard
            let directory = try? Files.open(
                String(path.drop { $0 == "/" }), O_RDONLY | O_DIRECTORY,
                resolve: cl_RESOLVE_IN_ROOT | cl_RESOLVE_NO_MAGICLINKS, at: root.descriptor.number)
        else { return [] }
        return try Files.names(in: ".", at: directory.number, limit: 2000).filter { name in
            var status = stat()
            return fstatat(directory.number, name, &status, Int32(AT_SYMLINK_NOFOLLOW)) == 0 && status.isSymbolicLink
        }
    }

    private func goWithout(_ error: SystemError, _ path: String, _ origin: String?) throws(JailFailure) {
        let origin = origin.map { "\($0) names it; " } ?? ""
        let hint =
            switch error.errno {
            case ELOOP: "\(origin)too many symbolic links, or one that this kernel cannot mount on, stand in the way"
            case ESTALE: "\(origin)something else changed the workspace while the jail was built; start it again"
            case EACCES, EROFS, ENOSPC, EDQUOT:
                "\(origin)what is missing there is kept from being made by an empty directory, which could not be made"
            default: "\(origin)it could not be kept from being changed"
            }
        var failure = JailFailure(stage: "mount.protected", error, hint: hint)
        failure.action = "cannot protect \(SystemError.visible(path)): \(failure.action)"
        try Degradation.goWithout("protect", plan, because: failure)
    }
}

// MARK: - One path

extension RootFilesystem {
    /// More symbolic links than this on the way to a path are a loop.
    private static let maximumLinks = 16

    /// Walks to the path and pins it behind itself.
    ///
    /// A symbolic link on the way is pinned itself, and the walk goes on where it leads to inside the jail: what the
    /// host's programs will find there is what has to stay as it is.
    fileprivate func pin(_ protection: Protection, _ placeholders: Placeholders) throws(SystemError) {
        var walked: [String] = []
        var rest = protection.path.split(separator: "/").map(String.init)[...]
        var directory = try open(walked)
        var links = 0
        while let name = rest.popFirst() {
            if name == "." { continue }
            if name == ".." {
                _ = walked.popLast()
                directory = try open(walked)
                continue
            }
            let isExposed = try isExposed(directory.number)
            guard let found = try entry(name, in: directory.number) else {
                guard isExposed, let kind = protection.placeholder else { return }
                do {
                    let placeholder = try placeholders.make(kind, name, in: directory.number)
                    return try seal(placeholder, walked + [name])
                } catch  where error.errno == EACCES {
                    // Where this process, with all its capabilities, may make nothing, the agent may not either.
                    return
                }
            }
            let status = try Files.status(found.number)
            if status.isSymbolicLink {
                if isExposed, try !Mount.number(of: found.number).isRoot { try seal(found, walked + [name]) }
                links += 1
                guard links <= RootFilesystem.maximumLinks,
                    let destination = Files.linkTarget("", at: found.number)
                else { throw SystemError("follow", name, errno: ELOOP) }
                if destination.hasPrefix("/") { walked = [] }
                directory = try open(walked)
                rest = (destination.split(separator: "/").map(String.init) + rest)[...]
                continue
            }
            walked.append(name)
            let isChangeable = try self.isExposed(found.number)
            if isExposed, isChangeable, Placeholders.isOne(found.number) {
                // Another jail's, or one that was left behind: as good for whatever would lie in it.
                let placeholder = try placeholders.make(.directory, name, in: directory.number)
                return try seal(placeholder, walked)
            }
            if rest.isEmpty || !status.isDirectory {
                if isChangeable { try seal(found, walked) }
                return
            }
            directory = try pinned(found, walked, if: isExposed)
        }
    }

    /// Whether the agent could change something in what is open here that outlives the jail.
    func isExposed(_ file: Int32) throws(SystemError) -> Bool {
        guard !isOurs(file) else { return false }
        return try !Mount.isReadOnly(file)
    }

    private func entry(_ name: String, in directory: Int32) throws(SystemError) -> OwnedDescriptor? {
        do {
            return try Files.open(name, cl_O_PATH | O_NOFOLLOW, at: directory)
        } catch  where error.errno == ENOENT {
            return nil
        }
    }

    private func open(_ components: [String]) throws(SystemError) -> OwnedDescriptor {
        guard !components.isEmpty else {
            return try Files.open(".", cl_O_PATH | O_DIRECTORY, at: root.descriptor.number)
        }
        guard let opened = try existing("/" + components.joined(separator: "/")) else {
            throw SystemError("find", "/" + components.joined(separator: "/"), errno: ESTALE)
        }
        return opened
    }

    /// Read-only, with all below it.
    private func seal(_ found: borrowing OwnedDescriptor, _ path: [String]) throws(SystemError) {
        let mount = try Mount(copyOf: found)
        try mount.restrict(.readOnly, withAllBelow: true)
        try attach(mount, to: found, path)
    }

    /// A mount point, as writable as it was. Returns what is mounted there, in which the walk goes on.
    func pinned(
        _ found: consuming OwnedDescriptor, _ path: [String], if isExposed: Bool
    ) throws(SystemError) -> OwnedDescriptor {
        guard isExposed, try !Mount.number(of: found.number).isRoot else { return found }
        let mount = try Mount(copyOf: found)
        try attach(mount, to: found, path)
        return mount.release()
    }

    /// Someone outside can have moved it away between our look and the mount: so we look again.
    private func attach(
        _ mount: borrowing Mount, to found: borrowing OwnedDescriptor, _ path: [String]
    ) throws(SystemError) {
        try mount.attach(to: found)
        let present = try open(path)
        guard try Mount.number(of: present.number) == Mount.number(of: mount.descriptor.number) else {
            throw SystemError("pin", "/" + path.joined(separator: "/"), errno: ESTALE)
        }
    }
}
