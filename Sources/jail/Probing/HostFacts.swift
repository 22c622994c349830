// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import Linux

/// What was found out about this host, by looking and by trying. What it means says `checks`.
struct HostFacts: Equatable {
    var isRoot = false
    /// As uname(2) has it: `6.1.0-13-amd64`.
    var kernel = ""
    /// By their names below /proc/sys, without the newline; those that are there.
    var settings: [String: String] = [:]
    /// What failed of a user namespace, and of the others below it, as the caller; as root, as an ordinary user, too.
    var userNamespace: SystemError?
    var otherNamespaces: SystemError?
    var userNamespaceOfOthers: SystemError?
    var proc: SystemError?
    var overlay: SystemError?
    /// Where the overlay was tried, and what is there.
    var directory = ""
    var fileSystem: String?
    var landlock: Int32 = 0
    var seccomp: SystemError?
    var seccompListener: SystemError?
    var identityMapping: SystemError?
    var subordinates = Subordinates()
    /// Nil where no cgroup v2 is mounted, or its controllers cannot be read.
    var controllers: Set<String>?
    /// Controllers are in hierarchies of version 1, and so in none of version 2.
    var hasVersion1 = false

    struct Subordinates: Equatable {
        /// Of newuidmap and newgidmap, those that are not there.
        var missing: [String] = []
        /// Those that have no right to write maps.
        var powerless: [String] = []
        /// Whether /etc/subuid and /etc/subgid have a line for the caller; nil for root, who starts jails of others.
        var hasRange: Bool?
        /// A set-user-ID program has no effect.
        var noNewPrivileges = false
    }

    static let settings = [
        "kernel/unprivileged_userns_clone", "user/max_user_namespaces", "kernel/apparmor_restrict_unprivileged_userns",
    ]
}

extension HostFacts {
    /// Looks and tries, in children of this process.
    ///
    /// - Parameter directory: where an overlay's changes are to lie.
    static func gather(directory: String) -> HostFacts {
        var facts = HostFacts()
        facts.isRoot = geteuid() == 0
        facts.kernel = text("/proc/sys/kernel/osrelease") ?? ""
        for name in settings { facts.settings[name] = text("/proc/sys/\(name)") }
        facts.userNamespace = Attempt.failure { () throws(SystemError) in try enterUserNamespace() }
        if facts.isRoot {
            facts.userNamespaceOfOthers = Attempt.failure { () throws(SystemError) in
                try becomeNobody()
                try enterUserNamespace()
                try others.unshare()
            }
        }
        facts.otherNamespaces = Attempt.failure { () throws(SystemError) in
            try enterUserNamespace()
            try others.unshare()
        }
        facts.proc = Attempt.failure(mountProc)
        facts.directory = directory
        facts.overlay = ProbedOverlay.failure(in: directory)
        if let place = try? Files.open(directory, Files.pathOnly) {
            facts.fileSystem = Mount.fileSystemType(of: place.number)
        }
        facts.landlock = Landlock.version
        let harmless = FilterCode.answer(FilterAnswer.allow)
        facts.seccomp = Attempt.failure { () throws(SystemError) in
            try Processes.set(.noNewPrivileges, 1)
            try Seccomp.load(harmless)
        }
        facts.seccompListener = Attempt.failure { () throws(SystemError) in
            try Processes.set(.noNewPrivileges, 1)
            _ = try Seccomp.loadNotifying(harmless).number
        }
        if facts.isRoot {
            facts.identityMapping = Attempt.failure { () throws(SystemError) in try mapIdentities(directory) }
        }
        facts.subordinates = subordinates()
        facts.controllers = controllers()
        facts.hasVersion1 = (text("/proc/self/cgroup") ?? "").split(separator: "\n").contains { !$0.hasPrefix("0::") }
        return facts
    }

    private static let others: Namespaces = [.mount, .pid, .ipc, .uts, .cgroup, .network]
    /// The overflow user, whom nobody is logged in as.
    private static let nobody: UInt32 = 65534

    private static func becomeNobody() throws(SystemError) {
        try Credentials.become(uid: nobody, gid: nobody, groups: [])
        // A change of user makes /proc/self root's, and the maps could not be written (proc(5)).
        try Processes.set(.dumpable, 1)
    }

    /// With nobody but the caller in it, as a jail's.
    fileprivate static func enterUserNamespace() throws(SystemError) {
        let (uid, gid) = (geteuid(), getegid())
        try Namespaces.user.unshare()
        try Namespaces.mapIdentity(inside: (uid, gid), outside: (uid, gid))
    }

    /// As a jail does it; the first process of a pid namespace has to be the one.
    private static func mountProc() throws(SystemError) {
        try enterUserNamespace()
        try others.unshare()
        let failure = Attempt.failure { () throws(SystemError) in
            _ = try Mount(newFileSystem: "proc", attributes: [.noSetUserID, .noDevices, .noExecute]).descriptor.number
        }
        if let failure { throw failure }
    }

    private static func mapIdentities(_ directory: String) throws(SystemError) {
        let map = try IdentityMap.swapping(users: (0, nobody), groups: (0, nobody))
        try Mount(copyOf: directory).mapIdentities(by: map)
    }

    private static func subordinates() -> Subordinates {
        var found = Subordinates()
        for name in ["newuidmap", "newgidmap"] {
            let path = ["/usr/bin/", "/bin/", "/usr/local/bin/"].map { $0 + name }.first { access($0, X_OK) == 0 }
            var status = stat()
            guard let path, stat(path, &status) == 0 else {
                found.missing.append(name)
                continue
            }
            if status.st_mode & S_ISUID == 0, !hasCapabilities(path) { found.powerless.append(name) }
        }
        // PR_GET_NO_NEW_PRIVS.
        found.noNewPrivileges = cl_prctl(39, 0, 0, 0, 0) == 1
        if geteuid() != 0 {
            let names = ownNames()
            found.hasRange = ["/etc/subuid", "/etc/subgid"].allSatisfy { file in
                (text(file) ?? "").split(separator: "\n").contains { line in
                    line.split(separator: ":").first.map { names.contains(String($0)) } ?? false
                }
            }
        }
        return found
    }

    private static func hasCapabilities(_ path: String) -> Bool {
        guard let file = try? Files.open(path, O_RDONLY) else { return false }
        return cl_fgetxattr(file.number, "security.capability", nil, 0) > 0
    }

    /// As /etc/subuid may call the caller. Read by hand: this program is linked whole, and so cannot load what the C
    /// library looks users up with.
    private static func ownNames() -> Set<String> {
        let uid = String(getuid())
        let lines = (text("/etc/passwd") ?? "").split(separator: "\n").map { $0.split(separator: ":") }
        return Set(lines.filter { $0.count > 2 && $0[2] == uid }.map { String($0[0]) } + [uid])
    }

    private static func controllers() -> Set<String>? {
        guard let place = try? CgroupPlace.own(), let cgroup = try? Cgroup(path: place.path) else { return nil }
        return try? cgroup.controllers()
    }

    private static func text(_ path: String) -> String? {
        guard let file = try? Files.open(path, O_RDONLY), let bytes = try? Files.readAll(file.number) else {
            return nil
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}

/// An overlay in a user namespace, in a directory that is made for it and removed.
private enum ProbedOverlay {
    static func failure(in directory: String) -> SystemError? {
        // The six X are mkdtemp(3)'s to fill in.
        var template = Array("\(directory)/.probe-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return SystemError("make a directory in", directory, errno: errno) }
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { remove(path) }
        return Attempt.failure { () throws(SystemError) in
            for name in ["/lower", "/changes"] {
                try check("make the directory", path + name) { mkdir(path + name, 0o700) }
            }
            try HostFacts.enterUserNamespace()
            try Namespaces.mount.unshare()
            let lower = try Files.open(path + "/lower", Files.pathOnly | O_DIRECTORY)
            let changes = try Files.open(path + "/changes", Files.pathOnly | O_DIRECTORY)
            try Overlay.makeLayers(in: changes.number, like: try Files.status(lower.number), path)
            _ = try Overlay.mount(lower: lower, changes: changes).descriptor.number
        }
    }

    private static func remove(_ path: String) {
        let changes = path + "/changes"
        let scratch = changes + "/work"
        // In the overlay's scratch directory the kernel makes one of the same name, empty.
        for directory in [scratch + "/work", scratch, changes + "/upper", changes, path + "/lower", path] {
            rmdir(directory)
        }
    }
}
