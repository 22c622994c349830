// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import ScreenProtocol

/// One `agent-screen`, which keeps the model of one agent's terminal: agents write what they like, and whatever that does
/// to who reads it, it does not do it to the daemon.
///
/// All calls block, and fail where it takes or gives nothing for `patience`; one that asks fails as well where the answer
/// is not whole after that time. What comes back is bounded, and nothing of it is believed.
final class ScreenProcess: Sendable {
    /// How long it may take to take a piece of output, or to answer.
    private static let patience = 20
    /// Answers are no longer. The longest are those of screens of hundreds of columns and rows whose every cell has colours
    /// of its own.
    static let maximumAnswer = 16 << 20

    private let socket: OwnedDescriptor
    private let identity: ProcessIdentity?

    /// - Parameter program: the path of `agent-screen`.
    init(_ program: String, size: ScreenSize) throws {
        var ends: [Int32] = [-1, -1]
        try check("create a pair of sockets") {
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
        }
        socket = OwnedDescriptor(owning: ends[0])
        let theirs = OwnedDescriptor(owning: ends[1])
        var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(ends[0], SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        let null = try Files.open("/dev/null", O_RDWR)
        let pid = try Spawn.start(
            program, ["agent-screen"], descriptors: [0: theirs.number, 1: theirs.number, 2: null.number])
        identity = ProcessIdentity.current(pid: pid)
        // Agents themselves come first.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(pid), 10)
        try send(.start(size))
    }

    deinit { end() }

    /// Ends it at once, whatever it does. Calls that are under way fail.
    func end() {
        guard let identity, identity == ProcessIdentity.current(pid: identity.pid) else { return }
        kill(identity.pid, SIGKILL)
    }

    func send(_ request: ScreenRequest) throws(SystemError) {
        try Files.write(request.frame.bytes, to: socket.number)
    }

    /// What the terminal shows.
    func look() throws -> ScreenDescription {
        try JSONDecoder().decode(ScreenDescription.self, from: Data(try answer(to: .look, .description)))
    }

    /// The bytes that restore it, with so many lines of what has scrolled off before.
    func snapshot(history: UInt16) throws -> [UInt8] {
        try answer(to: .snapshot(history: history), .snapshot)
    }

    private func answer(to request: ScreenRequest, _ kind: ScreenAnswer.Kind) throws -> [UInt8] {
        try send(request)
        // Each read has its own time, and whoever sends byte by byte would have no end of it.
        let deadline = SuspendingClock.now + .seconds(Self.patience)
        var reader = ScreenFrameReader()
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        var bytes: [UInt8] = []
        while true {
            while let frame = try reader.frame() {
                let part = try ScreenAnswer(frame)
                guard part.kind == kind else { throw ScreenFailure("it answers what was not asked") }
                bytes += part.bytes
                if part.isLast { return bytes }
            }
            guard bytes.count <= Self.maximumAnswer else {
                throw ScreenFailure("what it answers is longer than \(Self.maximumAnswer) bytes")
            }
            guard SuspendingClock.now < deadline else {
                throw ScreenFailure("its answer takes longer than \(Self.patience) seconds", isLate: true)
            }
            let count = try check("read an answer of agent-screen") { read(socket.number, &buffer, buffer.count) }
            guard count > 0 else { throw ScreenFailure("it has ended") }
            reader.append(buffer[..<count])
        }
    }
}

/// Why there is no screen.
struct ScreenFailure: Error, CustomStringConvertible {
    let description: String
    /// It was given all the time that there is for it.
    let isLate: Bool

    init(_ description: String, isLate: Bool = false) { (self.description, self.isLate) = (description, isLate) }
}
