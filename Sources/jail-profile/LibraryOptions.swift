// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import FoundationEssentials
import Profiles

/// Where profiles come from.
struct LibraryOptions: ParsableArguments {
    @Option(
        name: .customLong("directory"),
        help: ArgumentHelp(
            "Where profiles are looked up, before the user's, /etc's and the installed ones. May be given repeatedly.",
            valueName: "dir"))
    var directories: [String] = []

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A piece of a profile, as YAML, laid over it: 'network: {mode: host}'. May be given repeatedly.",
            valueName: "yaml"))
    var settings: [String] = []

    var profiles: ProfileLibrary {
        ProfileLibrary(
            directories: SearchPath.profiles(
                explicit: directories, environment: Self.environment, executable: Self.executable))
    }

    private var launchers: LauncherLibrary {
        LauncherLibrary(
            directories: SearchPath.launchers(
                explicit: directories, environment: Self.environment, executable: Self.executable))
    }

    /// A bare name is looked up, everything else is a file.
    func profile(_ argument: String) throws -> Profile {
        if let name = ProfileName(argument), !argument.hasSuffix(".yaml") {
            return try profiles.load(named: name, settings: settings)
        }
        return try profiles.load(file: argument, settings: settings)
    }

    func launcher(_ argument: String) throws -> Launcher {
        if let name = LauncherName(argument), !argument.hasSuffix(".yaml") { return try launchers.load(named: name) }
        return try launchers.load(file: argument)
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    private static var executable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
