// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// What the agent's three streams must not be, whoever handed them over.
enum StandardStreams {
    /// For the agent's own process, in the finished jail.
    static func letGoOfHost() throws(SystemError) {
        for stream: Int32 in 0...2 {
            let status = try Files.status(stream)
            // A directory of the host's is a way out of every mount namespace, by "..": CVE-2024-21626.
            guard !status.isDirectory else {
                throw SystemError("take as a stream the directory", "\(stream)", errno: EISDIR)
            }
            guard status.isNullDevice else { continue }
            // The host's null device as the host mounts it can be written by mode as well: root's agent would change it
            // for everybody. The jail's own is bound read-only.
            let own = try Files.open("/dev/null", O_RDWR)
            try check("place a stream") { dup2(own.number, stream) }
        }
    }
}

extension stat {
    fileprivate var isNullDevice: Bool { st_mode & S_IFMT == S_IFCHR && st_rdev == 0x103 }
}
