// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A profile's `filesystem`.
struct FilesystemSection: Sendable {
    var rules: [FilesystemRule] = []
    var files: [ProfileFile] = []
    /// Links and where they lead, both with variables.
    var links: [(path: Template, destination: Template)] = []
    var showsSystem: Located<SystemView>?

    /// Whether there is a `/sys`.
    enum SystemView: String, CaseIterable, Sendable {
        case none
        case readOnly = "read_only"
    }

    static func read(_ mapping: ConfigurationMapping) -> FilesystemSection {
        var section = FilesystemSection()
        section.rules = FilesystemRule.read(mapping)
        section.files = mapping.list("files") { ProfileFile.read($0, in: mapping) } ?? []
        for (path, destination) in (mapping.texts("symlinks") ?? [:]).sorted(by: { $0.key < $1.key }) {
            if destination.value.isEmpty {
                mapping.problem(destination.position, "the link \(path) leads nowhere")
            }
            guard let path = mapping.path(Located(path, destination.position)),
                let destination = Template(destination, allowed: .everywhere, findings: mapping.findings)
            else { continue }
            section.links.append((path, destination))
        }
        section.showsSystem = mapping.choice("sys", of: SystemView.self)
        return section
    }

    func layered(over base: FilesystemSection) -> FilesystemSection {
        // A root has programs, libraries and an /etc that go together.
        let hasRoot = rules.contains { $0.kind == .copyOnWrite && $0.path.literal == "/" }
        let inherited = hasRoot ? base.rules.filter { $0.kind != .readOnly } : base.rules
        return FilesystemSection(
            rules: inherited + rules, files: base.files + files, links: base.links + links,
            showsSystem: showsSystem ?? base.showsSystem)
    }
}

/// One entry of a profile's `filesystem` lists.
struct FilesystemRule: Sendable {
    var kind: Kind
    var path: Template
    /// Where it is on the host, if not at `path`.
    var source: Template?
    /// A path that the host does not have is left out.
    var optional = false
    var executable = true
    var create = false
    /// In bytes; of an empty directory only.
    var size: UInt64?
    var mode: UInt32?

    enum Kind: String, CaseIterable, Sendable {
        /// An empty directory in memory.
        case `private`
        case readOnly = "read_only"
        case writable
        /// The host's as it is, with changes in memory.
        case copyOnWrite = "copy_on_write"
        /// Covered, whatever else gives it.
        case hidden

        /// What a path of this kind has to be.
        func normal(_ path: String) -> Result<String, PathFault> {
            self == .copyOnWrite ? JailPath.targetOrRoot(path) : JailPath.target(path)
        }
    }

    static func read(_ mapping: ConfigurationMapping) -> [FilesystemRule] {
        Kind.allCases.flatMap { kind in
            mapping.list(kind.rawValue) { node in rule(kind, node, in: mapping) } ?? []
        }
    }

    private static func rule(_ kind: Kind, _ node: ConfigurationNode, in mapping: ConfigurationMapping)
        -> FilesystemRule?
    {
        let rule = mapping.either(
            node, "a path or {path: …, optional: true}",
            text: { text in mapping.path(text, normal: kind.normal).map { FilesystemRule(kind: kind, path: $0) } },
            mapping: { Self.rule(kind, $0) })
        if let rule, kind == .copyOnWrite, rule.source == nil, rule.path.literal == "/" {
            mapping.problem(
                rule.path.position, "a root needs a \"source\": {path: /, source: …}, a directory of the host's")
        }
        return rule
    }

    private static func rule(_ kind: Kind, _ entry: ConfigurationMapping) -> FilesystemRule? {
        let path = entry.required("path", "an entry needs a \"path\"").flatMap {
            entry.path($0, normal: kind.normal)
        }
        let optional = entry.boolean("optional")?.value ?? false
        var (source, executable, create): (Template?, Bool, Bool) = (nil, true, false)
        var (size, mode): (UInt64?, UInt32?) = (nil, nil)
        switch kind {
        case .hidden: break
        case .private:
            executable = entry.boolean("exec")?.value ?? true
            size = entry.byteCount("size", atLeast: 65536)?.value
            mode = entry.fileMode("mode", sticky: true)
        case .readOnly, .writable, .copyOnWrite:
            executable = entry.boolean("exec")?.value ?? true
            source = entry.string("source").flatMap { entry.path($0, normal: JailPath.source) }
            if kind == .writable { create = entry.boolean("create")?.value ?? false }
            if kind == .copyOnWrite { size = entry.byteCount("size", atLeast: 65536)?.value }
        }
        guard let path else { return nil }
        return FilesystemRule(
            kind: kind, path: path, source: source, optional: optional, executable: executable, create: create,
            size: size, mode: mode)
    }
}

/// A file that a profile makes: with words of its own, or with what a file of the host says when the jail is built.
struct ProfileFile: Sendable {
    var path: Template
    var mode: UInt32
    var content: Content

    enum Content: Sendable {
        case text(String)
        case copy(of: Template)
    }

    static func read(_ node: ConfigurationNode, in mapping: ConfigurationMapping) -> ProfileFile? {
        mapping.mapping(node, "a file as {path: …, content: …} or {path: …, copy: …}") { file -> ProfileFile? in
            let path = file.required("path", "a file needs a \"path\"").flatMap { file.path($0) }
            let mode = file.fileMode("mode") ?? 0o644
            let content = file.string("content")
            let copy = file.string("copy")
            let source = copy.flatMap { file.path($0, normal: JailPath.source) }
            if (content == nil) == (copy == nil) {
                file.problem(file.position, "a file has either \"content\" or \"copy\"")
            }
            guard let path, let content: Content = source.map({ .copy(of: $0) }) ?? content.map({ .text($0.value) })
            else { return nil }
            return ProfileFile(path: path, mode: mode, content: content)
        } ?? nil
    }
}
