// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// What the host's own files of git's configuration say of where git finds what it runs, with all files that they
/// include. What cannot be read says nothing to git either.
package struct GitConfiguration {
    /// As written: relative ones are meant from the top of each work tree (git-config(1), core.hooksPath).
    package private(set) var hooksPaths: [String] = []
    /// Files that others include, absolute.
    package private(set) var included: [String] = []

    private let home: String?
    private var count = 0

    /// Of an agent's making there is nothing among them, but their owner may have been careless.
    private static let mostFiles = 100
    private static let maximumFileSize = 1 << 20

    /// The machine's and the owner's.
    package init(ofOwnerAt home: String?) {
        self.home = home
        add("/etc/gitconfig")
        guard let home else { return }
        add(home + "/.gitconfig")
        add(home + "/.config/git/config")
    }

    /// A repository's besides, by the top of its work tree.
    package mutating func add(repositoryAt workTree: String) {
        var directory = workTree + "/.git"
        if let text = GitConfiguration.text(of: directory), text.hasPrefix("gitdir:") {
            directory = GitConfiguration.absolute(text.dropFirst(7).trimmed, from: workTree, home: home)
        }
        add(directory + "/config")
        add(directory + "/config.worktree")
        guard let common = GitConfiguration.text(of: directory + "/commondir") else { return }
        add(GitConfiguration.absolute(common[...].trimmed, from: directory, home: home) + "/config")
    }

    private mutating func add(_ path: String) {
        count += 1
        guard count <= GitConfiguration.mostFiles, let text = GitConfiguration.text(of: path) else { return }
        let settings = GitSettings(text)
        hooksPaths += settings.hooksPaths
        let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        for include in settings.includes {
            let file = GitConfiguration.absolute(include, from: directory, home: home)
            if included.contains(file) { continue }
            included.append(file)
            add(file)
        }
    }

    private static func text(of path: String) -> String? {
        guard let file = try? Files.open(path, Files.pathOnly),
            let bytes = try? Files.readRegular(file, named: path, limit: maximumFileSize)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A path of a configuration file's, without "." and "..", as far as text can say.
    package static func absolute(_ path: String, from directory: String, home: String?) -> String {
        var whole = path
        if path.hasPrefix("~/"), let home {
            whole = home + path.dropFirst()
        } else if !path.hasPrefix("/") {
            whole = "\(directory)/\(path)"
        }
        var names: [Substring] = []
        for name in whole.split(separator: "/") where name != "." {
            if name == ".." { _ = names.popLast() } else { names.append(name) }
        }
        return "/" + names.joined(separator: "/")
    }
}

extension Substring {
    fileprivate var trimmed: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
