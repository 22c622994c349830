// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// Collects what stands in a jail's root, and puts it in order.
struct RootAssembly {
    let setting: PlanSetting
    /// In bytes, of each directory in memory.
    let tmpSize: UInt64

    /// By target: each with a strength, of which the greater wins, and of two equals the later. 0 is something empty or
    /// made up, 1 is read-only, 2 writable, 3 the launcher's own.
    private var entries: [String: (strength: Int, entry: FilesystemEntry)] = [:]
    private var hidden: [String: FilesystemEntry] = [:]

    init(setting: PlanSetting, tmpSize: UInt64) {
        self.setting = setting
        self.tmpSize = tmpSize
    }

    /// Parents before children, so that nothing covers what was put there before; the hidden last of all.
    var ordered: [FilesystemEntry] {
        func sorted(_ entries: some Sequence<FilesystemEntry>) -> [FilesystemEntry] {
            entries.sorted { JailPath.precedes($0.target, $1.target) }
        }
        return sorted(entries.values.map(\.entry)) + sorted(hidden.values)
    }

    /// The workspace, else the home if the jail has one.
    var workingDirectory: String {
        setting.workspace ?? (entries.keys.contains { JailPath.contains($0, setting.home) } ? setting.home : "/")
    }

    mutating func add(_ rule: FilesystemRule) throws(PlanError) {
        if rule.optional, !setting.canExpand(rule.path) { return }
        let target = try setting.target(of: rule.path)
        let origin = rule.path.position.origin
        switch rule.kind {
        case .hidden:
            hidden[target] = FilesystemEntry(target: target, kind: .hidden, origin: origin)
        case .private:
            // Other programs expect theirs to be writable for everybody (hier(7)).
            let mode: UInt32 = ["/tmp", "/var/tmp"].contains(target) ? 0o1777 : 0o700
            put(.init(target: target, kind: .tmpfs(size: tmpSize, mode: mode), origin: origin), strength: 0)
        case .readOnly:
            bind(target, writable: false, optional: rule.optional, origin: origin)
        case .writable:
            bind(target, writable: true, optional: rule.optional, origin: origin)
        }
    }

    mutating func addWorkspace() throws(PlanError) {
        guard let workspace = setting.workspace else { return }
        bind(workspace, writable: true, optional: false, origin: "workspace")
    }

    /// The launcher's program and directories.
    mutating func add(_ parts: LaunchParts) throws(PlanError) {
        if let program = parts.program {
            bind(program.package, writable: false, optional: false, origin: program.position.origin)
        }
        for (number, template) in parts.ownDirectories.enumerated() {
            put(
                .init(
                    target: try setting.target(of: template),
                    kind: .bind(source: .agentDirectory("own/\(number)"), writable: true, optional: false),
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
        let resolver = "/etc/resolv.conf"
        if files.network == .host, !isBound(resolver) {
            bind(resolver, writable: false, optional: true, origin: "network")
        }
    }

    private func isBound(_ path: String) -> Bool {
        entries.contains { target, element in
            switch element.entry.kind {
            case .bind: JailPath.contains(target, path)
            default: target == path
            }
        }
    }

    private mutating func bind(_ path: String, writable: Bool, optional: Bool, origin: String) {
        put(
            .init(
                target: path, kind: .bind(source: .path(path), writable: writable, optional: optional), origin: origin),
            strength: writable ? 2 : 1)
    }

    private mutating func put(_ entry: FilesystemEntry, strength: Int) {
        if let present = entries[entry.target], present.strength > strength { return }
        entries[entry.target] = (strength, entry)
    }
}
