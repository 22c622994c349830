// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Profiles

/// A plan in words, one fact per line.
struct Explanation {
    let profile: Profile
    let plan: JailPlan

    var text: String {
        var sections = [
            ("Profile", ["\(profile.name): \(profile.description ?? "no description")"] + profile.files),
            ("Identity", identity), ("Network", [network]),
            ("Files, in the order in which they are put there", plan.filesystem.map(line)),
            ("Limits", limits), ("Environment", environment), ("System calls", systemCalls),
        ]
        if !profile.missing.isEmpty { sections.append(("Asked for, and not enforced", profile.missing)) }
        return sections.map { title, lines in
            "\(title)\n" + lines.map { "  \($0)\n" }.joined()
        }.joined(separator: "\n")
    }

    private var identity: [String] {
        [
            "uid \(plan.identity.uid), gid \(plan.identity.gid), the same inside and outside; no capabilities",
            "host name \(plan.hostname), umask \(octal(plan.umask)), working directory \(plan.command.workingDirectory)",
        ]
    }

    private var network: String {
        switch plan.network {
        case .none: "a network of its own with nothing but loopback"
        case .host: "the host's, with all that listens there, abstract Unix sockets included"
        }
    }

    private func line(_ entry: FilesystemEntry) -> String {
        let what =
            switch entry.kind {
            case .bind(.path(let source), let writable, let optional):
                (writable ? "writable" : "read-only") + (optional ? ", if there" : "")
                    + (source == entry.target ? "" : ", from \(source)")
            case .bind(.agentDirectory(let name), _, _): "writable, the agent's own directory \(name)"
            case .tmpfs(let size, _): "empty, in memory, at most \(bytes(size))"
            case .file: "a file made for the jail"
            case .symlink(let destination): "a link to \(destination)"
            case .hidden: "hidden"
            }
        return "\(entry.target): \(what)" + (entry.origin.map { " (\($0))" } ?? "")
    }

    private var limits: [String] {
        plan.limits.map { limit in
            func shown(_ value: UInt64?) -> String { value.map(String.init) ?? "unlimited" }
            return limit.soft == limit.hard
                ? "\(limit.resource) \(shown(limit.soft))"
                : "\(limit.resource) \(shown(limit.soft)), can be raised to \(shown(limit.hard))"
        }
    }

    private var environment: [String] {
        plan.command.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    private var systemCalls: [String] {
        let allowed = Set(plan.systemCalls.allowed)
        let refusal =
            switch plan.systemCalls.refusal {
            case .errno: "fail with the profile's errno"
            case .kill: "end the process"
            }
        var lines = [
            "\(allowed.count) allowed; \(plan.systemCalls.refused.count) known others \(refusal); the rest: ENOSYS"
        ]
        for group in SystemCallSelection.groups {
            let members = SystemCallSelection.expand(group)
            let count = members.intersection(allowed).count
            var line = "\(group): \(count) of \(members.count)"
            // A few that differ are worth naming.
            let refused = members.subtracting(allowed).sorted()
            if count > 0, (1...8).contains(refused.count) { line += ", without \(refused.joined(separator: " "))" }
            if count > 0, count <= 4, refused.count > 8 {
                line += ": \(members.intersection(allowed).sorted().joined(separator: " "))"
            }
            lines.append(line + (SystemCallSelection.purpose(of: group).map { " (\($0))" } ?? ""))
        }
        return lines
    }

    private func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }

    private func bytes(_ count: UInt64) -> String {
        for (unit, shift) in [("G", 30), ("M", 20), ("K", 10)] where count.trailingZeroBitCount >= shift && count > 0 {
            return "\(count >> UInt64(shift))\(unit)"
        }
        return "\(count) bytes"
    }
}
