// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Yams

/// A YAML file of this project, read strictly: one document, a mapping at its root, without anchors, aliases, merge
/// keys and tags. Used for profiles, launchers and the daemon's own configuration.
package struct ConfigurationDocument: Sendable {
    /// In bytes. The longest file that a person maintains by hand is far below it.
    package static let maximumSize = 256 * 1024
    /// Of nested lists and mappings. Ours need five.
    package static let maximumDepth = 32

    package let file: String
    let members: [ConfigurationNode.Member]
    let position: SourcePosition

    /// - Throws: what is wrong with the file as YAML: as the walk needs a tree, the parser's first error is the only one.
    package init(file: String) throws(ProfileProblems) {
        let bytes: [UInt8]
        do {
            bytes = try HostFile.read(file, limit: Self.maximumSize)
        } catch {
            throw ProfileProblems(SourcePosition(file: file), "the file cannot be read: \(error.reason)")
        }
        try self.init(bytes: bytes, file: file)
    }

    /// - Parameter file: the name that errors show.
    package init(text: String, file: String) throws(ProfileProblems) {
        try self.init(bytes: Array(text.utf8), file: file)
    }

    private init(bytes: [UInt8], file: String) throws(ProfileProblems) {
        let start = SourcePosition(file: file)
        guard bytes.count <= Self.maximumSize else {
            throw ProfileProblems(start, "the file is larger than \(Self.maximumSize / 1024) KiB")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ProfileProblems(start, "the file is not valid UTF-8")
        }
        self.file = file
        let source = try SourceText(text, file: file)
        try source.refuseAliases()

        let parsed: Node?
        // Yams holds anchors weakly through the parser, so it lives until the walk is done.
        let parser: Parser
        do {
            // Resolver.basic: no rule of YAML 1.1 (yes, 010, 1:30) is ever applied.
            parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            parsed = try parser.singleRoot()
        } catch {
            throw ProfileProblems([ProfileProblem(yamlError: error, file: file)])
        }
        guard let parsed else { throw ProfileProblems(start, "the file is empty") }
        let findings = Findings()
        let root = withExtendedLifetime(parser) { Walk(source: source, findings: findings).node(parsed, depth: 0) }
        position = root.position
        if case .mapping(let members) = root.content {
            self.members = members
        } else {
            members = []
            findings.add(root.position, "expected a mapping at the top of the file, found \(root.kind)")
        }
        try findings.conclude(())
    }
}

/// From Yams' tree to ours, refusing what we do not want of YAML.
private struct Walk {
    let source: SourceText
    let findings: Findings

    func node(_ node: Node, depth: Int) -> ConfigurationNode {
        let position = source.position(node.mark)
        var content = ConfigurationNode.Content.scalar("", plain: true)
        refuseProperties(of: node, at: position)
        guard depth < ConfigurationDocument.maximumDepth else {
            findings.add(position, "nested deeper than \(ConfigurationDocument.maximumDepth) levels")
            return ConfigurationNode(content: content, position: position)
        }
        switch node {
        case .scalar(let scalar):
            if scalar.string.unicodeScalars.contains("\0") {
                findings.add(position, "the text holds a NUL character, which no path, argument or variable can hold")
            }
            content = .scalar(scalar.string, plain: scalar.style == .plain || scalar.style == .any)
        case .sequence(let sequence):
            content = .sequence(sequence.map { self.node($0, depth: depth + 1) })
        case .mapping(let mapping):
            content = .mapping(members(of: mapping, depth: depth))
        case .alias:
            findings.add(position, "aliases are not supported: write the value again")
        }
        return ConfigurationNode(content: content, position: position)
    }

    private func members(of mapping: Node.Mapping, depth: Int) -> [ConfigurationNode.Member] {
        var members: [ConfigurationNode.Member] = []
        var seen: [String: SourcePosition] = [:]
        for (key, value) in mapping {
            let position = source.position(key.mark)
            refuseProperties(of: key, at: position)
            guard case .scalar(let name) = key, !name.string.isEmpty else {
                findings.add(position, "a key must be a word")
                continue
            }
            if name.string == "<<", name.style == .plain {
                findings.add(position, "merge keys (<<) are not supported: use extends")
                continue
            }
            // Yams compares keys with their tags, so to it `a` and `"a"` may differ.
            if let first = seen.updateValue(position, forKey: name.string) {
                findings.add(
                    position, "the key \"\(name.string)\" stands here a second time (first in line \(first.line))")
                continue
            }
            members.append(
                .init(key: name.string, keyPosition: position, value: node(value, depth: depth + 1)))
        }
        return members
    }

    /// Tags change what a value is, anchors are of no use without aliases.
    ///
    /// A node's mark stands at its tag or anchor if it has one, and no scalar starts with these characters unquoted: so
    /// the text says it reliably, while Yams' own `tag` has been overwritten for keys by the time one can look.
    private func refuseProperties(of node: Node, at position: SourcePosition) {
        switch source.character(at: position) {
        case "!": findings.add(position, "tags (!…) are not supported: a key's meaning settles its type")
        case "&": findings.add(position, "anchors (&…) are not supported: write the value again")
        default: if node.anchor != nil { findings.add(position, "anchors (&…) are not supported") }
        }
    }
}

extension ProfileProblem {
    fileprivate init(yamlError: any Error, file: String) {
        let (mark, message): (Mark?, String) =
            switch yamlError as? YamlError {
            case .scanner(let context, let problem, let mark, yaml: _),
                .parser(let context, let problem, let mark, yaml: _):
                (mark, context.map { "\($0.text.trimmed), \(problem)" } ?? problem)
            case .composer(_, "but found another document", let mark, yaml: _):
                (mark, "a second document starts here, and a file holds one")
            case .composer(_, let problem, let mark, yaml: _):
                (mark, problem)
            case .duplicatedKeysInMapping(let duplicates, let context):
                (context.mark, "the key \"\(duplicates.joined(separator: "\", \""))\" stands twice in one mapping")
            case .reader(let problem, _, _, yaml: _):
                (nil, problem)
            case let error:
                (nil, error.map { "\($0)" } ?? "\(yamlError)")
            }
        self.init(
            SourcePosition(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1), "not valid YAML: \(message)")
    }
}

extension String {
    fileprivate var trimmed: Substring {
        var rest = self[...]
        while rest.last == " " || rest.last == "\n" { rest.removeLast() }
        return rest
    }
}
