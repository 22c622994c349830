// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `profile/check`: everything that is wrong with a profile: with one of those that `profile/list` answers, or with a
/// text that is to become one. Nothing is written. What it finds is its result, and no error.
package enum ProfileCheck: Method {
    package static let name = "profile/check"
    package static let role = Role.viewer

    package struct Params: Codable, Sendable, Hashable {
        /// The profile; with `text`, what the text is to be called. It need not be there yet then.
        package var profile: ConfigurationName
        /// The profile's content, as YAML, instead of its file's: at most 256 KiB. What it extends is looked up among the
        /// profiles that are there.
        package var text: String?

        package init(profile: ConfigurationName, text: String? = nil) {
            self.profile = profile
            self.text = text
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        /// Agents can be started under it: there is no finding of severity `error`.
        package var isSound: Bool
        /// In the order of files and lines; warnings last. At most 200.
        package var findings: [Finding]
        /// How many there are, where that is more than are answered.
        package var total: Int?

        package init(isSound: Bool, findings: [Finding], total: Int? = nil) {
            self.isSound = isSound
            self.findings = findings
            self.total = total
        }
    }

    /// One thing that is to be said about a profile.
    package struct Finding: Codable, Sendable, Hashable {
        /// How bad it is.
        package var severity: Severity
        /// The path of the file that it is in, on the daemon's host; for a text that was given, its name and `.yaml`.
        package var file: String
        /// From 1; nil for what is due to the profile as a whole.
        package var line: Int?
        /// In characters from 1; nil likewise.
        package var column: Int?
        /// A sentence for a person, without the place.
        package var message: String

        package init(severity: Severity, file: String, line: Int? = nil, column: Int? = nil, message: String) {
            self.severity = severity
            self.file = file
            self.line = line
            self.column = column
            self.message = message
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(severity, forKey: .severity)
            try container.encode(file, forKey: .file)
            try container.encode(line, forKey: .line)
            try container.encode(column, forKey: .column)
            try container.encode(message, forKey: .message)
        }
    }

    /// How bad a finding is.
    package enum Severity: String, Codable, Sendable, CaseIterable {
        /// No agent can be started under it.
        case error
        /// It weakens the jail; that may be meant.
        case warning
    }
}
