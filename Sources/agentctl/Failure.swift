// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import SupervisorClient

/// Why a command failed: a sentence, what to do next, and the exit code.
struct Failure: Error, Equatable {
    var message: String
    var hint: String?
    var exitCode: Int32 = 1

    static let notFound: Int32 = 3
    static let notPermitted: Int32 = 4
    static let noDaemon: Int32 = 5

    init(_ message: String, hint: String? = nil, exitCode: Int32 = 1) {
        self.message = message
        self.hint = hint
        self.exitCode = exitCode
    }

    /// A value that the argument parser could not judge.
    static func usage(_ message: String) -> Failure { Failure(message, exitCode: 2) }

    /// Nil for an error that is not of this project's making, such as one of the argument parser's.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as ProtocolError: self.init(error)
        case let error as ClientError:
            self.init(error.description)
            switch error.kind {
            case .noDaemon: exitCode = Self.noDaemon
            case .notPermitted: exitCode = Self.notPermitted
            default: break
            }
        case let error as ValueError: self.init(error.description, exitCode: 2)
        case let error as OutputError: self.init(error.description)
        default: return nil
        }
    }

    private init(_ error: ProtocolError) {
        self.init(error.message)
        switch error.kind {
        case .agentNotFound:
            hint = "\"agentctl list\" shows the agents that there are"
            exitCode = Self.notFound
        case .agentAmbiguous: hint = "give more of the id, or the name"
        case .permissionDenied: exitCode = Self.notPermitted
        case .nameTaken: hint = "choose another name with --name, or remove that agent with \"agentctl rm\""
        case .jailFailed: hint = error.data["hint"]?.text
        case .draining: hint = "ask again once the daemon is back"
        case .unsupportedHere: hint = "\"agentctl info\" shows what this daemon can do"
        case .timedOut: hint = "the agent goes on; ask again, or look with \"agentctl status\""
        default: break
        }
    }
}
