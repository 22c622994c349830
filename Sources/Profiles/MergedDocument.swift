// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What files that extend each other say together, in one: by the rules by which `ProfileLayer.layered` lays what was
/// read from them over each other.
enum MergedDocument {
    /// - Parameter documents: the outermost first.
    static func members(of documents: [ConfigurationDocument]) -> [String: JSONText] {
        var merged: [String: JSONText] = [:]
        for document in documents.reversed() { merged = lay(object(document.members), over: merged, at: "") }
        merged["extends"] = nil
        return merged
    }

    private static func lay(
        _ own: [String: JSONText], over base: [String: JSONText], at path: String
    ) -> [String: JSONText] {
        var base = base
        // Who takes the network away takes its ports away, too.
        if path == "network", own["mode"] == .string("none") { base = [:] }
        // A root has programs, libraries and an /etc that go together.
        if path == "filesystem", case .array(let entries)? = own["copy_on_write"], entries.contains(where: isRoot) {
            base["read_only"] = nil
        }
        for (key, value) in own {
            switch (base[key], value) {
            // One of two ways to say it: how many, or which.
            case (.array(let old)?, .array(let new)) where path != "process": base[key] = .array(old + new)
            case (.object(let old)?, .object(let new)):
                base[key] = .object(lay(new, over: old, at: path.isEmpty ? key : "\(path).\(key)"))
            default: base[key] = value
            }
        }
        return base
    }

    private static func isRoot(_ entry: JSONText) -> Bool {
        if case .object(let members) = entry { return members["path"] == .string("/") }
        return entry == .string("/")
    }

    private static func object(_ members: [ConfigurationNode.Member]) -> [String: JSONText] {
        Dictionary(members.filter { !$0.value.isNull }.map { ($0.key, json($0.value)) }) { first, _ in first }
    }

    /// A plain scalar is a number or a boolean where a reader of JSON could not tell the difference.
    private static func json(_ node: ConfigurationNode) -> JSONText {
        switch node.content {
        case .mapping(let members): .object(object(members))
        case .sequence(let elements): .array(elements.map(json))
        case .scalar("true", plain: true): .boolean(true)
        case .scalar("false", plain: true): .boolean(false)
        case .scalar(let text, plain: true):
            Int64(text).flatMap { String($0) == text ? JSONText.number($0) : nil } ?? .string(text)
        case .scalar(let text, plain: false): .string(text)
        }
    }
}
