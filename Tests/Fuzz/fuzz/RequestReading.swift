// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// A line as a daemon gets it, given to the decoder of the method that it names, and to those of all others as well.
struct RequestReading {
    private let line: [UInt8]

    init(_ line: [UInt8]) { self.line = line }

    func check() throws {
        let request: RequestEnvelope
        do {
            request = try RequestEnvelope(line: line)
        } catch {
            try FuzzRules.mustBeReadable(DaemonLine.error(error.error, to: error.id))
            return
        }
        for method in Methods.all { try read(request, as: method) }
    }

    /// What a method takes has to come back from how a client would write it; and what it refuses, has to be answered in
    /// a line that a client can read.
    private func read<M: Method>(_ request: RequestEnvelope, as method: M.Type) throws {
        let params: M.Params
        do {
            params = try M.params(from: request.params)
        } catch {
            precondition(error.kind == .invalidParams, "\(M.name) refuses params as \(error.code)")
            try FuzzRules.mustBeReadable(DaemonLine.error(error, to: request.id))
            return
        }
        let written = try RequestLine.encode(M.self, params, id: request.id)
        let again = try RequestEnvelope(line: written.dropLast())
        precondition(again.id == request.id && again.method == M.name, "\(M.name): another request comes back")
        let back = try M.params(from: again.params)
        // A moment is written to the millisecond, and may be read finer.
        precondition(M.self == AgentLogs.self || Self.areEqual(params, back), "\(M.name): other params come back")
        let twice = try RequestLine.encode(M.self, back, id: again.id)
        precondition(twice == written, "\(M.name): the same params are written in two ways")
    }

    private static func areEqual(_ one: Any, _ other: Any) -> Bool {
        func compare<Value: Equatable>(_ one: Value) -> Bool { one == other as? Value }
        guard let one = one as? any Equatable else { return false }
        return compare(one)
    }
}

enum FuzzRules {
    /// A line of the daemon's, within its length.
    static func mustBeReadable(_ line: [UInt8]) throws {
        precondition(line.last == UInt8(ascii: "\n") && line.count <= ProtocolLimits.maximumDaemonLine + 1)
        precondition(!line.dropLast().contains(UInt8(ascii: "\n")), "a message on two lines")
        precondition((try? DaemonMessage(line: line.dropLast())) != nil, "a line that is no message of the daemon's")
    }
}
