// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// All that `jail` needs to know to build one jail and run one command in it: finished, with nothing left to look up.
///
/// It travels as JSON through a file descriptor, because it may hold the agent's environment, which belongs neither
/// on a command line nor in a file.
package struct JailPlan: Codable, Sendable, Equatable {
    /// The only form this version reads. A plan never outlives the program that wrote it, so there is no migration.
    package static let currentVersion = 1

    package var version = JailPlan.currentVersion
    package var identity: Identity
    package var hostname: String
    package var network: Network
    /// The cgroup v2 directory that the jail joins before anything else, or nil to stay where its starter is.
    package var cgroup: String?
    /// What stands in the jail's root, in the order in which it is put there. `/proc` and `/dev` come by themselves.
    package var filesystem: [FilesystemEntry]
    package var command: Command
    package var terminal: Terminal
    package var limits: [ResourceLimit]
    package var umask: UInt32
    package var systemCalls: SystemCallPolicy

    package init(
        identity: Identity, hostname: String, network: Network, cgroup: String? = nil,
        filesystem: [FilesystemEntry], command: Command, terminal: Terminal, limits: [ResourceLimit] = [],
        umask: UInt32 = 0o022, systemCalls: SystemCallPolicy
    ) {
        self.identity = identity
        self.hostname = hostname
        self.network = network
        self.cgroup = cgroup
        self.filesystem = filesystem
        self.command = command
        self.terminal = terminal
        self.limits = limits
        self.umask = umask
        self.systemCalls = systemCalls
    }

    /// Who the agent is, inside the jail and outside: the map is the identity, so files keep their owner.
    package struct Identity: Codable, Sendable, Equatable {
        package var uid: UInt32
        package var gid: UInt32
        /// Supplementary groups, taken only when the builder starts as someone else and so must become the owner.
        package var groups: [UInt32]

        package init(uid: UInt32, gid: UInt32, groups: [UInt32]) {
            self.uid = uid
            self.gid = gid
            self.groups = groups
        }
    }

    package enum Network: String, Codable, Sendable {
        /// A network namespace of its own with nothing but loopback.
        case none
        /// The host's network, with all that listens there, abstract Unix sockets included.
        case host
    }

    package struct Command: Codable, Sendable, Equatable {
        /// At least one word. A first word without a slash is looked up in the environment's PATH, inside the jail.
        package var arguments: [String]
        /// The whole environment. Nothing is inherited.
        package var environment: [String: String]
        /// An absolute path inside the jail.
        package var workingDirectory: String

        package init(arguments: [String], environment: [String: String], workingDirectory: String) {
            self.arguments = arguments
            self.environment = environment
            self.workingDirectory = workingDirectory
        }
    }

    package enum Terminal: Codable, Sendable, Equatable {
        /// A terminal of the jail's own, of this size in characters.
        case pty(columns: UInt16, rows: UInt16)
        /// Standard output and error apart; standard input is a pipe, or `/dev/null` when `input` is false.
        case pipes(input: Bool)
        /// The starter's own standard streams, for `jail run` in a pipeline.
        case inherit
    }

    package struct ResourceLimit: Codable, Sendable, Equatable {
        /// As in prlimit(1): `nofile`, `nproc`, `core` …
        package var resource: String
        /// In the resource's own unit (getrlimit(2)); nil is no limit.
        package var soft: UInt64?
        package var hard: UInt64?

        package init(resource: String, soft: UInt64?, hard: UInt64?) {
            self.resource = resource
            self.soft = soft
            self.hard = hard
        }
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

        package enum Refusal: Codable, Sendable, Equatable {
            /// The call fails with this errno.
            case errno(Int32)
            /// The process ends with SIGSYS.
            case kill
        }

        package init(allowed: [String], refused: [String], refusal: Refusal) {
            self.allowed = allowed
            self.refused = refused
            self.refusal = refusal
        }
    }
}
