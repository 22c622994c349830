// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Why a jail could not be built, or its command not be started.
package struct JailFailure: Error, Codable, Sendable, Equatable, CustomStringConvertible {
    /// The step that failed, stable for programs: `namespace.user`, `mount.bind`, `exec` …
    package var stage: String
    /// What was tried, on what: a clause for a person, such as `cannot bind /opt/tools into the jail`.
    package var action: String
    /// The errno by name, such as `EACCES`, where a system call failed.
    package var errno: String?
    /// The errno in words.
    package var reason: String?
    /// What the reader can do about it.
    package var hint: String?

    package init(stage: String, action: String, errno: String? = nil, reason: String? = nil, hint: String? = nil) {
        self.stage = stage
        self.action = action
        self.errno = errno
        self.reason = reason
        self.hint = hint
    }

    package var description: String {
        var text = action
        if let errno { text += reason.map { ": \($0) (\(errno))" } ?? ": \(errno)" }
        if let hint { text += "; \(hint)" }
        return text
    }
}
