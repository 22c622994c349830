// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A mapping while it is being read: every key that is asked for counts as known, the rest are errors.
///
/// Each accessor gives nil when the key is absent, and also when its value is wrong, which it then has reported: read
/// everything, and let ``ConfigurationDocument/decode(_:)`` throw what was found.
///
///     let settings = try ConfigurationDocument(file: path).decode { mapping in
///         Settings(socket: mapping.string("socket")?.value, retention: mapping.byteCount("retention")?.value ?? 64 << 20)
///     }
package final class ConfigurationMapping {
    private let members: [ConfigurationNode.Member]
    private var known: Set<String> = []
    let findings: Findings
    /// Where the mapping begins.
    package let position: SourcePosition

    init(_ members: [ConfigurationNode.Member], at position: SourcePosition, findings: Findings) {
        self.members = members
        self.position = position
        self.findings = findings
    }

    /// Reports something wrong that only the caller can know.
    package func problem(_ position: SourcePosition, _ message: String) {
        findings.add(position, message)
    }

    /// The value under `key`, from now on a known key. One that is written without a value is an error.
    package func node(_ key: String) -> ConfigurationNode? {
        known.insert(key)
        guard let member = members.first(where: { $0.key == key }) else { return nil }
        if member.value.isNull {
            findings.add(
                member.keyPosition, "\"\(key)\" has no value; remove the line, or write \"\" for an empty text")
            return nil
        }
        return member.value
    }

    /// Any scalar, as it is written: `1` and `no` are the texts they look like.
    package func string(_ key: String) -> Located<String>? {
        node(key).flatMap { text($0, "a text for \"\(key)\"") }
    }

    /// `true` or `false`, nothing else.
    package func boolean(_ key: String) -> Located<Bool>? {
        scalar(key, "true or false", quotable: false) { ["true": true, "false": false][$0] }
    }

    /// See ``ConfigurationScalar/integer(_:)``.
    package func integer(_ key: String, in range: ClosedRange<Int64>) -> Located<Int64>? {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound), without leading zeros"
        return scalar(key, expected, quotable: false) { text in
            ConfigurationScalar.integer(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// See ``ConfigurationScalar/byteCount(_:)``.
    package func byteCount(_ key: String, atLeast minimum: UInt64 = 0) -> Located<UInt64>? {
        let expected = "a size such as 65536, 512M or 2G" + (minimum > 0 ? ", at least \(minimum)" : "")
        return scalar(key, expected, quotable: true) { text in
            ConfigurationScalar.byteCount(text).flatMap { $0 >= minimum ? $0 : nil }
        }
    }

    /// See ``ConfigurationScalar/duration(_:)``.
    package func duration(_ key: String) -> Located<Duration>? {
        scalar(key, "a duration such as 500ms, 90s, 5m or 2h", quotable: true, ConfigurationScalar.duration)
    }

    /// One of a few words.
    package func choice<Value: RawRepresentable & CaseIterable & Sendable>(_ key: String, of type: Value.Type)
        -> Located<Value>? where Value.RawValue == String
    {
        guard let word = string(key) else { return nil }
        if let value = Value(rawValue: word.value) { return Located(value, word.position) }
        let words = Value.allCases.map(\.rawValue)
        findings.add(
            word.position,
            "\"\(key)\" is one of \(words.joined(separator: ", ")), not \"\(word.value)\""
                + suggestion(for: word.value, among: words))
        return nil
    }

    /// Every key with a text: `{NAME: value}`. No key of it is unknown.
    package func texts(_ key: String) -> [String: Located<String>]? {
        guard let node = node(key) else { return nil }
        guard case .mapping(let members) = node.content else {
            return expected("a mapping of names to texts for \"\(key)\"", node)
        }
        var texts: [String: Located<String>] = [:]
        for member in members {
            texts[member.key] = text(member.value, "a text for \"\(member.key)\"; an empty one is written \"\"")
                .map { Located($0.value, member.keyPosition) }
        }
        return texts
    }

    /// A list of texts.
    package func strings(_ key: String) -> [Located<String>]? {
        list(key) { self.text($0, "a text in \"\(key)\"") }
    }

    /// A list, element by element; elements for which `read` gives nil are left out.
    package func list<Element>(_ key: String, _ read: (ConfigurationNode) -> Element?) -> [Element]? {
        guard let node = node(key) else { return nil }
        guard case .sequence(let elements) = node.content else {
            return expected("a list for \"\(key)\", such as [one, two]", node)
        }
        return elements.compactMap { element in
            guard !element.isNull else { return expected("a value in \"\(key)\"", element) }
            return read(element)
        }
    }

    /// A mapping within this one. Its unknown keys are reported when `read` returns.
    package func mapping<Value>(_ key: String, _ read: (ConfigurationMapping) -> Value) -> Value? {
        node(key).flatMap { mapping($0, "a mapping for \"\(key)\"", read) }
    }

    /// A list element that is a mapping.
    package func mapping<Value>(
        _ node: ConfigurationNode, _ what: String, _ read: (ConfigurationMapping) -> Value
    ) -> Value? {
        guard case .mapping(let members) = node.content else { return expected(what, node) }
        let mapping = ConfigurationMapping(members, at: node.position, findings: findings)
        let value = read(mapping)
        mapping.reportUnknownKeys()
        return value
    }

    /// A scalar's text.
    package func text(_ node: ConfigurationNode, _ what: String) -> Located<String>? {
        guard case .scalar(let text, plain: _) = node.content, !node.isNull else { return expected(what, node) }
        return Located(text, node.position)
    }

    /// A key that the design knows and this version does not.
    func notYet(_ key: String, _ sentence: String) {
        if let node = node(key) { findings.add(node.position, sentence) }
    }

    /// Reports a value of the wrong kind.
    func expected<Value>(_ what: String, _ node: ConfigurationNode) -> Value? {
        findings.add(node.position, "expected \(what), found \(node.kind)")
        return nil
    }

    private func scalar<Value>(
        _ key: String, _ what: String, quotable: Bool, _ read: (String) -> Value?
    ) -> Located<Value>? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let text, plain: let plain) = node.content, let value = read(text) else {
            return expected("\(what) for \"\(key)\"", node)
        }
        guard plain || quotable else { return expected("\(what) for \"\(key)\" without quotes", node) }
        return Located(value, node.position)
    }

    func reportUnknownKeys() {
        for member in members where !known.contains(member.key) {
            findings.add(
                member.keyPosition, "unknown key \"\(member.key)\"" + suggestion(for: member.key, among: known))
        }
    }
}

extension ConfigurationDocument {
    /// Reads the whole document at once.
    ///
    /// - Throws: everything that the accessors found, unknown keys included.
    package func decode<Value>(_ read: (ConfigurationMapping) -> Value) throws(ProfileProblems) -> Value {
        let findings = Findings()
        return try findings.conclude(decode(findings, read))
    }

    func decode<Value>(_ findings: Findings, _ read: (ConfigurationMapping) -> Value) -> Value {
        let mapping = ConfigurationMapping(members, at: position, findings: findings)
        let value = read(mapping)
        mapping.reportUnknownKeys()
        return value
    }
}
