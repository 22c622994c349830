// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import JailPlan
import Linux

/// The process that waits for a jail's end and removes its placeholders then, whoever ended it: also when pid 1 was
/// killed, or the shim, who reaps this process as the last of the jail's.
///
/// It holds nothing of the agent's: a stream or socket that stayed open here would keep its reader from noticing the
/// end.
enum PlaceholderKeeper {
    private struct Placeholder {
        var name: String
        var directory: Int32
        var opened: Int32
    }

    static func run(_ jail: Int32, _ identity: JailPlan.Identity) -> Never {
        do {
            let jail = try settle(jail, identity)
            let placeholders = try wait(for: jail)
            let deadline = Clock.boot() + 200
            for placeholder in placeholders.reversed() { remove(placeholder, until: deadline) }
            _exit(0)
        } catch {
            // While the jail is being built it finds this socket closed and gives up.
            _exit(1)
        }
    }

    /// Lets go of everything but the way to the jail.
    private static func settle(_ given: Int32, _ identity: JailPlan.Identity) throws(SystemError) -> Int32 {
        let null = try Files.open("/dev/null", O_RDWR)
        for stream: Int32 in 0...2 { try check("place a descriptor") { dup2(null.number, stream) } }
        _ = null.release()
        let jail: Int32 = 3
        if given != jail { try check("place a descriptor") { dup2(given, jail) } }
        try Processes.closeDescriptors(above: jail)
        // Neither a terminal's ^C nor a signal to the keeper's process group is meant for it.
        Signals.blockAll()
        try check("start a session") { setsid() }
        if let outside = identity.outside {
            try Credentials.become(uid: outside.uid, gid: outside.gid, groups: [])
        } else if geteuid() != identity.uid || getegid() != identity.gid {
            try Credentials.become(uid: identity.uid, gid: identity.gid, groups: identity.groups)
        }
        try Privileges.giveUp()
        return jail
    }

    /// Everything that was placed, once nothing is left of the jail.
    private static func wait(for jail: Int32) throws(SystemError) -> [Placeholder] {
        var placeholders: [Placeholder] = []
        var place: (name: String, directory: Int32)?
        var first: Int32?
        while true {
            let (bytes, descriptor, _) = try UnixSockets.receive(from: jail, limit: 512)
            guard let word = bytes.first, let descriptor else { break }
            switch word {
            case Placeholders.Word.jail: first = descriptor
            case Placeholders.Word.place:
                place = (String(decoding: bytes.dropFirst(), as: UTF8.self), descriptor)
            default:
                guard let (name, directory) = place else { continue }
                placeholders.append(.init(name: name, directory: directory, opened: descriptor))
            }
        }
        // The socket closes before the kernel ends the rest of the jail, who could put something in the place of what
        // is removed: so not before the last of them is gone (zap_pid_ns_processes comes before the pidfd's news).
        if let first {
            var events = [pollfd(fd: first, events: Int16(POLLIN), revents: 0)]
            try check("wait for the jail's end") { poll(&events, 1, -1) }
        }
        return placeholders
    }

    /// Whether nobody else needs it: another jail that does still has its lock, and removes it later.
    ///
    /// An agent can have sent its own descriptor of it to itself, where the kernel finds it only some time after the
    /// end (unix_gc in net/unix/garbage.c).
    private static func isAlone(with placeholder: Placeholder, until deadline: Int64) -> Bool {
        while true {
            if (try? Files.tryLock(placeholder.opened)) == true { return true }
            if Clock.boot() >= deadline { return false }
            usleep(10_000)
        }
    }

    /// - Parameter deadline: in milliseconds of `Clock.boot`, the same for all: each may be another jail's as well.
    private static func remove(_ placeholder: Placeholder, until deadline: Int64) {
        guard isAlone(with: placeholder, until: deadline), Placeholders.isOne(placeholder.opened),
            let status = try? Files.status(placeholder.opened)
        else { return }
        var present = stat()
        guard fstatat(placeholder.directory, placeholder.name, &present, Int32(AT_SYMLINK_NOFOLLOW)) == 0,
            present.st_dev == status.st_dev, present.st_ino == status.st_ino
        else { return }
        // A directory that is not empty any more stays.
        unlinkat(placeholder.directory, placeholder.name, status.isDirectory ? AT_REMOVEDIR : 0)
    }
}
