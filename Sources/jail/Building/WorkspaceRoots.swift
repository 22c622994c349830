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

    /// The directory that the operator meant: links of the owner's own in the way to it would lead wherever he likes.
    private static func resolved(_ root: String, owner: UInt32) -> String? {
        var rest = root.split(separator: "/").map(String.init)[...]
        var place = ""
        // As many links as the kernel follows (path_resolution(7)).
        var links = 40
        while let name = rest.popFirst() {
            guard let step = try? Files.open("\(place)/\(name)", cl_O_PATH | O_NOFOLLOW),
                let status = try? Files.status(step.number)
            else { return nil }
            guard status.st_mode & S_IFMT == S_IFLNK else {
                place += "/\(name)"
                continue
            }
            guard status.st_uid != owner, links > 0, let target = Files.linkTarget("\(place)/\(name)") else { return nil }
            links -= 1
            if target.hasPrefix("/") { place = "" }
            rest = target.split(separator: "/").map(String.init) + rest
        }
        guard let directory = try? Files.open(place.isEmpty ? "/" : place, cl_O_PATH | O_DIRECTORY) else { return nil }
        return Files.linkTarget("/proc/self/fd/\(directory.number)")
    }

    /// - Parameter entry: what `taken` was opened for; only the workspace and what is in it have to be within bounds.
    func check(_ taken: HostSources.Taken, for entry: FilesystemEntry) throws(JailFailure) {
        guard let source = entry.hostPath, source == path || source.hasPrefix(path + "/") else { return }
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
