// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// A jail as its keeper sees it, from outside: what is known of it, the socket pair to its first process, and the ends
/// of its agent's streams.
struct KeptJail: ~Copyable {
    /// Ends the jail when it closes.
    let control: OwnedDescriptor
    private(set) var initPID: Int32?
    private(set) var agentPID: Int32?
    private(set) var executed = false
    /// How the agent ended, as far as the jail could tell.
    private(set) var end: Termination?
    private(set) var failure: JailFailure?
    /// Whether anyone in the jail can still say something.
    private(set) var isSpeaking = true
    private let builder: Int32

    private init(control: consuming OwnedDescriptor, builder: Int32) {
        self.control = control
        self.builder = builder
    }

    /// Starts to build the jail that `plan` describes, with these streams, and returns at once.
    ///
    /// The calling process must have a single thread; it becomes the parent of what is orphaned by the building.
    static func start(
        _ plan: JailPlan, agentDirectory: Int32?, streams: Builder.Streams
    ) throws(JailFailure) -> KeptJail {
        try stage("fork") { () throws(SystemError) in
            guard try Processes.threadCount() == 1 else { throw SystemError("fork with threads", errno: EDEADLK) }
            try Processes.set(.childSubreaper, 1)
            let ends = try UnixSockets.pair()
            let ours = OwnedDescriptor(owning: ends.0)
            let theirs = OwnedDescriptor(owning: ends.1)
            try UnixSockets.passCredentials(ours.number)
            try ours.setNonBlocking()
            guard case .parent(let builder) = try Processes.fork() else {
                Builder.run(plan, control: theirs.number, agentDirectory: agentDirectory, streams: streams)
            }
            return KeptJail(control: ours, builder: builder)
        }
    }

    /// Takes in everything that the jail has said. Returns the master side of its terminal if that was among it.
    mutating func listen() throws(SystemError) -> Int32? {
        var terminal: Int32?
        while true {
            let bytes: [UInt8]
            let descriptor: Int32?
            let sender: Int32
            do {
                (bytes, descriptor, sender) = try UnixSockets.receive(
                    from: control.number, limit: ControlMessage.maximumSize)
            } catch  where error.errno == EAGAIN || error.errno == ECONNRESET {
                return terminal
            }
            guard !bytes.isEmpty else {
                isSpeaking = false
                return terminal
            }
            switch ControlMessage(bytes) {
            case .initStarted: initPID = sender
            case .agentStarted: agentPID = sender
            case .terminal: terminal = descriptor
            case .executed: executed = true
            case .failed(let failure): self.failure = failure
            case .ended(let end): self.end = end
            case nil: break
            }
        }
    }

    /// Reaps what has ended. True when nothing of the jail is left.
    func reap() throws(SystemError) -> Bool {
        do {
            while try Processes.reap() != nil {}
            return false
        } catch  where error.errno == ECHILD {
            return true
        }
    }

    /// To the agent's main process and its process group.
    func signal(_ number: Int32) throws(SystemError) {
        try UnixSockets.send([UInt8(truncatingIfNeeded: number)], to: control.number)
    }

    /// Ends everything in the jail at once: its first process goes when it can hear its keeper no more.
    func endEverything() {
        _ = shutdown(control.number, Int32(SHUT_WR))
    }

    /// For a first process that does not listen, because its owner stopped it: works where the keeper is that owner.
    func endByForce() {
        _ = kill(initPID ?? builder, SIGKILL)
    }

    /// What to report of the agent once nothing is left of the jail.
    var outcome: Result<Termination, JailFailure> {
        if let failure { return .failure(failure) }
        if let end { return .success(end) }
        // Its first process was ended from outside, and the kernel ended the agent with it.
        if executed { return .success(.signaled(number: SIGKILL)) }
        return .failure(
            JailFailure(stage: "init", action: "the jail ended before its command was executed, killed from outside"))
    }
}
