// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// All that `jail` needs to know to build one jail and run one command in it: finished, with nothing left to look up.
///
/// As JSON it travels through a file descriptor, because it may hold secrets of the agent's environment; who keeps one
/// in a file keeps it from others.
package struct JailPlan: Codable, Sendable, Equatable {
    /// The only form this version reads. A plan belongs to the version that wrote it, so there is no migration.
    package static let currentVersion = 5

    /// What an agent can be left, by name without `cap_` (capabilities(7)): these are about its own processes, files and
    /// network namespace, and the kernel asks for them in the user namespace that owns those. With others (SYS_ADMIN,
    /// SYS_PTRACE, SETPCAP …) it could change the jail itself or get at the jail's first process, or they mean nothing
    /// below the host's own namespace.
    package static let possibleCapabilities: Set<String> = [
        "chown", "dac_override", "fowner", "fsetid", "ipc_lock", "ipc_owner", "kill", "lease", "net_admin",
        "net_bind_service", "net_broadcast", "net_raw", "setgid", "setuid", "sys_chroot", "sys_nice",
    ]

    package var version = JailPlan.currentVersion
    package var identity: Identity
    package var hostname: String
    package var network: Network
    /// TCP ports, where the network is the host's: nil is no restriction.
    package var ports: Ports?
    /// The cgroup v2 directory that the jail is started in, or nil. The keeper writes the limits of `resources` there.
    package var cgroup: String?
    /// What the jail as a whole may use. With no `cgroup`, `jail run` makes one below its own for them.
    package var resources: CgroupLimits
    /// What stands in the jail's root, in the order in which it is put there. `/proc` and `/dev` come by themselves.
    package var filesystem: [FilesystemEntry]
    package var command: Command
    package var terminal: Terminal
    package var limits: [ResourceLimit]
    package var umask: UInt32
    /// Capabilities that the agent keeps, some of `possibleCapabilities`.
    package var capabilities: [String]
    package var scheduling: Scheduling
    package var clockOffsets: ClockOffsets?
    package var timeouts: Timeouts
    /// How a kept agent shows that it is ready; nil for one that is as soon as it runs.
    package var readiness: Readiness?
    package var systemCalls: SystemCalls
    /// What of this may be missing on a poorer host, by the names that a profile's `degrade` uses, sorted. Everything
    /// else that cannot be enforced fails the start.
    package var degrade: [String]
    /// Where the workspace has to lie; nil for anywhere.
    package var workspace: WorkspaceBounds?

    package init(
        identity: Identity, hostname: String, network: Network, ports: Ports? = nil, cgroup: String? = nil,
        resources: CgroupLimits = .init(), filesystem: [FilesystemEntry], command: Command, terminal: Terminal,
        limits: [ResourceLimit] = [], umask: UInt32 = 0o022, capabilities: [String] = [],
        scheduling: Scheduling = .init(),
        clockOffsets: ClockOffsets? = nil, timeouts: Timeouts = .init(), readiness: Readiness? = nil,
        systemCalls: SystemCalls, degrade: [String] = [], workspace: WorkspaceBounds? = nil
    ) {
        self.identity = identity
        self.hostname = hostname
        self.network = network
        self.ports = ports
        self.cgroup = cgroup
        self.resources = resources
        self.filesystem = filesystem
        self.command = command
        self.terminal = terminal
        self.limits = limits
        self.umask = umask
        self.capabilities = capabilities
        self.scheduling = scheduling
        self.clockOffsets = clockOffsets
        self.timeouts = timeouts
        self.readiness = readiness
        self.systemCalls = systemCalls
        self.degrade = degrade
        self.workspace = workspace
    }

    /// Bounds of the workspace, which only the owner may be able to look at: so the jail holds them, once it has the
    /// owner's rights.
    package struct WorkspaceBounds: Codable, Sendable, Equatable {
        /// The step of building a jail that a failure names when the workspace lies outside.
        package static let stage = "workspace.bounds"

        /// As entries of `filesystem` name it.
        package var path: String
        /// Absolute paths of directories, below one of which it has to lie, or be. One that is not there allows nothing.
        package var roots: [String]

        package init(path: String, roots: [String]) {
            self.path = path
            self.roots = roots
        }
    }

    /// Who the agent is: its owner, to the host and inside of the jail, unless `outside` or `inside` says otherwise.
    package struct Identity: Codable, Sendable, Equatable {
        package var uid: UInt32
        package var gid: UInt32
        /// Supplementary groups, taken only when the builder starts as someone else and so must become the owner.
        package var groups: [UInt32]
        /// Who the agent is to the host: nobody but itself. Binds of what belongs to the owner go through an id-mapped
        /// mount, so that it stays the owner's. Takes CAP_SYS_ADMIN, CAP_SETUID and CAP_SETGID.
        package var outside: IDs?
        /// Who it is in the jail, if not the same.
        package var inside: IDs?
        /// Further users and groups of the jail's, which are the owner's subordinate ones on the host (subuid(5)):
        /// mapped by newuidmap(1) and newgidmap(1).
        package var users: [IDRange]
        package var groupIDs: [IDRange]
        /// The owner's home on the host, whose git configuration may name more that has to be protected.
        package var home: String?

        package struct IDs: Codable, Sendable, Equatable {
            package var uid: UInt32
            package var gid: UInt32

            package init(uid: UInt32, gid: UInt32) {
                self.uid = uid
                self.gid = gid
            }
        }

        /// `count` ids from `inside` on are those from `outside` on to the host.
        package struct IDRange: Codable, Sendable, Equatable {
            package var inside: UInt32
            package var outside: UInt32
            package var count: UInt32

            package init(inside: UInt32, outside: UInt32, count: UInt32) {
                self.inside = inside
                self.outside = outside
                self.count = count
            }
        }

        package init(
            uid: UInt32, gid: UInt32, groups: [UInt32], outside: IDs? = nil, inside: IDs? = nil,
            users: [IDRange] = [], groupIDs: [IDRange] = [], home: String? = nil
        ) {
            self.uid = uid
            self.gid = gid
            self.groups = groups
            self.outside = outside
            self.inside = inside
            self.users = users
            self.groupIDs = groupIDs
            self.home = home
        }
    }

    package enum Network: String, Codable, Sendable {
        /// A network namespace of its own with nothing but loopback.
        case none
        /// The host's network, with all that listens there, abstract Unix sockets included.
        case host
    }

    /// TCP ports that may be used, by Landlock (kernel 6.7); nil is any.
    package struct Ports: Codable, Sendable, Equatable {
        package var connect: [UInt16]?
        package var bind: [UInt16]?

        package init(connect: [UInt16]?, bind: [UInt16]?) {
            self.connect = connect
            self.bind = bind
        }
    }

    package struct Command: Codable, Sendable, Equatable {
        /// At least one word. A first word without a slash is looked up in the environment's PATH, inside the jail.
        package var arguments: [String]
        /// What is executed, when that is not the first word.
        package var program: String?
        /// The whole environment. Nothing is inherited.
        package var environment: [String: String]
        /// An absolute path inside the jail.
        package var workingDirectory: String

        package init(
            arguments: [String], program: String? = nil, environment: [String: String], workingDirectory: String
        ) {
            self.arguments = arguments
            self.program = program
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
}
