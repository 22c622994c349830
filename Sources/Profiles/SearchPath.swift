// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Where profiles and launchers are looked for, the first directory first.
package enum SearchPath {
    /// - Parameters:
    ///   - explicit: what the command line or the configuration names.
    ///   - environment: of this process.
    ///   - executable: this process' own program, as an absolute path.
    package static func profiles(explicit: [String], environment: [String: String], executable: String) -> [String] {
        directories("profiles", inSource: "sandbox-profiles", explicit, environment, executable)
    }

    /// See ``profiles(explicit:environment:executable:)``.
    package static func launchers(explicit: [String], environment: [String: String], executable: String) -> [String] {
        directories("launchers", inSource: "launchers", explicit, environment, executable)
    }

    private static func directories(
        _ kind: String, inSource: String, _ explicit: [String], _ environment: [String: String], _ executable: String
    ) -> [String] {
        var directories = explicit
        // A relative XDG_CONFIG_HOME is to be ignored (XDG Base Directory Specification).
        if let configuration = environment["XDG_CONFIG_HOME"], configuration.hasPrefix("/") {
            directories.append("\(configuration)/agent-supervisor/\(kind)")
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            directories.append("\(home)/.config/agent-supervisor/\(kind)")
        }
        directories.append("/etc/agent-supervisor/\(kind)")
        let parts = executable.split(separator: "/").dropLast()
        directories.append(path(parts.dropLast() + ["share", "agent-supervisor"]) + "/\(kind)")
        if let build = parts.lastIndex(of: ".build") {
            directories.append(path(parts[..<build] + [Substring(inSource)]))
        }
        return directories
    }

    private static func path(_ parts: ArraySlice<Substring>) -> String { "/" + parts.joined(separator: "/") }
}
