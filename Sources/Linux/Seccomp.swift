// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// System call filters as the kernel takes them (seccomp(2)).
package enum Seccomp {
    /// BPF_MAXINSNS: the longest program that the kernel takes.
    package static let maximumLength = 4096

    /// Puts a filter in force for this process and all that it will ever start. Needs no_new_privs.
    package static func load(_ program: [sock_filter]) throws(SystemError) {
        try check("load a system call filter") { cl_seccomp_load(program, UInt16(program.count), 0) }
    }

    /// The same, and returns what the calls are heard with that the filter leaves to another process. EBUSY when a
    /// filter in force has a listener already.
    package static func loadNotifying(_ program: [sock_filter]) throws(SystemError) -> OwnedDescriptor {
        try check("make room for calls that are left to another process") { cl_seccomp_fits() }
        // SECCOMP_FILTER_FLAG_NEW_LISTENER; WAIT_KILLABLE_RECV, kernel 5.19, so that a call that was heard is not
        // interrupted and made again by a signal handler's return.
        let newListener: UInt32 = 1 << 3
        let waitKillable: UInt32 = 1 << 5
        let count = UInt16(program.count)
        let operation = "load a system call filter that notifies"
        do {
            return OwnedDescriptor(
                owning: try check(operation) { cl_seccomp_load(program, count, newListener | waitKillable) })
        } catch  where error.errno == EINVAL {
            return OwnedDescriptor(owning: try check(operation) { cl_seccomp_load(program, count, newListener) })
        }
    }

    /// A call that waits for its answer.
    package struct WaitingCall {
        package var id: UInt64
        /// Of the calling thread, as the listener's pid namespace numbers it.
        package var thread: Int32
        package var call: seccomp_data
    }

    /// The next waiting call of `listener`, or nil when its thread has gone meanwhile. Waits if none is there.
    package static func receive(from listener: Int32) throws(SystemError) -> WaitingCall? {
        var waiting = WaitingCall(id: 0, thread: 0, call: seccomp_data())
        do {
            try check("hear of a system call") {
                cl_seccomp_receive(listener, &waiting.id, &waiting.thread, &waiting.call)
            }
            return waiting
        } catch  where error.errno == ENOENT {
            return nil
        }
    }

    /// Has a waiting call made as it is. Only for one that would have been allowed unheard: what its pointers lead to
    /// can change after it was looked at.
    package static func goOn(_ waiting: WaitingCall, on listener: Int32) throws(SystemError) {
        do {
            try check("let a system call go on") { cl_seccomp_go_on(listener, waiting.id) }
        } catch  where error.errno == ENOENT {}
    }

    /// Has a waiting call fail with an errno, or return 0 if that is 0. That its thread has gone meanwhile is as good.
    package static func answer(_ waiting: WaitingCall, with number: Int32, on listener: Int32) throws(SystemError) {
        do {
            try check("answer a system call") { cl_seccomp_answer(listener, waiting.id, number) }
        } catch  where error.errno == ENOENT {}
    }
}
