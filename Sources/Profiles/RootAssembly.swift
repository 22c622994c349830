// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// Collects what stands in a jail's root, and puts it in order.
struct RootAssembly {
    let setting: PlanSetting
    /// In bytes, of each directory in memory.
    let tmpSize: UInt64
    /// What the request allows a directory with a size of its own.
    let tmpLimit: UInt64?

    /// By target: each with a strength, of which the greater wins, and of two equals the later. 0 is something empty or
    /// made up, 1 is read-only, 2 writable or the profile's own, 3 the launcher's own or what spares the host's.
    private var entries: [String: (strength: Int, entry: FilesystemEntry)] = [:]
    private var protected: [String: FilesystemEntry] = [:]
    private var hidden: [String: FilesystemEntry] = [:]

    init(setting: PlanSetting, tmpSize: UInt64, tmpLimit: UInt64?) {
        self.setting = setting
        self.tmpSize = tmpSize
        self.tmpLimit = tmpLimit
    }

    /// Parents before children, so that nothing covers what was put there before; the hidden last of all.
    var ordered: [FilesystemEntry] {
        func sorted(_ entries: some Sequence<FilesystemEntry>) -> [FilesystemEntry] {
            entries.sorted { JailPath.precedes($0.target, $1.target) }
        }
        return sorted(entries.values.map(\.entry)) + sorted(protected.values) + sorted(hidden.values)
    }

    /// The workspace, else the home if the jail has one.
    var workingDirectory: String {
        let hasHome = entries.keys.contains { $0 != "/" && JailPath.contains($0, setting.home) }
        return setting.workspace ?? (hasHome ? setting.home : "/")
    }

    mutating func add(_ rule: FilesystemRule) throws(PlanError) {
        if rule.optional, !setting.canExpand(rule.path) { return }
        let target = try setting.target(of: rule.path, normal: rule.kind.normal)
        let origin = rule.path.position.origin
        switch rule.kind {
        case .hidden:
            hidden[target] = FilesystemEntry(target: target, kind: .hidden, origin: origin)
        case .private:
            // Other programs expect theirs to be writable for everybody (hier(7)).
            let mode: UInt32 = rule.mode ?? (["/tmp", "/var/tmp"].contains(target) ? 0o1777 : 0o700)
            put(
                .init(
                    target: target, kind: .tmpfs(size: size(rule), mode: mode, executable: rule.executable),
                    origin: origin), strength: 0)
        case .copyOnWrite:
            put(
                .init(
                    target: target,
                    kind: .copyOnWrite(
                        source: try setting.source(of: rule.source ?? rule.path), size: size(rule),
                        executable: rule.executable, optional: rule.optional), origin: origin), strength: 3)
        case .readOnly, .writable:
            var source = target
            if let other = rule.source { source = try setting.source(of: other) }
            bind(
                .init(
                    source: .path(source), writable: rule.kind == .writable, optional: rule.optional,
                    executable: rule.executable, create: rule.create), at: target, origin: origin)
        }
    }

    private func size(_ rule: FilesystemRule) -> UInt64 { rule.size.map { min($0, tmpLimit ?? $0) } ?? tmpSize }

    mutating func add(_ file: ProfileFile) throws(PlanError) {
        let kind: FilesystemEntry.Kind =
            switch file.content {
            case .text(let text): .file(content: text, mode: file.mode)
            case .copy(of: let source): .copy(source: try setting.source(of: source), mode: file.mode)
            }
        put(
            .init(target: try setting.target(of: file.path), kind: kind, origin: file.path.position.origin),
            strength: 2)
    }

    mutating func addLink(_ path: Template, to destination: Template) throws(PlanError) {
        put(
            .init(
                target: try setting.target(of: path), kind: .symlink(destination: try setting.expand(destination)),
                origin: path.position.origin), strength: 2)
    }

    mutating func addCredential(_ name: String, from source: Template) throws(PlanError) {
        put(
            .init(
                target: "\(Credentials.directory)/\(name)",
                kind: .copy(source: try setting.source(of: source), mode: 0o400), origin: source.position.origin),
            strength: 3)
    }

    mutating func addSystem(_ view: Located<FilesystemSection.SystemView>) {
        guard view.value == .readOnly else { return }
        put(.init(target: "/sys", kind: .sysfs, origin: view.position.origin), strength: 0)
    }

    mutating func addWorkspace(
        _ mode: WorkspaceMode, changes: FilesystemEntry.Source?, protect: [String]
    ) throws(PlanError) {
        guard let workspace = setting.workspace else { return }
        guard mode == .overlay else {
            bind(.init(source: .path(workspace), writable: true), at: workspace, origin: "workspace")
            return
        }
        guard let changes else {
            throw PlanError(
                .request("changes"),
                "the profile keeps the changes to the workspace apart, and there is no directory for them; "
                    + "name one with --changes")
        }
        put(
            .init(
                target: workspace, kind: .overlay(lower: workspace, changes: changes, protect: protect),
                origin: "workspace"), strength: 2)
    }

    /// Protects paths of the host's wherever the jail could write to them, however they are called there.
    mutating func protect(_ paths: [ProtectedPath]) throws(PlanError) {
        let shown = ShownPaths(entries.values.map(\.entry))
        for path in paths where setting.canExpand(path.path) {
            let source = try setting.source(of: path.path)
            for place in shown.places(of: source) + shown.parts(of: source) where place.isWritable {
                if place.entry.origin == "workspace", place.path == setting.workspace {
                    throw PlanError(
                        .request("workspace"),
                        "the workspace \(place.path) lies in \(source), which is protected "
                            + "(\(path.path.position.origin)): programs of the host's execute or obey what is in it")
                }
                protected[place.path] = FilesystemEntry(
                    target: place.path, kind: .protected, origin: path.path.position.origin)
            }
        }
    }

    /// Of protected paths those in the workspace, relative to it: for whoever takes an overlay's changes over.
    func namesInWorkspace(_ paths: [ProtectedPath]) throws(PlanError) -> [String] {
        guard let workspace = setting.workspace else { return [] }
        let real = HostFile.resolvedAsFarAsPossible(workspace)
        var names: Set<String> = []
        for path in paths where setting.canExpand(path.path) {
            let source = try setting.source(of: path.path)
            for (root, place) in [(workspace, source), (real, HostFile.resolvedAsFarAsPossible(source))]
            where place != root && JailPath.contains(root, place) {
                names.insert(String(place.dropFirst(root.count + 1)))
            }
        }
        return names.sorted()
    }

    /// Covers what is hidden wherever else the jail shows it, under whatever name.
    mutating func hideEverywhere() {
        let shown = ShownPaths(entries.values.map(\.entry))
        for (target, entry) in hidden {
            for source in [target] + shown.sources(of: target) {
                for place in shown.places(of: source) where hidden[place.path] == nil {
                    hidden[place.path] = FilesystemEntry(target: place.path, kind: .hidden, origin: entry.origin)
                }
            }
        }
    }

    /// The launcher's program and directories.
    mutating func add(_ parts: LaunchParts) throws(PlanError) {
        if let program = parts.program {
            bind(
                .init(source: .path(program.package)), at: program.package, origin: program.position.origin)
        }
        for (number, template) in parts.ownDirectories.enumerated() {
            put(
                .init(
                    target: try setting.target(of: template),
                    kind: .bind(.init(source: .agentDirectory("own/\(number)"), writable: true, optional: false)),
                    origin: template.position.origin), strength: 3)
        }
        for file in parts.files {
            put(
                .init(
                    target: file.path, kind: .file(content: file.content, mode: file.mode),
                    origin: file.position.origin), strength: 3)
        }
    }

    mutating func hide(_ path: String) throws(PlanError) {
        switch JailPath.target(path) {
        case .success(let target): hidden[target] = FilesystemEntry(target: target, kind: .hidden, origin: "supervisor")
        case .failure(let fault): throw PlanError(.request("hidden"), fault.message)
        }
    }

    /// The files that make a jail a machine, but for those that the profile brings, itself or with all of `/etc`.
    mutating func addGenerated(_ files: GeneratedFiles) {
        for (path, content) in files.contents where !isBound(path) {
            put(.init(target: path, kind: .file(content: content, mode: 0o644), origin: "generated"), strength: 0)
        }
        let hasRoot = entries["/"] != nil
        for (path, content) in files.databases where !isBound(path) {
            let kind: FilesystemEntry.Kind =
                hasRoot ? .prefixed(content: content, mode: 0o644) : .file(content: content, mode: 0o644)
            put(.init(target: path, kind: kind, origin: "generated"), strength: 0)
        }
        let resolver = "/etc/resolv.conf"
        if files.network == .host, !isBound(resolver) {
            bind(.init(source: .path(resolver), optional: true), at: resolver, origin: "network")
        }
    }

    private func isBound(_ path: String) -> Bool {
        entries.contains { target, element in
            switch element.entry.kind {
            case .bind, .overlay: JailPath.contains(target, path)
            // A root of its own has an /etc of somebody else's.
            case .copyOnWrite: target != "/" && JailPath.contains(target, path)
            default: target == path
            }
        }
    }

    private mutating func bind(_ bind: FilesystemEntry.Bind, at path: String, origin: String) {
        put(.init(target: path, kind: .bind(bind), origin: origin), strength: bind.writable ? 2 : 1)
    }

    private mutating func put(_ entry: FilesystemEntry, strength: Int) {
        if let present = entries[entry.target], present.strength > strength { return }
        entries[entry.target] = (strength, entry)
    }
}
