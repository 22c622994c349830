// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `profile/get`: a profile with all that it extends, as one. Fails with `profile_invalid` when something is wrong with
/// it.
public enum ProfileGet: Method {
    public static let name = "profile/get"
    public static let role = Role.viewer
    public static let errors: [ProtocolError.Kind] = [.profileInvalid]

    public struct Params: Codable, Sendable, Hashable {
        /// Of those that `profile/list` answers.
        public var profile: ConfigurationName

        public init(profile: ConfigurationName) {
            self.profile = profile
        }
    }

    public struct Result: Codable, Sendable, Hashable {
        /// The profile's.
        public var name: ConfigurationName
        /// Its own file, then those that it extends, in that order: paths on the daemon's host.
        public var files: [String]
        /// What the files say together, with the keys of `docs/profiles.md`: a file that says this and extends nothing is
        /// the same profile. Sizes, spans of time and variables stand as they are written.
        public var profile: JSONValue

        public init(name: ConfigurationName, files: [String], profile: JSONValue) {
            self.name = name
            self.files = files
            self.profile = profile
        }
    }
}
