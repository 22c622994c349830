// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

extension JailPlan {
    /// The system calls of a jail, as names or as what `jail filters` made of them.
    package enum SystemCalls: Codable, Sendable, Equatable {
        case policy(SystemCallPolicy)
        case compiled(CompiledFilters)
    }

    /// Which system calls the agent may make. Calls that would open a way out (namespaces, TIOCSTI …) are refused by
    /// `jail` itself on top of this, whatever stands here.
    package struct SystemCallPolicy: Codable, Sendable, Equatable {
        /// Names as libseccomp knows them; one that it does not know on this machine's architecture is skipped.
        package var allowed: [String]
        /// Answered with `refusal`. Everything in neither list is answered with ENOSYS, so that a C library falls
        /// back from calls that are newer than this program.
        package var refused: [String]
        package var refusal: Refusal
        /// For single calls, before the lists: the first whose conditions all hold decides.
        package var rules: [SystemCallRule]
        /// The address families that socket(2) and socketpair(2) may be asked for, by number (AF_UNIX is 1); nil is
        /// any. Others fail with EAFNOSUPPORT.
        package var socketFamilies: [Int32]?
        /// Refused calls are reported to the keeper, each with the process that made it.
        package var log: Bool
        /// listen(2) is made by the jail's first process, once it has seen that the plan's ports allow it.
        package var guardsListening: Bool
        /// What files and addresses are asked for, by allowed calls as well, is reported to the keeper.
        package var observes: Bool

        package init(
            allowed: [String], refused: [String], refusal: Refusal, rules: [SystemCallRule] = [],
            socketFamilies: [Int32]? = nil, log: Bool = false, guardsListening: Bool = false,
            observes: Bool = false
        ) {
            self.allowed = allowed
            self.refused = refused
            self.refusal = refusal
            self.rules = rules
            self.socketFamilies = socketFamilies
            self.log = log
            self.guardsListening = guardsListening
            self.observes = observes
        }
    }

    package enum Refusal: Codable, Sendable, Equatable {
        /// The call fails with this errno.
        case errno(Int32)
        /// The process ends with SIGSYS, or where refused calls are reported with SIGKILL.
        case kill
    }

    /// What happens on one call.
    package struct SystemCallRule: Codable, Sendable, Equatable {
        package var call: String
        package var action: Action
        /// All of them have to hold; none are always true.
        package var conditions: [Condition]

        package enum Action: Codable, Sendable, Equatable {
            case allow
            case refuse(Refusal)
            /// Allowed, and written to the kernel's audit log (SECCOMP_RET_LOG, seccomp(2)).
            case log
        }

        /// On one argument of the call, compared as an unsigned number of 64 bits.
        package struct Condition: Codable, Sendable, Equatable {
            /// 0 to 5.
            package var argument: UInt32
            package var comparison: Comparison
            package var value: UInt64

            package enum Comparison: Codable, Sendable, Equatable {
                case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
                /// Only the bits of the mask are compared.
                case equalUnder(mask: UInt64)
            }

            package init(argument: UInt32, comparison: Comparison, value: UInt64) {
                self.argument = argument
                self.comparison = comparison
                self.value = value
            }
        }

        package init(call: String, action: Action, conditions: [Condition] = []) {
            self.call = call
            self.action = action
            self.conditions = conditions
        }
    }

    /// Filters as the kernel takes them, in the order in which they are put in force: good for the architecture and the
    /// version of `jail` that made them only. The policy that they were made of is not kept.
    package struct CompiledFilters: Codable, Sendable, Equatable {
        /// As uname(2) names the machine.
        package var machine: String
        package var filters: [CompiledFilter]

        package init(machine: String, filters: [CompiledFilter]) {
            self.machine = machine
            self.filters = filters
        }
    }

    package struct CompiledFilter: Codable, Sendable, Equatable {
        /// `struct sock_filter` after `struct sock_filter`, eight bytes each, in Base64.
        package var program: String
        /// Whether some of its calls are decided by the jail's first process (SECCOMP_RET_USER_NOTIF).
        package var notifies: Bool

        package init(program: String, notifies: Bool) {
            self.program = program
            self.notifies = notifies
        }
    }
}
