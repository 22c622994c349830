// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc

/// Paths of the command line, as a daemon in another directory understands them.
enum Paths {
    /// Absolute, and without symbolic links. What it names must exist.
    static func absolute(_ path: String) throws(Failure) -> String {
        guard let resolved = realpath(path, nil) else {
            let reason = String(cString: strerror(errno))
            throw Failure("\(path): \(reason)", hint: "give a path that exists and that you may reach")
        }
        defer { free(resolved) }
        guard let text = String(validatingCString: resolved) else {
            throw Failure("\(path): the path is not valid UTF-8, which the protocol cannot carry")
        }
        return text
    }
}
