// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// A jail's root in words, a line for each entry.
struct FileExplanation {
    let plan: JailPlan

    init(_ plan: JailPlan) { self.plan = plan }

    var lines: [String] {
        plan.filesystem.map { entry in
            "\(entry.target): \(words(entry))" + (entry.origin.map { " (\($0))" } ?? "")
        }
    }

    private func words(_ entry: FilesystemEntry) -> String {
        switch entry.kind {
        case .bind(let bind): words(bind, at: entry.target)
        case .tmpfs(let size, let mode, let executable):
            "empty, in memory, at most \(bytes(size)), mode \(octal(mode))\(executable ? "" : ", no programs")"
        case .file(_, let mode): "a file made for the jail, mode \(octal(mode))"
        case .prefixed(_, let mode): "made for the jail, before what its root has there, mode \(octal(mode))"
        case .symlink(let destination): "a link to \(destination)"
        case .copy(let source, let mode): "a copy of \(source), mode \(octal(mode))"
        case .sysfs: "the kernel's, read-only"
        case .overlay(let lower, let changes, _): "\(lower), with all changes kept in \(name(changes))"
        case .copyOnWrite(let source, let size, let executable, let optional):
            "\(source), with all changes in memory, at most \(bytes(size))\(executable ? "" : ", no programs")"
                + (optional ? ", if there" : "")
        case .protected: "read-only, whether it is there or not"
        case .hidden: "hidden"
        }
    }

    private func words(_ bind: FilesystemEntry.Bind, at target: String) -> String {
        var words = bind.writable ? "writable" : "read-only"
        if !bind.executable { words += ", no programs" }
        if bind.create { words += ", made if not there" }
        if bind.optional { words += ", if there" }
        if bind.source != .path(target) { words += ", from \(name(bind.source))" }
        return words
    }

    private func name(_ source: FilesystemEntry.Source) -> String {
        switch source {
        case .path(let path): path
        case .agentDirectory(let name): "the agent's own directory \(name)"
        }
    }
}
