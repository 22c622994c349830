// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// Where paths of the host's appear in a jail, if anywhere.
struct ShownPaths {
    /// One of them, with what shows it.
    struct Place {
        /// In the jail.
        var path: String
        var entry: FilesystemEntry
        /// Whether the host's own is written to.
        var isWritable: Bool
    }

    private var views: [(target: String, sources: Set<String>, entry: FilesystemEntry, isWritable: Bool)] = []
    private let targets: [String]
    private let covers: [FilesystemEntry]

    init(_ filesystem: [FilesystemEntry]) {
        covers = filesystem.filter { $0.kind == .hidden || $0.kind == .protected }
        let shown = filesystem.filter { $0.kind != .hidden && $0.kind != .protected }
        targets = shown.map(\.target)
        for entry in shown {
            switch entry.kind {
            case .bind(let bind):
                guard case .path(let source) = bind.source else { continue }
                views.append((entry.target, Self.names(of: source), entry, bind.writable))
            case .overlay(let lower, _, _):
                views.append((entry.target, Self.names(of: lower), entry, false))
            case .copyOnWrite(let source, _, _, _):
                views.append((entry.target, Self.names(of: source), entry, false))
            case .copy(let source, _):
                views.append((entry.target, [source], entry, false))
            default: continue
            }
        }
    }

    /// Also by its name without symbolic links, where this process can see them.
    private static func names(of path: String) -> Set<String> { [path, HostFile.resolvedAsFarAsPossible(path)] }

    /// A path that lies in `directory`, or is it, as it is called where `other` is in that one's place. Either may be
    /// `/`.
    private static func moved(_ path: String, from directory: String, to other: String) -> String {
        let rest = path.dropFirst(directory == "/" ? 0 : directory.count)
        return other == "/" ? (rest.isEmpty ? "/" : String(rest)) : other + (rest == "/" ? "" : rest)
    }

    /// Everywhere that a path of the host's is shown, whether it exists or not.
    func places(of path: String) -> [Place] {
        let names = Self.names(of: path)
        var places: [String: Place] = [:]
        for view in views {
            for source in view.sources {
                for name in names where JailPath.contains(source, name) {
                    let inside = Self.moved(name, from: source, to: view.target)
                    // What covers it there shows something else.
                    guard innermost(holding: inside) == view.target else { continue }
                    places[inside] = Place(path: inside, entry: view.entry, isWritable: view.isWritable)
                }
            }
        }
        return places.values.sorted { $0.path < $1.path }
    }

    /// What is shown of that which lies in a directory of the host's, where that is not shown itself.
    func parts(of path: String) -> [Place] {
        let names = Self.names(of: path)
        return views.filter { view in
            view.sources.contains { source in names.contains { $0 != source && JailPath.contains($0, source) } }
        }.map { Place(path: $0.target, entry: $0.entry, isWritable: $0.isWritable) }
    }

    /// What of the host's is shown at a path of the jail's, by all the names that it has.
    func sources(of path: String) -> [String] {
        guard let target = innermost(holding: path), let view = views.first(where: { $0.target == target }) else {
            return []
        }
        return view.sources.map { Self.moved(path, from: target, to: $0) }.sorted()
    }

    private func innermost(holding path: String) -> String? {
        targets.filter { JailPath.contains($0, path) }.max { $0.utf8.count < $1.utf8.count }
    }

    func isHidden(_ place: Place) -> Bool {
        covers.contains { $0.kind == .hidden && JailPath.contains($0.target, place.path) }
    }

    func isProtected(_ place: Place) -> Bool {
        covers.contains { JailPath.contains($0.target, place.path) }
    }
}
