// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// How agentctl ends when it does not end as an agent did. Help and man page print this.
enum ExitStatus: Int32, CaseIterable {
    case done = 0
    case failure = 1
    case usage = 2
    case notFound = 3
    case notPermitted = 4
    case noDaemon = 5
    case timedOut = 124
    case noCode = 125

    var meaning: String {
        switch self {
        case .done: "done"
        case .failure: "failed"
        case .usage: "wrong usage, or a value that the daemon does not take"
        case .notFound: "no such agent"
        case .notPermitted: "not permitted"
        case .noDaemon: "no daemon"
        case .timedOut: "\"wait --timeout\" gave up"
        case .noCode: "the agent has no code: it never ran, or nobody saw it end"
        }
    }

    static let help = """
        Exit status:
        \(allCases.map { "  \(String(repeating: " ", count: 3 - "\($0.rawValue)".count))\($0.rawValue)  \($0.meaning)" }.joined(separator: "\n"))

        "wait", "attach" and "start --follow" end with the agent's own code, or with 128 and the signal's number if a \
        signal ended it; where it might be either, a line on the standard error says that it is agentctl that failed.
        """
}
