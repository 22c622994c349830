// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Glibc

/// What ssh asks at the terminal: for a password, or whether a host is the right one.
enum TerminalQuestion {
    /// Whether there is one now. OpenSSH has /dev/tty open for just that long.
    static var isOpen: Bool { children(of: getpid()).contains(where: asks) }

    private static func asks(_ process: pid_t) -> Bool {
        let descriptors = names(in: "/proc/\(process)/fd")
        return descriptors.contains { descriptor in
            let path = "/proc/\(process)/fd/\(descriptor)"
            return (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == "/dev/tty"
        } || children(of: process).contains(where: asks)
    }

    private static func children(of process: pid_t) -> [pid_t] {
        names(in: "/proc/\(process)/task").flatMap { thread in
            let list = try? Data(contentsOf: URL(filePath: "/proc/\(process)/task/\(thread)/children"))
            return String(decoding: list ?? Data(), as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
        }
    }

    private static func names(in directory: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    }
}
