// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What is wrong with a plan's text, and where.
struct PlanError: Error, CustomStringConvertible {
    var description: String
}

/// A plan's text as JSON has it.
// Said, not inferred: the compiler goes round in circles over it in some orders of compiling (6.3).
enum PlanTree: Sendable {
    case null
    case bool(Bool)
    case integer(isNegative: Bool, magnitude: UInt64)
    /// With a fraction or an exponent, or too big: there are none in plans.
    case number
    case string(String)
    case array([PlanTree])
    case object([(name: String, value: PlanTree)])
}

/// A value of a plan's text and its place in it.
struct PlanValue {
    let value: PlanTree
    let path: String

    func unfit(_ expected: String) -> PlanError {
        PlanError(description: "\(path.isEmpty ? "it" : path) is not \(expected)")
    }

    var isNull: Bool { if case .null = value { true } else { false } }

    func bool() throws(PlanError) -> Bool {
        guard case .bool(let bool) = value else { throw unfit("true or false") }
        return bool
    }

    func string() throws(PlanError) -> String {
        guard case .string(let string) = value else { throw unfit("a string") }
        return string
    }

    func integer<Integer: FixedWidthInteger>(_ type: Integer.Type = Integer.self) throws(PlanError) -> Integer {
        guard case .integer(let isNegative, let magnitude) = value,
            let integer = isNegative ? Integer(exactly: 0 - Int128(magnitude)) : Integer(exactly: magnitude)
        else { throw unfit("an integer from \(Integer.min) to \(Integer.max)") }
        return integer
    }

    func integer<Integer: FixedWidthInteger>(in range: ClosedRange<Integer>) throws(PlanError) -> Integer {
        let number = try integer(Integer.self)
        guard range.contains(number) else { throw unfit("an integer from \(range.lowerBound) to \(range.upperBound)") }
        return number
    }

    func array<Element>(
        _ element: (PlanValue) throws(PlanError) -> Element
    ) throws(PlanError) -> [Element] {
        guard case .array(let values) = value else { throw unfit("an array") }
        var elements: [Element] = []
        elements.reserveCapacity(values.count)
        for value in values { elements.append(try element(PlanValue(value: value, path: path))) }
        return elements
    }

    func strings() throws(PlanError) -> [String] { try array { (value) throws(PlanError) in try value.string() } }

    func dictionary() throws(PlanError) -> [String: String] {
        guard case .object(let members) = value else { throw unfit("an object") }
        var result: [String: String] = [:]
        for (name, value) in members { result[name] = try PlanValue(value: value, path: path + "." + name).string() }
        return result
    }

    /// Reads an object, all of whose members have to be asked for: one that nobody knows is a mistake, or something
    /// that a later version confines.
    func object<Result>(_ read: (inout PlanObject) throws(PlanError) -> Result) throws(PlanError) -> Result {
        guard case .object(let members) = value else { throw unfit("an object") }
        var object = PlanObject(members: members, path: path)
        let result = try read(&object)
        try object.end()
        return result
    }

    /// Reads one of several cases, each an object of its own under the case's name.
    func oneOf<Result>(
        _ read: (String, inout PlanObject) throws(PlanError) -> Result?
    ) throws(PlanError) -> Result {
        guard case .object(let members) = value, members.count == 1 else { throw unfit("one case of several") }
        let name = members[0].name
        let place = PlanValue(value: members[0].value, path: path + "." + name)
        return try place.object { (object) throws(PlanError) in
            guard let result = try read(name, &object) else { throw place.unfit("a case that is known here") }
            return result
        }
    }
}

/// The members of an object, while they are asked for.
struct PlanObject {
    private let members: [(name: String, value: PlanTree)]
    private let path: String
    private var asked: [String] = []

    init(members: [(name: String, value: PlanTree)], path: String) {
        self.members = members
        self.path = path
    }

    mutating func optional(_ name: String) -> PlanValue? {
        guard let member = members.first(where: { $0.name == name }) else { return nil }
        asked.append(name)
        if case .null = member.value { return nil }
        return PlanValue(value: member.value, path: path.isEmpty ? name : path + "." + name)
    }

    subscript(_ name: String) -> PlanValue {
        mutating get throws(PlanError) {
            guard let value = optional(name) else {
                throw PlanError(description: "\(path.isEmpty ? "it" : path) has no \(name)")
            }
            return value
        }
    }

    func end() throws(PlanError) {
        guard asked.count != members.count else { return }
        var rest = asked
        for (name, _) in members {
            guard let index = rest.firstIndex(of: name) else {
                throw PlanError(description: "\(path.isEmpty ? "it" : path) has a \(name), unknown here or twice")
            }
            rest.remove(at: index)
        }
    }
}
