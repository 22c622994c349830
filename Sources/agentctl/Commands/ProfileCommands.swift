// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import FoundationEssentials
import SupervisorClient

struct ProfileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "See which profiles agents can be started under, and check them.",
        subcommands: [Profiles.self, ShowProfile.self, CheckProfile.self], defaultSubcommand: Profiles.self)
}

struct Profiles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the profiles that the daemon has.", aliases: ["ls"])

    @OptionGroup var output: ListOptions<ProfileListing>
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try output.write(try await connection.withClient { try await $0.call(ProfileList.self, Nothing()) }.profiles)
    }
}

struct ShowProfile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a profile with all that it extends, as one.")

    @Argument(
        help: ArgumentHelp("The profile's name.", valueName: "profile"), completion: .custom(AgentCompletion.profiles))
    var name: String

    @OptionGroup var output: FormatOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let params = ProfileGet.Params(profile: try ConfigurationName(name))
        let result = try await connection.withClient { try await $0.call(ProfileGet.self, params) }
        switch output.format {
        case .json: try JSONOutput.write(result, pretty: true)
        case .jsonl: try JSONOutput.write(result, pretty: false)
        case .table:
            // JSON is YAML: with the files as comments it is a profile.
            try StandardOutput.write(result.files.map { "# \(PlainText.plain($0))\n" }.joined())
            try JSONOutput.write(result.profile, pretty: true)
        }
    }
}

struct CheckProfile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Name everything that is wrong with a profile, or weakens it.",
        discussion: """
            A name is looked up by the daemon. A file (anything with a slash or .yaml in it, or - for the standard input) \
            is read here and sent as text: the daemon opens no file for you. Ends with 1 when no agent can be started \
            under the profile.
            """)

    @Argument(
        help: ArgumentHelp("A profile's name, or a file.", valueName: "profile|file"),
        completion: .custom(AgentCompletion.profiles))
    var profile: String

    @OptionGroup var output: FormatOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let params = try Self.params(profile)
        let result = try await connection.withClient { client in
            try await Progress.during({ "checking \(params.profile), \($0)" }) {
                try await client.call(ProfileCheck.self, params)
            }
        }
        switch output.format {
        case .json: try JSONOutput.write(result, pretty: true)
        case .jsonl: for finding in result.findings { try JSONOutput.write(finding, pretty: false) }
        case .table: try StandardOutput.write(Self.text(result))
        }
        if !result.isSound { throw ExitCode(1) }
    }

    private static func params(_ argument: String) throws -> ProfileCheck.Params {
        if argument == "-" {
            return .init(profile: try ConfigurationName("stdin"), text: try StandardInput.text())
        }
        guard argument.contains("/") || argument.hasSuffix(".yaml") else {
            return .init(profile: try ConfigurationName(argument))
        }
        let content: Data
        do {
            content = try Data(contentsOf: URL(filePath: try Paths.absolute(argument)))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure("\(argument): the file cannot be read", hint: "give a file that you may read")
        }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw Failure("\(argument): the file is not valid UTF-8")
        }
        let last = argument.split(separator: "/").last.map(String.init) ?? argument
        let name = last.hasSuffix(".yaml") ? String(last.dropLast(5)) : last
        return .init(profile: try ConfigurationName(name), text: text)
    }

    static func text(_ result: ProfileCheck.Result) -> String {
        let lines = result.findings.map { finding in
            let place = [finding.line, finding.column].compactMap { $0.map { ":\($0)" } }.joined()
            return "\(finding.severity.rawValue): \(PlainText.plain(finding.file + place)): "
                + "\(PlainText.plain(finding.message))\n"
        }
        let others = result.total.map { $0 - result.findings.count } ?? 0
        return lines.joined() + (others > 0 ? "and \(others) more\n" : "")
            + (result.isSound ? "the profile is sound\n" : "")
    }
}
