// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import WorkspaceChanges

/// `jail changes`: what an agent changed in an overlay over its workspace, for its owner to look at, take or drop.
enum Changes {
    static let usage = """
        usage: jail changes list    --changes DIR [--format text|json]
               jail changes diff    --changes DIR [--format text|json] [--exact] [--from BYTES] [--limit BYTES] [PATH ...]
               jail changes apply   --changes DIR [--format text|json] [--protect PATH] [--include-protected] [PATH ...]
               jail changes discard --changes DIR [--format text|json] [PATH ...]

        A PATH is relative to the workspace and stands for all that is below it; none stands for everything.
        --path-base64 BASE64 gives one whose name is not UTF-8. With --exact nothing below the PATHs is meant; --from and
        --limit give a part of each diff.
        """

    static func run(_ arguments: [String]) -> Int32 {
        guard arguments.first != "--help", arguments.first != "-h" else {
            print(usage)
            return 0
        }
        let options: ChangesOptions
        do throws(ChangesFailure) {
            options = try ChangesOptions(arguments)
        } catch {
            return Command.fail("\(error)\n\(usage)")
        }
        let output = ChangesOutput(isJSON: options.isJSON)
        do {
            if let owner = options.owner {
                try Credentials.become(uid: owner.uid, gid: owner.gid, groups: owner.groups)
            }
            switch options.action {
            case .list: return try list(options, output)
            case .diff: return try diff(options, output)
            case .apply:
                let changes = try ChangesDirectory.open(options.directory, for: .change)
                return try output.write(
                    changes.apply(
                        options.paths, protected: options.protected,
                        includingProtected: options.includesProtected, home: options.home), verb: "applied")
            case .discard:
                let changes = try ChangesDirectory.open(options.directory, for: .change)
                return try output.write(changes.discard(options.paths), verb: "discarded")
            }
        } catch {
            return output.fail("\(error)")
        }
    }

    private static func list(_ options: ChangesOptions, _ output: ChangesOutput) throws -> Int32 {
        let changes = try ChangesDirectory.open(options.directory, for: .look)
        let scan = try changes.scan()
        try output.write(scan, isInUse: changes.isInUse)
        return 0
    }

    private static func diff(_ options: ChangesOptions, _ output: ChangesOutput) throws -> Int32 {
        let changes = try ChangesDirectory.open(options.directory, for: .look)
        var request = ChangesDirectory.DiffRequest(limit: options.limit)
        request.paths = options.paths
        request.isExact = options.isExact
        request.from = options.from
        try output.writeDiffs { body in try changes.diffs(request, body) }
        return 0
    }
}

struct ChangesOptions {
    enum Action: String {
        case list, diff, apply, discard
    }

    let action: Action
    private(set) var directory = ""
    private(set) var isJSON = false
    private(set) var includesProtected = false
    private(set) var protected: [WorkspacePath] = []
    private(set) var paths: [WorkspacePath] = []
    /// Of each diff, in bytes.
    private(set) var from = 0
    private(set) var limit = ChangesOutput.limitOfOne
    /// Without what is below the paths.
    private(set) var isExact = false
    /// The owner's: for his git's configuration.
    private(set) var home = getenv("HOME").map { String(cString: $0) }
    /// Whom to become before anything is looked at: for the daemon, which is not the agent's owner.
    private(set) var owner: (uid: UInt32, gid: UInt32, groups: [UInt32])?

    init(_ arguments: [String]) throws(ChangesFailure) {
        guard let word = arguments.first, let action = Action(rawValue: word) else {
            throw ChangesFailure("expected list, diff, apply or discard")
        }
        self.action = action
        var rest = ChangesOptions.bytes(of: arguments)[1...]
        var mayBeOption = true
        while let word = rest.popFirst() {
            guard mayBeOption, word.starts(with: "--".utf8) else {
                paths.append(try ChangesOptions.path(word))
                continue
            }
            if word.count == 2 {
                mayBeOption = false
                continue
            }
            try take(String(decoding: word, as: UTF8.self), &rest)
        }
        guard !directory.isEmpty else { throw ChangesFailure("--changes DIR is missing") }
        guard paths.isEmpty || action != .list else { throw ChangesFailure("list takes no PATH") }
    }

    private mutating func take(_ word: String, _ rest: inout ArraySlice<[UInt8]>) throws(ChangesFailure) {
        let name = word.firstIndex(of: "=").map { String(word[..<$0]) } ?? word
        func value() throws(ChangesFailure) -> [UInt8] {
            if name != word { return Array(word.utf8.dropFirst(name.utf8.count + 1)) }
            guard let value = rest.popFirst() else { throw ChangesFailure("\(name) needs a value") }
            return value
        }
        switch name {
        case "--changes": directory = String(decoding: try value(), as: UTF8.self)
        case "--format":
            let format = String(decoding: try value(), as: UTF8.self)
            guard format == "text" || format == "json" else { throw ChangesFailure("--format is text or json") }
            isJSON = format == "json"
        case "--protect" where action == .apply: protected.append(try ChangesOptions.path(try value()))
        case "--include-protected" where action == .apply: includesProtected = true
        case "--exact" where action == .diff: isExact = true
        case "--from" where action == .diff: from = try ChangesOptions.count(name, value(), in: 0...(1 << 40))
        case "--limit" where action == .diff:
            limit = try ChangesOptions.count(name, value(), in: 1...ChangesOutput.limitOfAll)
        case "--home": home = String(decoding: try value(), as: UTF8.self)
        case "--owner":
            let text = String(decoding: try value(), as: UTF8.self)
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            let groups = parts.count == 2 ? parts[1].split(separator: ",").map { UInt32($0) } : []
            guard let uid = UInt32(parts[0]), let gid = groups.first ?? nil, !groups.contains(nil) else {
                throw ChangesFailure("--owner is UID:GID[,GID ...], not \(text)")
            }
            owner = (uid, gid, groups.compactMap(\.self))
        case "--path-base64":
            guard let bytes = Data(base64Encoded: Data(try value())) else {
                throw ChangesFailure("--path-base64 is not base64")
            }
            paths.append(try ChangesOptions.path(Array(bytes)))
        default: throw ChangesFailure("unknown option \(word)")
        }
    }

    private static func count(
        _ option: String, _ bytes: [UInt8], in range: ClosedRange<Int>
    ) throws(ChangesFailure) -> Int {
        guard let count = Int(String(decoding: bytes, as: UTF8.self)), range.contains(count) else {
            throw ChangesFailure("\(option) is a number of bytes, \(range.lowerBound) to \(range.upperBound)")
        }
        return count
    }

    private static func path(_ bytes: [UInt8]) throws(ChangesFailure) -> WorkspacePath {
        guard let path = WorkspacePath(bytes) else {
            throw ChangesFailure(
                "\(String(decoding: bytes, as: UTF8.self)) is no path in the workspace: "
                    + "those are relative to it and without ..")
        }
        return path
    }

    /// The words as the kernel gave them, since a `String` repairs what is not UTF-8 and so names another file.
    private static func bytes(of arguments: [String]) -> [[UInt8]] {
        let count = Int(CommandLine.argc)
        guard count >= arguments.count else { return arguments.map { Array($0.utf8) } }
        return ((count - arguments.count)..<count).map { index in
            let word = CommandLine.unsafeArgv[index]!
            return (0..<strlen(word)).map { UInt8(bitPattern: word[$0]) }
        }
    }
}
