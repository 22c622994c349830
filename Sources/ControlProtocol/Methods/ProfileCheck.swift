// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `profile/check`: everything that is wrong with a profile: with one of those that `profile/list` answers, or with a
/// text that is to become one. Nothing is written. What it finds is its result, and no error.
public enum ProfileCheck: Method {
    public static let name = "profile/check"
    public static let role = Role.viewer

    public struct Params: Codable, Sendable, Hashable {
        /// The profile; with `text`, what the text is to be called. It need not be there yet then.
        public var profile: ConfigurationName
        /// The profile's content, as YAML, instead of its file's: at most 256 KiB. What it extends is looked up among the
        /// profiles that are there.
        public var text: String?

        public init(profile: ConfigurationName, text: String? = nil) {
            self.profile = profile
            self.text = text
        }
    }

    public struct Result: Codable, Sendable, Hashable {
        /// Agents can be started under it: there is no finding of severity `error`.
        public var isSound: Bool
        /// In the order of files and lines; warnings last. At most 200.
        public var findings: [Finding]
        /// How many there are, where that is more than are answered.
        public var total: Int?

        public init(isSound: Bool, findings: [Finding], total: Int? = nil) {
            self.isSound = isSound
            self.findings = findings
            self.total = total
        }
    }

    /// One thing that is to be said about a profile.
    public struct Finding: Codable, Sendable, Hashable {
        /// How bad it is.
        public var severity: Severity
        /// The path of the file that it is in, on the daemon's host; for a text that was given, its name and `.yaml`.
        public var file: String
        /// From 1; nil for what is due to the profile as a whole.
        public var line: Int?
        /// In characters from 1; nil likewise.
        public var column: Int?
        /// A sentence for a person, without the place.
        public var message: String

        public init(severity: Severity, file: String, line: Int? = nil, column: Int? = nil, message: String) {
            self.severity = severity
            self.file = file
            self.line = line
            self.column = column
            self.message = message
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(severity, forKey: .severity)
            try container.encode(file, forKey: .file)
            try container.encode(line, forKey: .line)
            try container.encode(column, forKey: .column)
            try container.encode(message, forKey: .message)
        }
    }

    /// How bad a finding is.
    public enum Severity: String, Codable, Sendable, CaseIterable {
        /// No agent can be started under it.
        case error
        /// It weakens the jail; that may be meant.
        case warning
    }
}
