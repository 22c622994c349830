// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux

/// Whether, and how, a test can have a cgroup of its own with the controllers that limits need.
enum Delegation {
    /// What goes before a command so that it runs in a cgroup that is its own to divide, made by systemd; nil where
    /// there is none to be had.
    ///
    /// - Parameter directory: the scene's, whose runtime directory the command keeps.
    static func prefix(for person: Person, in directory: String = "/") -> [String]? {
        guard hasControllers else { return nil }
        let words = [
            "--scope", "--quiet", "--collect", "--property=Delegate=yes", "--", "/usr/bin/env",
            "XDG_RUNTIME_DIR=\(directory)/run",
        ]
        if person == .root {
            return access("/run/systemd/private", F_OK) == 0 ? ["/usr/bin/systemd-run"] + words : nil
        }
        // Another user's manager is not ours to ask: only who runs the tests has one.
        let runtime = "/run/user/\(person.uid)"
        guard person.uid == geteuid(), access("\(runtime)/systemd/private", F_OK) == 0 else { return nil }
        return ["/usr/bin/env", "XDG_RUNTIME_DIR=\(runtime)", "/usr/bin/systemd-run", "--user"] + words
    }

    /// Those of the people that tests run as who can have one.
    static let people = Person.all.filter { prefix(for: $0) != nil }

    static let reason = "needs systemd and cgroup v2 with the controllers memory and pids: make test-vm has them"

    private static let hasControllers: Bool = {
        guard let file = try? Files.open("/sys/fs/cgroup/cgroup.controllers", O_RDONLY),
            let bytes = try? Files.readAll(file.number)
        else { return false }
        let names = Set(String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" })
        return names.isSuperset(of: ["memory", "pids"])
    }()
}
