// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// User namespaces that nobody lives in, for mounts to be seen through (`Mount.mapIdentities`).
package enum IdentityMap {
    /// One line of a map: `count` ids from `inside` on are those from `outside` on.
    package struct Range: Equatable, Sendable {
        package var inside: UInt32
        package var outside: UInt32
        package var count: UInt32

        package init(inside: UInt32, outside: UInt32, count: UInt32) {
            self.inside = inside
            self.outside = outside
            self.count = count
        }
    }

    /// A namespace in which two users have changed places, and two groups, and everyone else is himself: what belongs
    /// to the one belongs to the other, also what is made. Needs CAP_SYS_ADMIN, CAP_SETUID and CAP_SETGID, and a
    /// process with one thread.
    package static func swapping(
        users: (UInt32, UInt32), groups: (UInt32, UInt32)
    ) throws(SystemError) -> OwnedDescriptor {
        let users = try swapped(users, in: present("uid_map"))
        let groups = try swapped(groups, in: present("gid_map"))
        let child = try inhabitant()
        defer {
            kill(child, SIGKILL)
            _ = try? Processes.wait(for: child)
        }
        for (file, ranges) in [("uid_map", users), ("gid_map", groups)] {
            let map = try Files.open("/proc/\(child)/\(file)", O_WRONLY)
            let text = ranges.map { "\($0.inside) \($0.outside) \($0.count)\n" }.joined()
            try Files.write(Array(text.utf8), to: map.number)
        }
        return try Files.open("/proc/\(child)/ns/user", O_RDONLY)
    }

    /// A stopped child in a user namespace of its own: as long as it is there, there is a path to the namespace.
    private static func inhabitant() throws(SystemError) -> Int32 {
        switch try Processes.fork() {
        case .child:
            do {
                try Namespaces.user.unshare()
                kill(getpid(), SIGSTOP)
                _exit(0)
            } catch {
                _exit(error.errno)
            }
        case .parent(let child):
            var status: Int32 = 0
            try check("wait for process", "\(child)") { waitpid(child, &status, WUNTRACED) }
            guard cl_wait_exited(status) != 0 else { return child }
            throw SystemError("create a user namespace", errno: cl_wait_exit_code(status))
        }
    }

    /// The ids that there are at all: in a container, not every number stands for one.
    private static func present(_ file: String) throws(SystemError) -> [Range] {
        let map = try Files.open("/proc/self/\(file)", O_RDONLY)
        let text = String(decoding: try Files.readAll(map.number), as: UTF8.self)
        return text.split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: " ").compactMap { UInt32($0) }
            return numbers.count == 3 ? Range(inside: numbers[0], outside: numbers[0], count: numbers[2]) : nil
        }
    }

    /// The ranges, with everyone mapped to himself, with two that have changed places.
    package static func swapped(_ pair: (UInt32, UInt32), in ranges: [Range]) throws(SystemError) -> [Range] {
        guard pair.0 != pair.1 else { return ranges }
        var result: [Range] = []
        var found = 0
        for range in ranges {
            let end = UInt64(range.inside) + UInt64(range.count)
            var next = UInt64(range.inside)
            for id in [min(pair.0, pair.1), max(pair.0, pair.1)] where (next..<end).contains(UInt64(id)) {
                if UInt64(id) > next {
                    result.append(.init(inside: UInt32(next), outside: UInt32(next), count: id - UInt32(next)))
                }
                result.append(.init(inside: id, outside: id == pair.0 ? pair.1 : pair.0, count: 1))
                next = UInt64(id) + 1
                found += 1
            }
            if next < end {
                result.append(.init(inside: UInt32(next), outside: UInt32(next), count: UInt32(end - next)))
            }
        }
        guard found == 2 else {
            throw SystemError("map \(pair.0) and \(pair.1), of which one does not exist here,", errno: EINVAL)
        }
        return result
    }
}
