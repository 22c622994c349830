// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A type with numbers of which not all that their own types can hold are valid. They are stated once: what decodes or
/// checks the type refuses by them, and its schema shows them.
public protocol BoundedMembers {
    static var bounds: [String: Bounds] { get }
}

/// The numbers from one to another, both included; without a greatest as many as there are.
public struct Bounds: Sendable, Hashable {
    public let least: Int64
    public let most: Int64?

    public init(_ least: Int64, _ most: Int64? = nil) {
        self.least = least
        self.most = most
    }

    /// What is wrong with a number, to go on the sentence `the parameter "x" …`; nil when nothing is.
    public func fault(_ number: Double) -> String? {
        if number >= Double(least), number <= most.map(Double.init) ?? .infinity { return nil }
        return most.map { "must be from \(least) to \($0)" } ?? "must be at least \(least)"
    }

    /// The schema with these.
    func narrow(_ schema: JSONValue) -> JSONValue {
        guard case .object(var members) = schema else { return schema }
        members["minimum"] = .integer(least)
        members["maximum"] = most.map(JSONValue.integer) ?? members["maximum"]
        return .object(members)
    }
}

extension BoundedMembers {
    /// - Parameter path: of the object in the params that this is.
    static func check(
        _ numbers: [(name: String, value: Double?)], at path: JSONPath = JSONPath()
    ) throws(ProtocolError) {
        for (name, value) in numbers {
            guard let value, let fault = bounds[name]?.fault(value) else { continue }
            throw .invalidParams(path: JSONPath(path.components + [.member(name)]), reason: fault)
        }
    }
}
