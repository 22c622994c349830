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
    /// Set while nothing is read and only what is asked for counts: then every key is absent.
    let recorder: ShapeRecorder?
    /// Where the mapping begins.
    package let position: SourcePosition

    init(_ members: [ConfigurationNode.Member], at position: SourcePosition, findings: Findings) {
        self.members = members
        self.position = position
        self.findings = findings
        recorder = nil
    }

    init(recordingInto recorder: ShapeRecorder) {
        members = []
        position = SourcePosition(file: "")
        findings = Findings()
        self.recorder = recorder
    }

    /// Reports something wrong that only the caller can know.
    package func problem(_ position: SourcePosition, _ message: String) {
        findings.add(position, message)
    }

    /// The value under `key`, from now on a known key. One that is written without a value is an error.
    func node(_ key: String, _ shape: @autoclosure () -> ConfigurationShape) -> ConfigurationNode? {
        recorder?.members.shapes[key] = shape()
        return node(known: key)
    }

    private func node(known key: String) -> ConfigurationNode? {
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
    package func string(_ key: String) -> Located<String>? { string(key, as: .anyText) }

    /// A scalar whose form the caller checks, and tells as a shape.
    func string(_ key: String, as shape: ConfigurationShape) -> Located<String>? {
        node(key, shape).flatMap { text($0, "a text for \"\(key)\"") }
    }

    /// A text without which the mapping is of no use.
    func required(_ key: String, _ complaint: String) -> Located<String>? {
        recorder?.members.required.insert(key)
        let text = string(key)
        if text == nil, !members.contains(where: { $0.key == key }) { findings.add(position, complaint) }
        return text
    }

    /// `true` or `false`, nothing else.
    package func boolean(_ key: String) -> Located<Bool>? {
        scalar(key, .boolean, "true or false", quotable: false) { ["true": true, "false": false][$0] }
    }

    /// See ``ConfigurationScalar/integer(_:)``.
    package func integer(_ key: String, in range: ClosedRange<Int64>) -> Located<Int64>? {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound), without leading zeros"
        return scalar(key, .integer(range), expected, quotable: false) { text in
            ConfigurationScalar.integer(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// See ``ConfigurationScalar/byteCount(_:)``.
    package func byteCount(_ key: String, atLeast minimum: UInt64 = 0) -> Located<UInt64>? {
        let expected = "a size such as 65536, 512M or 2G" + (minimum > 0 ? ", at least \(minimum)" : "")
        return scalar(key, .byteCount(atLeast: minimum), expected, quotable: true) { text in
            ConfigurationScalar.byteCount(text).flatMap { $0 >= minimum ? $0 : nil }
        }
    }

    /// See ``ConfigurationScalar/duration(_:)``.
    package func duration(_ key: String) -> Located<Duration>? {
        scalar(
            key, .duration, "a duration such as 500ms, 90s, 5m or 2h", quotable: true, ConfigurationScalar.duration)
    }

    /// One of a few words.
    package func choice<Value: RawRepresentable & CaseIterable & Sendable>(_ key: String, of type: Value.Type)
        -> Located<Value>? where Value.RawValue == String
    {
        let words = Value.allCases.map(\.rawValue)
        guard let word = string(key, as: .choice(words)) else { return nil }
        if let value = Value(rawValue: word.value) { return Located(value, word.position) }
        findings.add(
            word.position,
            "\"\(key)\" is one of \(words.joined(separator: ", ")), not \"\(word.value)\""
                + suggestion(for: word.value, among: words))
        return nil
    }

    /// Every key with a text: `{NAME: value}`. No key of it is unknown.
    package func texts(_ key: String) -> [String: Located<String>]? {
        guard let node = node(key, .texts) else { return nil }
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

    /// Likewise, of words that the caller checks against these.
    func strings(_ key: String, among words: some Sequence<String>) -> [Located<String>]? {
        list(key) { node in
            recorder?.add(alternative: .choice(words.sorted()))
            return recorder == nil ? self.text(node, "a text in \"\(key)\"") : nil
        }
    }

    /// A list, element by element; elements for which `read` gives nil are left out.
    package func list<Element>(_ key: String, _ read: (ConfigurationNode) -> Element?) -> [Element]? {
        if let recorder {
            recorder.members.shapes[key] = .list(recorder.element { _ = read(.nothing) })
            return nil
        }
        guard let node = node(known: key) else { return nil }
        guard case .sequence = node.content else {
            return expected("a list for \"\(key)\", such as [one, two]", node)
        }
        return elements(of: node, in: key, read)
    }

    /// A whole number, or a list of them.
    func integers(_ key: String, in range: ClosedRange<Int64>, orOneIn single: ClosedRange<Int64>)
        -> (one: Int64?, list: [Int64]?)
    {
        guard let node = node(key, .either([.integer(single), .list(.integer(range))])) else { return (nil, nil) }
        guard case .sequence = node.content else {
            return (integer(key, in: single)?.value, nil)
        }
        return (nil, elements(of: node, in: key) { self.integer($0, in: range, key) })
    }

    /// A list of whole numbers.
    func integers(_ key: String, in range: ClosedRange<Int64>) -> [Int64]? {
        list(key) { self.integer($0, in: range, key) }
    }

    private func integer(_ node: ConfigurationNode, in range: ClosedRange<Int64>, _ key: String) -> Int64? {
        recorder?.add(alternative: .integer(range))
        if case .scalar(let text, plain: true) = node.content, let number = ConfigurationScalar.integer(text),
            range.contains(number)
        {
            return number
        }
        return expected("a whole number from \(range.lowerBound) to \(range.upperBound) in \"\(key)\"", node)
    }

    private func elements<Element>(
        of node: ConfigurationNode, in key: String, _ read: (ConfigurationNode) -> Element?
    ) -> [Element] {
        guard case .sequence(let elements) = node.content else { return [] }
        return elements.compactMap { element in
            guard !element.isNull else { return expected("a value in \"\(key)\"", element) }
            return read(element)
        }
    }

    /// A mapping within this one. Its unknown keys are reported when `read` returns.
    package func mapping<Value>(_ key: String, _ read: (ConfigurationMapping) -> Value) -> Value? {
        if let recorder {
            recorder.members.shapes[key] = Self.shape(of: read)
            return nil
        }
        return node(known: key).flatMap { mapping($0, "a mapping for \"\(key)\"", read) }
    }

    /// A list element that is a mapping.
    package func mapping<Value>(
        _ node: ConfigurationNode, _ what: String, _ read: (ConfigurationMapping) -> Value
    ) -> Value? {
        recorder?.add(alternative: Self.shape(of: read))
        guard case .mapping(let members) = node.content else { return expected(what, node) }
        let mapping = ConfigurationMapping(members, at: node.position, findings: findings)
        let value = read(mapping)
        mapping.reportUnknownKeys()
        return value
    }

    /// A scalar's text.
    package func text(_ node: ConfigurationNode, _ what: String) -> Located<String>? {
        recorder?.add(alternative: .anyText)
        guard case .scalar(let text, plain: _) = node.content, !node.isNull else { return expected(what, node) }
        return Located(text, node.position)
    }

    /// A list element that is either a text alone or a mapping.
    func either<Value>(
        _ node: ConfigurationNode, _ what: String, text read: (Located<String>) -> Value?,
        mapping readMapping: (ConfigurationMapping) -> Value?
    ) -> Value? {
        if recorder == nil, case .mapping = node.content {
            return mapping(node, what, readMapping) ?? nil
        }
        if recorder != nil { _ = mapping(node, what, readMapping) }
        return text(node, what).flatMap(read)
    }

    /// A key that the design knows and this version does not.
    func notYet(_ key: String, _ sentence: String) {
        // No part of the shape: a schema need not offer what a reader refuses.
        if let node = node(known: key) { findings.add(node.position, sentence) }
    }

    /// Reports a value of the wrong kind.
    func expected<Value>(_ what: String, _ node: ConfigurationNode) -> Value? {
        findings.add(node.position, "expected \(what), found \(node.kind)")
        return nil
    }

    private func scalar<Value>(
        _ key: String, _ shape: ConfigurationShape, _ what: String, quotable: Bool, _ read: (String) -> Value?
    ) -> Located<Value>? {
        guard let node = node(key, shape) else { return nil }
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
