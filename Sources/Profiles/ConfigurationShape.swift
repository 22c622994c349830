// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What a reader would take in some place of a file. Recorded while the reader itself runs over nothing
/// (``ConfigurationMapping/shape(of:)``), so that a schema made of it cannot say anything else than the reader does.
indirect enum ConfigurationShape: Sendable, Equatable {
    /// Any scalar; `pattern` is an ECMA 262 regular expression for the whole of it.
    case text(pattern: String?)
    case boolean
    case integer(ClosedRange<Int64>)
    /// A number with at most two decimals.
    case decimal(ClosedRange<Int64>)
    case byteCount(atLeast: UInt64)
    case duration
    case choice([String])
    case list(ConfigurationShape)
    /// Names of the file's own choosing, each with a text.
    case texts
    case mapping(Members)
    case either([ConfigurationShape])

    static let anyText = text(pattern: nil)

    struct Members: Sendable, Equatable {
        var shapes: [String: ConfigurationShape] = [:]
        var required: Set<String> = []
    }

    /// Every key, with the way to it: `limits`, `limits.memory`, `filesystem.private[].size` …
    var keys: Set<String> {
        switch self {
        case .mapping(let members):
            members.shapes.reduce(into: []) { keys, member in
                keys.insert(member.key)
                for key in member.value.keys { keys.insert(member.key + (key.hasPrefix("[]") ? "" : ".") + key) }
            }
        case .list(let element): Set(element.keys.map { "[]." + $0 })
        case .either(let shapes): shapes.reduce(into: []) { $0.formUnion($1.keys) }
        default: []
        }
    }
}

/// Where a mapping that is read for its shape alone puts what it is asked for.
final class ShapeRecorder {
    var members = ConfigurationShape.Members()
    /// What the elements of the list that is being read may be.
    private var alternatives: [ConfigurationShape] = []

    func add(alternative: ConfigurationShape) {
        if !alternatives.contains(alternative) { alternatives.append(alternative) }
    }

    /// What `read` takes as one element.
    func element(_ read: () -> Void) -> ConfigurationShape {
        alternatives = []
        read()
        return alternatives.count == 1 ? alternatives[0] : .either(alternatives)
    }
}

extension ConfigurationMapping {
    /// All that `read` asks a mapping for.
    static func shape<Value>(of read: (ConfigurationMapping) -> Value) -> ConfigurationShape {
        let mapping = ConfigurationMapping(recordingInto: ShapeRecorder())
        _ = read(mapping)
        return .mapping(mapping.recorder?.members ?? .init())
    }
}
