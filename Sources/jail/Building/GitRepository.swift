// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import Linux
import WorkspaceChanges

/// What else has to be protected where `.git/hooks` or `.git/config` is, because git runs what stands there or is sent
/// elsewhere by it: the same of submodules and linked worktrees, and files that redirect.
///
/// Everything that is read here was in an agent's reach: it is bounded, and more than that is an error. The work tree
/// is never walked. What this cannot do: a repository that the agent makes itself, in a directory of its own, has a
/// configuration of the agent's, and git runs what it says for whoever works in there.
struct GitRepository {
    /// The repository's `.git`, inside the jail.
    let directory: String
    private let home: String?
    private let isRoots: Bool

    /// Directories looked at below `modules`, and submodules named: more are no repository, or a trap.
    private static let maximumCount = 2000
    private static let maximumDepth = 32
    private static let maximumFileSize = 1 << 20

    /// The repositories that these protected paths are about.
    ///
    /// - Parameter isRoots: whether whoever uses them later is root, whom no mode keeps out.
    static func all(under paths: Set<String>, home: String?, isRoots: Bool) -> [GitRepository] {
        var directories: Set<String> = []
        for path in paths {
            for name in ["/hooks", "/config"] where path.hasSuffix("/.git" + name) {
                directories.insert(String(path.dropLast(name.count)))
            }
        }
        return directories.sorted().map { GitRepository(directory: $0, home: home, isRoots: isRoots) }
    }

    private var workTree: String { String(directory.dropLast("/.git".count)) }

    /// - Parameters:
    ///   - root: the jail's root, in which all paths are looked up.
    ///   - owners: what the owner's git obeys wherever it runs.
    func protections(in root: Int32, _ owners: GitConfiguration?) throws(SystemError) -> [Protection] {
        var search = Search(root: root, home: home)
        try search.add(repository: directory, workTree: workTree)
        try search.keepFromBeingBare(workTree, isRoots: isRoots)
        try search.add(submodulesOf: workTree, depth: 0)
        for hooks in owners?.hooksPaths ?? [] {
            search.found.append(.init(path: GitConfiguration.absolute(hooks, from: workTree, home: home)))
        }
        for file in owners?.included ?? [] { search.found.append(.init(path: file, placeholder: .file(content: ""))) }
        return search.found
    }

    private struct Search {
        let root: Int32
        let home: String?
        var found: [Protection] = []
        private var visited = 0

        init(root: Int32, home: String?) {
            self.root = root
            self.home = home
        }

        // MARK: - Repositories

        /// A work tree's `.git`: a directory, or a file that says where it is.
        mutating func add(gitOf workTree: String) throws(SystemError) {
            let git = workTree + "/.git"
            guard exists(git) else { return }
            try add(repository: git, workTree: workTree)
        }

        mutating func add(repository git: String, workTree: String) throws(SystemError) {
            guard let reference = try read(git) else { return try add(directory: git, workTree: workTree, depth: 0) }
            found.append(.init(path: git, placeholder: nil))
            guard let path = value(of: "gitdir:", in: reference) else { return }
            let elsewhere = absolute(path, from: workTree)
            try add(directory: elsewhere, workTree: workTree, depth: 0)
            // A linked worktree's: hooks and configuration are in the repository that it belongs to.
            guard let common = try read(elsewhere + "/commondir") else { return }
            try add(
                directory: absolute(common.trimmed, from: elsewhere), workTree: workTree, depth: 0)
        }

        /// Without a sound `.git` in it, which is the agent's to spoil, git takes a directory itself for a repository if
        /// it has HEAD, objects and refs (is_git_directory in its setup.c). So one of them is kept from being made, by
        /// something that git itself finds no use in. HEAD comes last: `git diff HEAD` would not know what is meant.
        mutating func keepFromBeingBare(_ workTree: String, isRoots: Bool) throws(SystemError) {
            let missing = ["refs", "objects", "HEAD"].first { name in
                guard let found = open("\(workTree)/\(name)", cl_O_PATH) else { return true }
                return Placeholders.isOne(found.number)
            }
            guard let missing else {
                return try add(directory: workTree, workTree: workTree, depth: 0)
            }
            found.append(.init(path: "\(workTree)/\(missing)", placeholder: .closedDirectory))
            // To root every directory is open. But this one is an error to git, if all the rest is there.
            if isRoots { found.append(.init(path: workTree + "/commondir")) }
        }

        private mutating func add(directory git: String, workTree: String, depth: Int) throws(SystemError) {
            guard exists(git) else { return }
            // An empty file is what git takes for a configuration with nothing in it; of a directory it would complain.
            found.append(.init(path: git + "/config", placeholder: .file(content: "")))
            found.append(.init(path: git + "/hooks"))
            // Sends git elsewhere for both. One that leads back here changes nothing.
            found.append(.init(path: git + "/commondir", placeholder: .file(content: ".\n")))
            var settings = GitSettings()
            try add(settings: git + "/config", workTree: workTree, depth: 0, to: &settings)
            // Whether git reads it now is for the file above to say, which cannot be changed; it might at the host's word.
            try add(settings: git + "/config.worktree", workTree: workTree, depth: 0, to: &settings)
            let perWorktree = Protection(
                path: git + "/config.worktree",
                placeholder: settings.hasWorktreeSettings ? .file(content: "") : nil)
            found.append(perWorktree)
            for name in try names(in: git + "/worktrees") {
                let worktree = "\(git)/worktrees/\(name)"
                for file in ["commondir", "gitdir"] {
                    found.append(.init(path: "\(worktree)/\(file)", placeholder: nil))
                }
                // The other end of it: a file that says where the repository is.
                if let end = try read(worktree + "/gitdir")?.trimmed, end.hasSuffix("/.git") {
                    let tree = absolute(end, from: worktree)
                    found.append(.init(path: tree, placeholder: nil))
                    try add(
                        settings: worktree + "/config.worktree", workTree: String(tree.dropLast("/.git".count)),
                        depth: 0, to: &settings)
                }
                found.append(.init(path: worktree + "/config.worktree", placeholder: perWorktree.placeholder))
            }
            try add(modules: git + "/modules", depth: depth + 1)
        }

        /// Submodules' repositories, at any depth, because their names may have slashes.
        private mutating func add(modules: String, depth: Int) throws(SystemError) {
            guard depth <= maximumDepth else { throw SystemError("find the submodules in", modules, errno: E2BIG) }
            for name in try names(in: modules) {
                let path = "\(modules)/\(name)"
                // Any of them: what an agent has taken away it can put back the next time.
                guard GitSettings.ownNames.contains(where: { exists("\(path)/\($0)") }) else {
                    try add(modules: path, depth: depth + 1)
                    continue
                }
                try add(directory: path, workTree: path, depth: depth)
                // Another one may lie in it, should the agent have made this only look like one.
                for name in try names(in: path) where !GitSettings.ownDirectories.contains(name) {
                    try add(modules: "\(path)/\(name)", depth: depth + 1)
                }
            }
        }

        /// The settings of a file and of those that it includes, which are as good as it.
        private mutating func add(
            settings path: String, workTree: String, depth: Int, to settings: inout GitSettings
        ) throws(SystemError) {
            guard depth < 10 else { return }
            guard let text = try read(path) else { return }
            let own = GitSettings(text)
            settings.hasWorktreeSettings = settings.hasWorktreeSettings || own.hasWorktreeSettings
            for hooks in own.hooksPaths { found.append(.init(path: absolute(hooks, from: workTree))) }
            let directory = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
            for include in own.includes {
                let included = absolute(include, from: directory)
                found.append(.init(path: included, placeholder: .file(content: "")))
                try add(settings: included, workTree: workTree, depth: depth + 1, to: &settings)
            }
        }

        /// The submodules that `.gitmodules` names, and theirs.
        mutating func add(submodulesOf workTree: String, depth: Int) throws(SystemError) {
            let paths = try submodules(of: workTree)
            guard depth <= maximumDepth || paths.isEmpty else {
                throw SystemError("find the submodules of", workTree, errno: E2BIG)
            }
            for path in paths {
                visited += 1
                guard visited <= maximumCount else {
                    throw SystemError("protect the submodules of", workTree, errno: E2BIG)
                }
                let submodule = "\(workTree)/\(path)"
                try add(gitOf: submodule)
                // Without it the submodules in there would not be found the next time.
                found.append(.init(path: submodule + "/.gitmodules", placeholder: nil))
                try add(submodulesOf: submodule, depth: depth + 1)
            }
        }

        /// The paths that `.gitmodules` names, as far as git would take them.
        private func submodules(of workTree: String) throws(SystemError) -> [String] {
            guard let text = try read(workTree + "/.gitmodules") else { return [] }
            let paths = GitSettings(text).submodules.filter { path in
                !path.hasPrefix("/") && !path.split(separator: "/").contains("..") && !path.isEmpty
            }
            guard paths.count <= maximumCount else {
                throw SystemError("protect the submodules of", workTree, errno: E2BIG)
            }
            return paths
        }

        // MARK: - Looking

        private func absolute(_ path: String, from directory: String) -> String {
            if path.hasPrefix("/") { return path }
            if path.hasPrefix("~/"), let home { return home + path.dropFirst() }
            return "\(directory)/\(path)"
        }

        /// As links lead inside the jail.
        private func open(_ path: String, _ flags: Int32) -> OwnedDescriptor? {
            do throws(SystemError) {
                return try Files.open(
                    path, flags, resolve: cl_RESOLVE_IN_ROOT | cl_RESOLVE_NO_MAGICLINKS, at: root)
            } catch {
                return nil
            }
        }

        private func exists(_ path: String) -> Bool {
            let opened = open(path, cl_O_PATH)
            return opened != nil
        }

        /// nil when it is no regular file or not there.
        private func read(_ path: String) throws(SystemError) -> String? {
            guard let file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY),
                try Files.status(file.number).isRegular
            else { return nil }
            return String(decoding: try Files.readAll(file.number, limit: maximumFileSize), as: UTF8.self)
        }

        /// The directories in a directory.
        private mutating func names(in path: String) throws(SystemError) -> [String] {
            guard let directory = open(path, O_RDONLY | O_DIRECTORY) else { return [] }
            let names: [String]
            do throws(SystemError) {
                names = try Files.names(in: ".", at: directory.number, limit: maximumCount)
            } catch {
                throw SystemError("look through", path, errno: error.errno)
            }
            visited += names.count
            guard visited <= maximumCount else { throw SystemError("look through", path, errno: E2BIG) }
            return names.filter { name in
                var status = stat()
                return fstatat(directory.number, name, &status, Int32(AT_SYMLINK_NOFOLLOW)) == 0 && status.isDirectory
            }
        }

        private func value(of key: String, in text: String) -> String? {
            guard text.hasPrefix(key) else { return nil }
            return String(text.dropFirst(key.count)).trimmed
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
