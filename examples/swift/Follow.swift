// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

// Starts an agent, shows its output as it comes, answers what it asks, and ends as it ends:
//
//     follow [--socket PATH] COMMAND [ARGUMENT ...]
//
// The daemon may be restarted meanwhile, even killed: the agent runs on, and this goes on at the byte where it was.

import ControlProtocol
import Foundation
import SupervisorClient

@main
struct Follow {
    /// What stands at the end of an agent's output when it waits for a yes.
    private static let question = Array("[y/N] ".utf8)

    private let address: DaemonAddress
    private let request: AgentStart.Params
    /// Nil until it is known to have been started.
    private var agent: AgentReference?
    /// How far the output has been shown, in bytes since the agent's first, and how it looked at its end.
    private var offset: UInt64 = 0
    private var tail: [UInt8] = []

    static func main() async throws {
        var words = Array(CommandLine.arguments.dropFirst())
        let socket = words.first == "--socket" && words.count > 1 ? words[1] : nil
        if socket != nil { words.removeFirst(2) }
        var follow = Follow(
            address: try DaemonAddress(socket: socket, environment: ProcessInfo.processInfo.environment),
            // A start whose answer was lost can be sent again: the same key again means the same agent.
            request: .init(
                command: words, workspace: FileManager.default.currentDirectoryPath, requestKey: UUID().uuidString))
        while true {
            do {
                let client = try await follow.address.connect()
                defer { client.close() }
                let end = try await follow.follow(client)
                exit(end?.code ?? 128 + (end?.signal?.number ?? SIGKILL))
            } catch let error as ClientError where error.kind == .connectionLost || error.kind == .noDaemon {
                say("[\(error); trying again]")
                try await Task.sleep(for: .milliseconds(500))
            } catch let error as ProtocolError {
                say("follow: \(error) (\(error.kind?.rawValue ?? "\(error.code)"))")
                exit(1)
            }
        }
    }

    /// Follows the agent to its end, and returns how that was.
    private mutating func follow(_ client: SupervisorClient) async throws -> AgentExit? {
        let agent: AgentReference
        if let known = self.agent {
            agent = known
        } else {
            agent = AgentReference(try await client.call(AgentStart.self, request).id)
            self.agent = agent
        }
        // It may have asked before the connection broke. Had it got the answer, the terminal's echo of it would follow. Asked
        // before the output comes: answers wait behind what is not read yet.
        if try await client.call(AgentGet.self, .init(agent: agent)).output.end == offset {
            try await answerIfAsked(client, agent)
        }
        let items = try await client.attach(.init(agent: agent, since: .offset(offset), encoding: .base64))
        for try await item in items {
            switch item {
            case .output(let chunk):
                FileHandle.standardOutput.write(Data(chunk.payload.bytes))
                offset = chunk.end
                tail = (tail + chunk.payload.bytes).suffix(Self.question.count)
                try await answerIfAsked(client, agent)
            case .gap(let from, let to):
                say("[\(to - from) bytes are no longer stored]")
                offset = to
            case .ended(.shutdown): throw ClientError(.connectionLost, "the daemon ends")
            case .ended: return try await client.call(AgentWait.self, .init(agent: agent)).exit
            case .snapshot, .taken: break
            }
        }
        throw ClientError(.connectionLost, "the stream has ended")
    }

    private func answerIfAsked(_ client: SupervisorClient, _ agent: AgentReference) async throws {
        guard tail == Self.question else { return }
        _ = try await client.call(AgentInput.self, .init(agent: agent, data: "y\r"))
    }
}

private func say(_ text: String) {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
}
