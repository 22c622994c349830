// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import JailPlan
import Linux

/// What the mounts say, said again by Landlock, which does not depend on them: the rules stay with the agent's
/// processes wherever they get to, and grant nothing for what no entry of the plan names.
///
/// They can be no finer than a tree: what an entry grants holds for the places in it that are read-only, protected or
/// hidden, where the mounts alone decide.
enum FileAccess {
    /// For the agent's own process, with its standard streams in place and all of the jail's mounts.
    /// - Returns: whether this kernel has Landlock.
    static func restrict(_ plan: JailPlan, program: Int32?) throws(JailFailure) -> Bool {
        let version = Landlock.version
        let ports = try portAccess(plan, version)
        // Version 1 (kernels 5.13 to 5.18) refuses every rename between two directories, which no build survives.
        guard version >= 2 else {
            try Degradation.goWithout(
                "landlock", plan,
                because: JailFailure(
                    stage: "landlock",
                    action: "this kernel has no Landlock, or none that can be used (version "
                        + "\(version))",
                    hint: "it takes kernel 5.19 or newer with landlock among its security modules (lsm= on the "
                        + "kernel's command line), and a surrounding container that allows its system calls"))
            return false
        }
        try stage("landlock") { () throws(SystemError) in
            let rules = try Landlock.Ruleset(ports: ports, version: version)
            try allowPlaces(plan, rules)
            for stream: Int32 in 0...2 { try allowStream(stream, rules) }
            if let program { try allowProgram(program, rules) }
            for port in plan.ports?.connect ?? [] where ports.contains(.connect) {
                try rules.allow(.connect, port: port)
            }
            for port in plan.ports?.bind ?? [] where ports.contains(.bind) { try rules.allow(.bind, port: port) }
            try rules.restrictSelf()
        }
        return true
    }

    private static func portAccess(_ plan: JailPlan, _ version: Int32) throws(JailFailure) -> Landlock.PortAccess {
        var access: Landlock.PortAccess = []
        if plan.ports?.connect != nil { access.insert(.connect) }
        if plan.ports?.bind != nil { access.insert(.bind) }
        guard !access.isEmpty, version < 4 else { return access }
        try Degradation.goWithout(
            "network.ports", plan,
            because: JailFailure(
                stage: "network.ports", action: "this kernel cannot restrict TCP ports (Landlock version \(version))",
                hint: "it takes kernel 6.7 or newer with Landlock"))
        return []
    }

    private static let writing: Landlock.Access = [.read, .writeFile, .change, .refer, .truncate]

    private static func allowPlaces(_ plan: JailPlan, _ rules: borrowing Landlock.Ruleset) throws(SystemError) {
        try allow(.readDirectory, "/", rules)
        try allow([.read, .writeFile, .truncate], "/proc", rules)
        try allow([.read, .writeFile, .truncate, .controlDevices], "/dev", rules)
        try allow([writing, .execute], "/dev/shm", rules)
        for entry in plan.filesystem {
            guard let access = access(entry.kind) else { continue }
            try allow(access, entry.target, rules)
        }
    }

    /// Nil where an entry grants nothing of its own.
    private static func access(_ kind: FilesystemEntry.Kind) -> Landlock.Access? {
        switch kind {
        case .bind(let bind):
            let access: Landlock.Access = bind.writable ? writing : .read
            return bind.executable ? access.union(.execute) : access
        case .tmpfs(_, _, let executable): return executable ? writing.union(.execute) : writing
        case .overlay: return writing.union(.execute)
        case .copyOnWrite(_, _, let executable, _): return executable ? writing.union(.execute) : writing
        case .file(_, let mode), .prefixed(_, let mode), .copy(_, let mode):
            return mode & 0o111 != 0 ? [.read, .execute] : .read
        case .sysfs: return .read
        case .symlink, .protected, .hidden: return nil
        }
    }

    private static func allow(
        _ access: Landlock.Access, _ path: String, _ rules: borrowing Landlock.Ruleset
    ) throws(SystemError) {
        let place: OwnedDescriptor
        do {
            place = try Files.open(path, cl_O_PATH, resolve: cl_RESOLVE_NO_SYMLINKS, at: AT_FDCWD)
        } catch  where [ENOENT, ENOTDIR, EACCES, ELOOP].contains(error.errno) {
            // Optional and not there, covered by a later entry, or behind what the agent cannot pass either.
            return
        }
        try rules.allow(access, below: place.number)
    }

    /// A program that was handed over open: it may come from nowhere that the jail shows.
    private static func allowProgram(_ program: Int32, _ rules: borrowing Landlock.Ruleset) throws(SystemError) {
        do {
            try rules.allow([.execute, .readFile], below: program)
        } catch  where error.errno == EBADFD {
            // A file in memory (memfd_create(2)), which Landlock leaves alone.
        }
    }

    /// A stream that leads to a file or terminal outside can be opened again through /dev/stdout, as it was open.
    private static func allowStream(_ stream: Int32, _ rules: borrowing Landlock.Ruleset) throws(SystemError) {
        let mode = fcntl(stream, F_GETFL) & O_ACCMODE
        var access: Landlock.Access = .controlDevices
        if mode != O_WRONLY { access.insert(.readFile) }
        if mode != O_RDONLY { access.formUnion([.writeFile, .truncate]) }
        do {
            try rules.allow(access, below: stream)
        } catch  where error.errno == EBADFD {
            // A pipe or socket, which Landlock leaves alone.
        }
    }
}
