// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `profile/get`: a profile with all that it extends, as one. Fails with `profile_invalid` when something is wrong with
/// it.
package enum ProfileGet: Method {
    package static let name = "profile/get"
    package static let role = Role.viewer
    package static let errors: [ProtocolError.Kind] = [.profileInvalid]

    package struct Params: Codable, Sendable, Hashable {
        /// Of those that `profile/list` answers.
        package var profile: ConfigurationName

        package init(profile: ConfigurationName) {
            self.profile = profile
        }
    }

    package struct Result: Codable, Sendable, Hashable {
        /// The profile's.
        package var name: ConfigurationName
        /// Its own file, then those that it extends, in that order: paths on the daemon's host.
        package var files: [String]
        /// What the files say together, with the keys of `docs/profiles.md`: a file that says this and extends nothing is
        /// the same profile. Sizes, spans of time and variables stand as they are written.
        package var profile: JSONValue

        package init(name: ConfigurationName, files: [String], profile: JSONValue) {
            self.name = name
            self.files = files
            self.profile = profile
        }
    }
}
