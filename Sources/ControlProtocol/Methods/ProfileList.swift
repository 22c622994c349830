// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `profile/list`: the profiles that agents can be started under, in the order of their names.
public enum ProfileList: Method {
    public static let name = "profile/list"
    public static let role = Role.viewer
    public typealias Params = Nothing

    public struct Result: Codable, Sendable, Hashable {
        /// In the order of their names.
        public var profiles: [Summary]

        public init(profiles: [Summary]) {
            self.profiles = profiles
        }
    }

    /// A profile, in short.
    public struct Summary: Codable, Sendable, Hashable {
        /// By which a request names it.
        public var name: ConfigurationName
        /// In its own words; nil where it has none, or cannot be read.
        public var description: String?
        /// The path of its file, on the daemon's host.
        public var file: String
        /// Nothing is wrong with it, nor with those that it extends.
        public var isSound: Bool
        /// The first thing that is wrong, with file and line: a sentence. `profile/check` names them all.
        public var problem: String?

        public init(
            name: ConfigurationName, description: String?, file: String, isSound: Bool, problem: String? = nil
        ) {
            self.name = name
            self.description = description
            self.file = file
            self.isSound = isSound
            self.problem = problem
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(description, forKey: .description)
            try container.encode(file, forKey: .file)
            try container.encode(isSound, forKey: .isSound)
            try container.encode(problem, forKey: .problem)
        }
    }
}
