// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import CSeccomp
import JailPlan
import Linux
import ShimProtocol

/// The system calls that the plan's filter leaves to the jail's first process (seccomp_unotify(2)), which answers them
/// and tells the keeper.
///
/// A call is answered with an errno, with the end of its process, or made in its name (`GuardedListening`). "Go on" is
/// only for those that nobody would have been asked about but for the report of them (`AccessLog`): their arguments can
/// change between a look at them and the call. If the first process goes, so does the jail; until then the kernel
/// answers ENOSYS.
struct HeardCalls {
    /// What hears them, for poll(2), or -1.
    private(set) var listener: Int32 = -1
    private let program: FilterCode
    /// The root of a /proc that shows every process of the jail.
    private let proc: Int32
    private let agent: Int32
    private let listening: GuardedListening
    private var accesses: AccessLog
    /// Before it, the agent's process may still be ours, and cannot be looked into.
    private var hasStarted = false
    /// Whether the agent's main process was ended for a call.
    private(set) var hasEndedAgent = false
    private var counted: [Pair: Count] = [:]
    private var lastReport: Int64 = 0

    private struct Pair: Hashable {
        var call: String
        var process: String
    }

    private struct Count {
        var pid: Int32
        var count: UInt64
    }

    /// A flood of refused calls must neither fill memory nor keep signals and orphans waiting.
    private static let mostPairs = 256
    private static let mostCallsATurn = 64
    private static let interval: Int64 = 1000
    /// So many fit into one message, however the processes are named.
    private static let mostInAMessage = 64

    /// What the agent's process sends the listener with.
    static let handOver: [UInt8] = [0]

    /// - Parameters:
    ///   - program: the filter that left them to us.
    ///   - agent: the jail's main process.
    ///   - ports: those that it may listen on.
    init(program: FilterCode?, proc: Int32, agent: Int32, ports: JailPlan.Ports?) {
        self.program = program ?? []
        self.proc = proc
        self.agent = agent
        listening = GuardedListening(ports: ports?.bind)
        accesses = AccessLog(proc: proc)
    }

    /// Waits on `socket` until the agent's process has executed its command or said why it could not, which is what
    /// this returns. Refused calls on the way there are answered.
    mutating func awaitStart(on socket: Int32) throws(SystemError) -> [UInt8] {
        while true {
            var events = [
                pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
            ]
            try check("wait for the agent's start") { poll(&events, 2, -1) }
            try serve(events[1])
            guard events[0].revents != 0 else { continue }
            let (bytes, descriptor, _) = try UnixSockets.receive(from: socket, limit: ControlMessage.maximumSize)
            guard let descriptor else {
                hasStarted = true
                return bytes
            }
            listener = descriptor
        }
    }

    /// Answers calls that wait, if `event` says that there are any; not all at once when there are many.
    mutating func serve(_ event: pollfd) throws(SystemError) {
        guard event.revents != 0 else { return }
        guard event.revents & Int16(POLLIN) != 0 else {
            // Nobody is left under the filter.
            close(listener)
            listener = -1
            return
        }
        for _ in 0..<HeardCalls.mostCallsATurn {
            var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 0) == 1, waiting.revents & Int16(POLLIN) != 0 else { return }
            guard let call = try Seccomp.receive(from: listener) else { continue }
            try answer(call)
        }
    }

    private mutating func answer(_ waiting: Seccomp.WaitingCall) throws(SystemError) {
        let (pid, name) = process(of: waiting.thread)
        let answer = FilterDecision.answer(of: program, to: waiting.call)
        if answer == FilterAnswer.notify | PolicyFilter.notifyListen {
            let number = listening.listen(for: waiting, of: pid)
            if number ?? EACCES == EACCES { count(waiting, pid, name) }
            guard let number else { endEverything() }
            return try Seccomp.answer(waiting, with: number, on: listener)
        }
        if answer == FilterAnswer.notify | PolicyFilter.notifyObserve {
            accesses.observe(waiting, process: name, isOurs: !hasStarted && pid == agent)
            try Seccomp.goOn(waiting, on: listener)
            return report()
        }
        count(waiting, pid, name)
        var number = Int32(answer & 0xFFFF)
        if answer & ~0xFFFF != FilterAnswer.notify || !(1...4095 ~= number) {
            end(waiting.thread, of: pid)
            number = EPERM
        }
        try Seccomp.answer(waiting, with: number, on: listener)
    }

    /// Ends the process of a thread. SIGSYS could be caught or blocked.
    private mutating func end(_ thread: Int32, of pid: Int32) {
        // Its number stands for the whole process (kill(2)); 0 would be one that we cannot see, and to kill(2) our own
        // group.
        guard thread > 0 else { return }
        if kill(thread, SIGKILL) == 0 {
            if pid == agent { hasEndedAgent = true }
        } else if errno == EPERM {
            // A subordinate user's, whom this process has no power over.
            endEverything()
        }
    }

    /// As if the agent's main process had been ended for the call.
    private mutating func endEverything() -> Never {
        kill(-1, SIGKILL)
        report(last: true)
        try? ControlMessage.ended(.signaled(number: SIGSYS)).send(to: Builder.control)
        _exit(0)
    }

    // MARK: - Telling the keeper

    /// Milliseconds until there is something to tell, for poll(2); -1 for nothing.
    var timeout: Int32 {
        guard !counted.isEmpty || !accesses.records.isEmpty else { return -1 }
        return Int32(max(0, min(HeardCalls.interval, lastReport + HeardCalls.interval - Clock.boot())))
    }

    /// Tells the keeper what has come together, at most once a second unless it is the `last` time.
    mutating func report(last: Bool = false) {
        guard last || timeout == 0 || accesses.records.count >= AccessLog.room else { return }
        // A keeper that does not listen must not keep us: then the counts stay until it does.
        // Nor at the end for longer than a moment.
        let patience: Int32 = last ? 1000 : 0
        var writable = pollfd(fd: Builder.control, events: Int16(POLLOUT), revents: 0)
        lastReport = Clock.boot()
        while !counted.isEmpty, poll(&writable, 1, patience) == 1, writable.revents == Int16(POLLOUT) {
            let part = counted.prefix(HeardCalls.mostInAMessage)
            let refusals = part.map {
                SystemCallRefusal(call: $0.key.call, process: $0.key.process, pid: $0.value.pid, count: $0.value.count)
            }
            guard (try? ControlMessage.refused(refusals).send(to: Builder.control)) != nil else { return }
            for (pair, _) in part { counted[pair] = nil }
        }
        while !accesses.records.isEmpty, poll(&writable, 1, patience) == 1, writable.revents == Int16(POLLOUT) {
            let part = accesses.take(ControlMessage.maximumSize)
            guard (try? ControlMessage.accessed(part).send(to: Builder.control)) != nil else { return }
        }
    }

    private mutating func count(_ waiting: Seccomp.WaitingCall, _ pid: Int32, _ process: String) {
        var pair = Pair(call: HeardCalls.name(waiting.call.nr), process: process)
        if counted[pair] == nil, counted.count >= HeardCalls.mostPairs { pair = Pair(call: "others", process: "") }
        counted[pair, default: Count(pid: pid, count: 0)].count += 1
    }

    private static func name(_ number: Int32) -> String {
        guard let name = seccomp_syscall_resolve_num_arch(seccomp_arch_native(), number) else { return "\(number)" }
        defer { free(name) }
        return String(cString: name)
    }

    /// The process that a thread belongs to, and what it calls itself.
    private func process(of thread: Int32) -> (pid: Int32, name: String) {
        var pid = thread
        for line in text("\(thread)/status").split(separator: "\n") where line.hasPrefix("Tgid:\t") {
            pid = Int32(line.dropFirst(6)) ?? thread
        }
        return (pid, String(text("\(pid)/comm").prefix { $0 != "\n" }))
    }

    private func text(_ name: String) -> String {
        guard let file = try? Files.open(name, O_RDONLY, at: proc) else { return "" }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(file.number, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
