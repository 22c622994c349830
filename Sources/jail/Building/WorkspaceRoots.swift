// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import JailPlan
import Linux

/// Where the operator lets workspaces be. Held against what was opened, with the owner's rights, and not against a path:
/// links in the way to either are followed first, and nothing that is put in a path's place later counts.
struct WorkspaceRoots {
    private let path: String
    /// As the kernel names them, links resolved.
    private let roots: [String]

    /// The name of this step in failures, which the daemon knows.
    static let stageName = JailPlan.WorkspaceBounds.stage

    /// Nil where there are no bounds. To be called with the owner's rights.
    ///
    /// - Parameter owner: the owner's number as this process's user namespace has it.
    init?(_ bounds: JailPlan.WorkspaceBounds?, owner: UInt32) {
        guard let bounds else { return nil }
        path = bounds.path
        // One that is not there, or that the owner may not reach, cannot be above anything that he can.
        roots = bounds.roots.compactMap { Self.resolved($0, owner: owner) }
    }

    /// The directory that the operator meant. Links count as far as only others can put them there: once a directory was
    /// passed that is the owner's, or that he may write to, one would lead wherever he likes. (Whose a link itself is says
    /// nothing: with subordinate ids he makes some that are not his.)
    private static func resolved(_ root: String, owner: UInt32) -> String? {
        do {
            return try walked(root, owner: owner)
        } catch {
            return nil
        }
    }

    private static func walked(_ root: String, owner: UInt32) throws(SystemError) -> String? {
        var rest = root.split(separator: "/").map(String.init)[...]
        var here = try Files.open("/", cl_O_PATH | O_DIRECTORY)
        var isHis = false
        // As many links as the kernel follows (path_resolution(7)).
        var links = 40
        while let name = rest.popFirst() {
            if name == "." { continue }
            let step = try Files.open(name, cl_O_PATH | O_NOFOLLOW, at: here.number)
            let found = try Files.status(step.number)
            let isLink = found.st_mode & S_IFMT == S_IFLNK
            let isReplaceable = try isReplaceable(found, isLink, in: here.number, by: owner)
            isHis = isHis || isReplaceable
            guard isLink else {
                here = step
                continue
            }
            guard !isHis, links > 0, let target = Files.linkTarget("", at: step.number) else { return nil }
            links -= 1
            if target.hasPrefix("/") { here = try Files.open("/", cl_O_PATH | O_DIRECTORY) }
            rest = target.split(separator: "/").map(String.init) + rest
        }
        return Files.linkTarget("/proc/self/fd/\(here.number)")
    }

    /// Whether the owner can have put there what was found in a directory.
    private static func isReplaceable(
        _ found: stat, _ isLink: Bool, in directory: Int32, by owner: UInt32
    ) throws(SystemError) -> Bool {
        let home = try Files.status(directory)
        if home.st_uid == owner { return true }
        guard faccessat(directory, ".", W_OK, AT_EACCESS) == 0 else { return false }
        // As in /tmp, where nobody can take away what is another's; of links there is no telling whose they are.
        return home.st_mode & S_ISVTX == 0 || isLink || found.st_uid == owner
    }

    /// - Parameter entry: what `taken` was opened for; only the workspace and what is in it have to be within bounds.
    func check(_ taken: HostSources.Taken, for entry: FilesystemEntry) throws(JailFailure) {
        // What stands beside it under a name that begins with its own was named after it.
        guard let source = entry.hostPath, source.hasPrefix(path) else { return }
        let place: String
        switch taken {
        case .tree(let tree): place = tree.path
        case .layers(let lower, _): place = lower.path
        case .bytes, .nothing: return
        }
        guard !roots.contains(where: { place == $0 || $0 == "/" || place.hasPrefix($0 + "/") }) else { return }
        throw JailFailure(
            stage: Self.stageName,
            action:
                "the workspace \(source)\(place == source ? "" : " (\(place))") lies outside of the directories where the "
                + "operator lets agents of this user work",
            hint: roots.isEmpty ? "there is none that this user can reach" : "they are \(roots.joined(separator: ", "))"
        )
    }
}

extension FilesystemEntry {
    /// What of the host's the jail is shown here, by path.
    fileprivate var hostPath: String? {
        switch kind {
        case .bind(let bind):
            if case .path(let path) = bind.source { path } else { nil }
        case .overlay(let lower, _, _): lower
        case .copyOnWrite(let source, _, _, _): source
        default: nil
        }
    }
}
