// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import SupervisorClient

/// Why a command failed: a sentence, what to do next, and the exit code.
struct Failure: Error, Equatable {
    var message: String
    var hint: String?
    var exitCode: Int32

    init(_ message: String, hint: String? = nil, exitCode: ExitStatus = .failure) {
        self.message = message
        self.hint = hint
        self.exitCode = exitCode.rawValue
    }

    /// A value that the argument parser could not judge.
    static func usage(_ message: String, hint: String? = nil) -> Failure {
        Failure(message, hint: hint, exitCode: .usage)
    }

    /// Nil for an error that is not of this project's making, such as one of the argument parser's.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as ProtocolError: self.init(error)
        case let error as ClientError:
            self.init(error.description, exitCode: error.kind.exitStatus)
        case let error as ValueError: self.init(error.description, exitCode: .usage)
        case let error as OutputError: self.init(error.description)
        default: return nil
        }
    }

    private init(_ error: ProtocolError) {
        self.init(error.message, hint: Self.hint(for: error), exitCode: error.kind?.exitStatus ?? .failure)
    }

    private static func hint(for error: ProtocolError) -> String? {
        switch error.kind {
        case .agentNotFound: "\"agentctl list --all\" shows the agents that there are"
        case .agentAmbiguous: "give more of the id, or the name"
        case .permissionDenied: "\"agentctl info\" shows who you are to the daemon, and in which role"
        case .nameTaken: "choose another name with --name, or remove that agent with \"agentctl rm\""
        case .jailFailed: error.data["hint"]?.text ?? "\"agentctl doctor\" shows what this host lacks"
        case .draining: "ask again once the daemon is back"
        case .unsupportedHere, .methodNotFound:
            "\"agentctl version\" and \"agentctl info\" show what this daemon can do"
        case .timedOut: "the agent goes on; ask again, or look with \"agentctl status\""
        case .limitReached where error.data["limit"]?.text == "agents":
            "\"agentctl list\" shows what runs; stop some of it"
        default: nil
        }
    }
}

extension ProtocolError.Kind {
    fileprivate var exitStatus: ExitStatus {
        switch self {
        case .agentNotFound: .notFound
        case .permissionDenied: .notPermitted
        // What we send is well-formed, so what is wrong with it was typed.
        case .invalidParams, .agentAmbiguous: .usage
        default: .failure
        }
    }
}

extension ClientError.Kind {
    fileprivate var exitStatus: ExitStatus {
        switch self {
        case .noDaemon: .noDaemon
        case .notPermitted: .notPermitted
        default: .failure
        }
    }
}
