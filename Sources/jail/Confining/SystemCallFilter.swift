// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import CSeccomp
import FoundationEssentials
import JailPlan
import Linux

/// The system calls of a jail, as seccomp filters: the hard one that every jail has, then those of the plan.
///
/// Each of them ends the process that comes through the 32-bit or x32 entry into the kernel.
struct SystemCallFilter {
    private let hard: FilterCode
    private let ofPlan: [PolicyFilter.Compiled]
    /// Whether who hears its calls looks into the processes that make them (ptrace(2)).
    let looksInside: Bool

    init(_ plan: JailPlan) throws(JailFailure) {
        hard = HardFilter.program(for: plan)
        switch plan.systemCalls {
        case .policy(let policy):
            ofPlan = try PolicyFilter.compile(policy)
            looksInside = policy.observes || plan.ports?.bind != nil
        case .compiled(let compiled):
            ofPlan = try compiled.programs()
            looksInside = plan.ports?.bind != nil
        }
        if plan.ports?.bind != nil, allows("listen") {
            throw JailFailure(
                stage: "seccomp",
                action: "the plan restricts the ports to listen on, and its system call filter lets listen(2) through",
                hint: "set guardsListening in the policy that the filter is made of")
        }
    }

    /// Whether nothing stops or hears a call of that name with zeros for arguments.
    private func allows(_ name: String) -> Bool {
        var call = seccomp_data()
        call.nr = seccomp_syscall_resolve_name(name)
        call.arch = seccomp_arch_native()
        return ofPlan.allSatisfy { FilterDecision.answer(of: $0.program, to: call) == FilterAnswer.allow }
    }

    /// The one whose refused calls are left to the jail's first process, if any.
    var notifying: FilterCode? { ofPlan.first { $0.notifies }?.program }

    /// Nothing that it refuses can be had back.
    func applyHard() throws(JailFailure) {
        try stage("seccomp") { () throws(SystemError) in try Seccomp.load(hard) }
    }

    /// The plan's filters. What hears refused calls goes through `socket`.
    func applyPolicy(listener socket: Int32) throws(JailFailure) {
        for filter in ofPlan {
            try stage("seccomp") { () throws(SystemError) in
                guard filter.notifies else { return try Seccomp.load(filter.program) }
                let message = HeardCalls.handOver
                let listener = try Seccomp.loadNotifying(filter.program)
                // From here until it has arrived, nothing may be called that the filter refuses: nobody would answer.
                try UnixSockets.send(message, descriptor: listener.number, to: socket)
            }
        }
    }

    /// For a program that confines itself: only these calls, by name, and EPERM for all others.
    static func allowOnly(_ names: [String]) throws(JailFailure) {
        let allow = FilterCode.answer(FilterAnswer.allow)
        let rules = Dictionary(uniqueKeysWithValues: names.map { ($0, allow) })
        let program = FilterCode.filter(.byNumber(rules, otherwise: .answer(FilterAnswer.fail(EPERM))))
        try stage("seccomp") { () throws(SystemError) in try Seccomp.load(program) }
    }
}

extension JailPlan.CompiledFilters {
    /// What `jail filters` makes of a policy. The hard filter is not among it: every start adds its own.
    init(compiling policy: JailPlan.SystemCallPolicy) throws(JailFailure) {
        let filters = try PolicyFilter.compile(policy).map { filter in
            let bytes = filter.program.withUnsafeBytes { Data($0) }
            return JailPlan.CompiledFilter(program: bytes.base64EncodedString(), notifies: filter.notifies)
        }
        self.init(machine: JailPlan.CompiledFilters.thisMachine, filters: filters)
    }

    fileprivate func programs() throws(JailFailure) -> [PolicyFilter.Compiled] {
        guard machine == JailPlan.CompiledFilters.thisMachine else {
            throw unfit("they are for \(machine), and this machine is \(JailPlan.CompiledFilters.thisMachine)")
        }
        guard !filters.isEmpty else { throw unfit("there are none") }
        // The kernel allows one listener to a process.
        guard filters.filter(\.notifies).count <= 1 else { throw unfit("more than one notifies") }
        var programs: [PolicyFilter.Compiled] = []
        for filter in filters {
            guard let bytes = Data(base64Encoded: filter.program) else { throw unfit("one is not Base64") }
            let size = MemoryLayout<sock_filter>.size
            guard bytes.count % size == 0 else { throw unfit("one is not a whole number of instructions") }
            guard 1...Seccomp.maximumLength ~= bytes.count / size else {
                throw unfit("one has \(bytes.count / size) instructions, not 1 to \(Seccomp.maximumLength)")
            }
            let program = bytes.withUnsafeBytes { bytes in
                stride(from: 0, to: bytes.count, by: size).map {
                    bytes.loadUnaligned(fromByteOffset: $0, as: sock_filter.self)
                }
            }
            programs.append(PolicyFilter.Compiled(program: program, notifies: filter.notifies))
        }
        return programs
    }

    private func unfit(_ why: String) -> JailFailure {
        JailFailure(
            stage: "seccomp", action: "the plan's compiled system call filters cannot be used: \(why)",
            hint: "make them with the same `jail filters` on the same machine, or leave the policy in the plan")
    }

    private static var thisMachine: String {
        var name = utsname()
        uname(&name)
        return withUnsafeBytes(of: &name.machine) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
