// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// One change as a unified diff with git's headers, which `git apply` takes where git can say it at all. The lines are
/// diff(1)'s own: it gets both sides as descriptors and no path.
package struct UnifiedDiff: Sendable {
    package let bytes: [UInt8]
    /// Whether there is more after these.
    package let isCut: Bool

    /// Files beyond this are not compared by line: diff(1) keeps both in memory.
    private static let largest: Int64 = 8 << 20
    /// What diff(1) may use, in seconds and bytes: an agent can write files that it finds no end with.
    private static let mostProcessorTime: UInt64 = 5
    private static let mostMemory: UInt64 = 512 << 20

    /// - Parameters:
    ///   - from: how many bytes of it are left out at its beginning.
    ///   - limit: of those after them.
    init(of change: Change, workspace: Int32, upper: Int32, from: Int, limit: Int) {
        var writer = Writer(change: change, workspace: workspace, upper: upper, limit: from + limit)
        do throws(SystemError) {
            try writer.write()
        } catch {
            writer.line("\(change.path.quoted) cannot be shown: \(error)")
        }
        let part = writer.bytes.dropFirst(from).prefix(limit)
        isCut = writer.isCut || writer.bytes.count > from + limit
        // At the end of a line, if it has one: a person reads on from there.
        let end = isCut ? part.lastIndex(of: 0x0A).map { $0 + 1 } ?? part.endIndex : part.endIndex
        bytes = Array(part[..<end])
    }

    private struct Writer {
        let change: Change
        let workspace: Int32
        let upper: Int32
        let limit: Int
        var bytes: [UInt8] = []
        var isCut = false

        var path: WorkspacePath { change.path }

        mutating func line(_ text: String) { bytes += Array((text + "\n").utf8) }

        mutating func write() throws(SystemError) {
            switch (change.old, change.new) {
            case (let old?, let new?) where old.kind != new.kind:
                // As git does: one goes, another comes.
                try pass(from: old, to: nil)
                try pass(from: nil, to: new)
            case (let old, let new): try pass(from: old, to: new)
            }
        }

        /// One side nil: it was not there before, or is not any more.
        private mutating func pass(from old: FileNode?, to new: FileNode?) throws(SystemError) {
            let kind = (new ?? old)!.kind
            guard kind == .file || kind == .symlink else { return describe(kind, old, new) }
            line("diff --git \(path.quoted(after: "a/")) \(path.quoted(after: "b/"))")
            switch (old, new) {
            case (nil, let new?): line("new file mode \(new.gitMode)")
            case (let old?, nil): line("deleted file mode \(old.gitMode)")
            case (let old?, let new?) where !new.hasSameMode(as: old):
                line("old mode \(old.gitMode)")
                line("new mode \(new.gitMode)")
            default: break
            }
            if change.status == .mode { return }
            if let size = [old, new].compactMap({ $0?.size }).max(), size > UnifiedDiff.largest {
                let (one, other) = (label(old, "a/"), label(new, "b/"))
                return line("Binary files \(one) and \(other) of up to \(size) bytes differ")
            }
            let before = try open(old, in: workspace)
            let after = try open(new, in: upper)
            try compare(before.number, label(old, "a/"), after.number, label(new, "b/"))
        }

        /// What git has no words for. No line of it begins like one of a patch.
        private mutating func describe(_ kind: FileNode.Kind, _ old: FileNode?, _ new: FileNode?) {
            let what =
                switch (old, new) {
                case (nil, let new?): "added, mode \(new.modeText)"
                case (let old?, nil): "deleted, mode \(old.modeText)"
                case (let old?, let new?): "mode \(old.modeText) is now \(new.modeText)"
                default: "unchanged"
                }
            line("# \(kind.rawValue) \(path.quoted) \(what)")
        }

        /// The end of the header's name is a tab where the name has a space in it, as git writes it for patch(1).
        private func label(_ node: FileNode?, _ prefix: String) -> String {
            guard node != nil else { return "/dev/null" }
            let quoted = path.quoted(after: prefix)
            return quoted.contains(" ") && !quoted.hasPrefix("\"") ? quoted + "\t" : quoted
        }

        private func open(_ node: FileNode?, in root: Int32) throws(SystemError) -> OwnedDescriptor {
            guard let node else { return try Files.open("/dev/null", O_RDONLY) }
            if node.kind == .symlink {
                let parent = try Beneath.open(path.parent.fileName, O_RDONLY | O_DIRECTORY, at: root)
                let target = try Beneath.target(of: path.name, in: parent.number)
                return try Files.memory("link", holding: target.bytes)
            }
            return try Beneath.open(path.fileName, O_RDONLY | O_NONBLOCK, at: root)
        }

        private mutating func compare(
            _ before: Int32, _ beforeLabel: String, _ after: Int32, _ afterLabel: String
        ) throws(SystemError) {
            let null = try Files.open("/dev/null", O_RDWR)
            let pipe = try Pipe()
            let child = try Spawn.start(
                "/usr/bin/diff",
                [
                    "diff", "-u", "--label", beforeLabel, "--label", afterLabel, "--", "/proc/self/fd/3",
                    "/proc/self/fd/4",
                ],
                environment: ["LC_ALL": "C"],
                descriptors: [0: null.number, 1: pipe.writing.number, 2: null.number, 3: before, 4: after],
                newSession: false)
            try ResourceLimits.set("cpu", UnifiedDiff.mostProcessorTime, of: child)
            try ResourceLimits.set("as", UnifiedDiff.mostMemory, of: child)
            let lines: [UInt8]
            do throws(SystemError) {
                // The pipe is closed when this returns, which ends a diff(1) that has more to say.
                lines = try UnifiedDiff.read(pipe.finishWriting(), upTo: limit + 1)
            } catch {
                try Processes.wait(for: child)
                throw error
            }
            let end = try Processes.wait(for: child)
            if lines.count > limit {
                isCut = true
                bytes += lines
                return
            }
            bytes += lines
            if end != .exited(code: 0) && end != .exited(code: 1) {
                // What has come is whole lines of a hunk that may be cut short: not for git to take.
                line("# the diff of \(path.quoted) is not complete: the files differ too much for diff(1) (\(end))")
            }
        }
    }

    private static func read(_ pipe: consuming OwnedDescriptor, upTo limit: Int) throws(SystemError) -> [UInt8] {
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while result.count < limit {
            let count = try check("read from diff") { Glibc.read(pipe.number, &buffer, buffer.count) }
            if count == 0 { break }
            result.append(contentsOf: buffer[..<count])
        }
        return result
    }
}
