// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `launcher/list`: the launchers that `agent/start` can name, in the order of their names.
public enum LauncherList: Method {
    public static let name = "launcher/list"
    public static let role = Role.viewer
    public typealias Params = Nothing

    public struct Result: Codable, Sendable, Hashable {
        /// In the order of their names.
        public var launchers: [Summary]

        public init(launchers: [Summary]) {
            self.launchers = launchers
        }
    }

    /// A launcher, in short.
    public struct Summary: Codable, Sendable, Hashable {
        /// By which a request names it.
        public var name: ConfigurationName
        /// In its own words; nil where it has none, or cannot be read.
        public var description: String?
        /// The path of its file, on the daemon's host.
        public var file: String
        /// Nothing is wrong with it. Without that only name, file and problem mean anything.
        public var isSound: Bool
        /// The first thing that is wrong, with file and line: a sentence.
        public var problem: String?
        /// The profile for an agent whose request names none.
        public var profile: ConfigurationName?
        /// What it runs; nil for one that runs what the request says.
        public var program: Program?
        /// Its requests must have a `prompt`; otherwise they may not.
        public var takesPrompt: Bool
        /// Its requests may have `arguments`.
        public var takesArguments: Bool
        /// An agent that is run again goes on with what it had begun.
        public var resumes: Bool

        public init(
            name: ConfigurationName, description: String? = nil, file: String, isSound: Bool, problem: String? = nil,
            profile: ConfigurationName? = nil, program: Program? = nil, takesPrompt: Bool = false,
            takesArguments: Bool = false, resumes: Bool = false
        ) {
            self.name = name
            self.description = description
            self.file = file
            self.isSound = isSound
            self.problem = problem
            self.profile = profile
            self.program = program
            self.takesPrompt = takesPrompt
            self.takesArguments = takesArguments
            self.resumes = resumes
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(description, forKey: .description)
            try container.encode(file, forKey: .file)
            try container.encode(isSound, forKey: .isSound)
            try container.encode(problem, forKey: .problem)
            try container.encode(profile, forKey: .profile)
            try container.encode(program, forKey: .program)
            try container.encode(takesPrompt, forKey: .takesPrompt)
            try container.encode(takesArguments, forKey: .takesArguments)
            try container.encode(resumes, forKey: .resumes)
        }
    }

    /// A launcher's program.
    public struct Program: Codable, Sendable, Hashable {
        /// As the launcher names it.
        public var name: String
        /// Where it is, for the user who asks; nil where it is not found.
        public var path: String?
        /// Why it is not found: a sentence.
        public var problem: String?

        public init(name: String, path: String?, problem: String? = nil) {
            self.name = name
            self.path = path
            self.problem = problem
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(path, forKey: .path)
            try container.encode(problem, forKey: .problem)
        }
    }
}
