// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import JailPlan
import Linux

/// What stands on the host, while a jail runs, in the place of protected paths that do not exist: a mount needs
/// something to stand on.
///
/// A placeholder is a directory (git does not see empty ones, so it is never committed), or for what git reads as a
/// file, a file, or where any directory would be as good as what is missing, one that nobody may enter. It is marked, so
/// that one that was left behind (a power cut) is known, and taken over by the next jail. All jails that need it share a
/// lock on it; the last one to end removes it.
struct Placeholders {
    enum Kind: Equatable {
        case directory
        case closedDirectory
        case file(content: String)

        fileprivate var mode: mode_t { self == .directory ? 0o1555 : 0o1444 }
    }

    /// The way to the process that removes them.
    private let keeper: Int32

    /// What each message to the keeper begins with.
    enum Word {
        /// Comes with a pidfd of the jail's first process.
        static let jail: UInt8 = 1
        /// Before a name, comes with the directory that it is in.
        static let place: UInt8 = 2
        /// Comes with the placeholder itself, and the lock on it.
        static let placeholder: UInt8 = 3
    }

    /// Starts the process that waits for the jail's end, as the same user but outside of it. It has to come before
    /// this process joins the jail's cgroup, because what is in there is ended with the jail.
    static func startKeeper(_ identity: JailPlan.Identity) throws(SystemError) -> Placeholders {
        let (ours, theirs) = try UnixSockets.pair()
        guard case .child = try Processes.fork() else {
            close(theirs)
            return Placeholders(keeper: ours)
        }
        PlaceholderKeeper.run(theirs, identity)
    }

    private init(keeper: Int32) {
        self.keeper = keeper
    }

    // MARK: - In the jail's first process

    /// Says whose end to wait for: a process's pidfd is readable once nothing is left of its pid namespace.
    func announceJail() throws(SystemError) {
        let own = OwnedDescriptor(owning: try check("open a pidfd") { cl_pidfd_open(getpid()) })
        try UnixSockets.send([Word.jail], descriptor: own.number, to: keeper)
    }

    /// Makes `name` in a directory of the host's, or takes over what another jail has made, and has it removed after
    /// the end of all who need it. ESTALE when something else has that name by now.
    func make(_ kind: Kind, _ name: String, in directory: Int32) throws(SystemError) -> OwnedDescriptor {
        try UnixSockets.send([Word.place] + Array(name.utf8), descriptor: directory, to: keeper)
        // As often as the last of other jails may remove it at this very moment.
        for _ in 0..<100 {
            let isNew = try create(kind, name, in: directory)
            let found: OwnedDescriptor
            do {
                found = try Files.open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, at: directory)
            } catch  where error.errno == ENOENT {
                continue
            }
            guard try Files.tryLockShared(found.number) else { continue }
            let status = try Files.status(found.number)
            guard Placeholders.isOne(found.number) else { throw SystemError("make a placeholder", name, errno: ESTALE) }
            guard status.st_nlink > 0 else { continue }
            do {
                try UnixSockets.send([Word.placeholder], descriptor: found.number, to: keeper)
            } catch {
                // Nobody would remove it. (The owner may have too many descriptors under way, ETOOMANYREFS.)
                if isNew, try Files.tryLock(found.number) {
                    unlinkat(directory, name, status.isDirectory ? AT_REMOVEDIR : 0)
                }
                throw error
            }
            return found
        }
        throw SystemError("make a placeholder", name, errno: EBUSY)
    }

    /// False when there was something of that name already.
    private func create(_ kind: Kind, _ name: String, in directory: Int32) throws(SystemError) -> Bool {
        do {
            // With their modes from the first moment on: others may look.
            switch kind {
            case .directory, .closedDirectory:
                try check("make a placeholder", name) { mkdirat(directory, name, kind.mode) }
                let made = try Files.open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, at: directory)
                try Placeholders.mark(made.number)
            case .file(let content):
                let file = try Files.open(
                    name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: kind.mode, at: directory)
                try Files.write(Array(content.utf8), to: file.number)
                try Placeholders.mark(file.number)
            }
            return true
        } catch  where error.errno == EEXIST {
            return false
        }
    }

    // MARK: - Knowing one

    private static let attribute = "user.agent-supervisor.placeholder"

    private static func mark(_ file: Int32) throws(SystemError) {
        do {
            try ExtendedAttributes.set(attribute, [1], of: file)
        } catch  where error.errno == ENOTSUP {
            // Then its mode has to do.
        }
    }

    /// By type, mode and owner, and by its mark where the file system can keep one.
    ///
    /// - Parameter file: open, O_PATH is enough.
    static func isOne(_ file: Int32) -> Bool {
        guard let status = try? Files.status(file), status.st_uid == geteuid(),
            [S_IFDIR | 0o1555, S_IFDIR | 0o1444, S_IFREG | 0o1444].contains(status.st_mode)
        else { return false }
        // The longest of them is a file with "." in it.
        guard status.isDirectory || status.st_size <= 2,
            let opened = try? Files.open("/proc/self/fd/\(file)", O_RDONLY | O_NONBLOCK | O_NOCTTY)
        else { return false }
        // One that is being made just now has its mark in a moment.
        for _ in 0..<5 {
            do throws(SystemError) {
                if try ExtendedAttributes.isThere(attribute, on: opened.number) { return true }
            } catch {
                return error.errno == ENOTSUP
            }
            usleep(20_000)
        }
        return false
    }
}
