// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Files of a cgroup that stay open: to read what it has used, and to end it, also for a process that can open nothing
/// any more. Files that this kernel or this cgroup does not have are left out.
package struct CgroupMeter: ~Copyable, Sendable {
    private let files: [String: Int32]
    private let killing: Int32?
    private let freezing: Int32?

    private static let names = [
        "cpu.stat", "memory.current", "memory.peak", "memory.swap.current", "memory.events", "pids.current",
        "pids.peak", "io.stat", "memory.pressure", "cpu.pressure", "io.pressure",
    ]

    package init(_ cgroup: borrowing Cgroup) {
        var files: [String: Int32] = [:]
        for name in Self.names {
            if let file = try? Files.open(name, O_RDONLY, at: cgroup.directory.number) { files[name] = file.release() }
        }
        self.files = files
        freezing = (try? Files.open("cgroup.freeze", O_WRONLY, at: cgroup.directory.number))?.release()
        killing = (try? Files.open("cgroup.kill", O_WRONLY, at: cgroup.directory.number))?.release()
    }

    deinit {
        for file in files.values { close(file) }
        if let killing { close(killing) }
        if let freezing { close(freezing) }
    }

    /// What the file says now, nil when there is none.
    package func text(_ name: String) -> String? {
        guard let file = files[name] else { return nil }
        // More than a page only for io.stat, on a machine with hundreds of disks.
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        // From the start: the kernel then writes it anew.
        let count = pread(file, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    package func number(_ name: String) -> Int64? { text(name).flatMap(CgroupText.number) }

    package func numbers(_ name: String) -> [String: Int64]? { text(name).map(CgroupText.numbers) }

    package func keyedNumbers(_ name: String) -> [String: [String: Int64]]? { text(name).map(CgroupText.keyedNumbers) }

    /// Stops everything in the cgroup, or lets it go on. False where the kernel cannot (before 5.2).
    package func freeze(_ freeze: Bool) throws(SystemError) -> Bool {
        guard let freezing else { return false }
        try check("write to cgroup.freeze") { write(freezing, freeze ? "1" : "0", 1) }
        return true
    }

    /// Ends everything in the cgroup, whoever it belongs to. False where the kernel cannot (before 5.14).
    package func kill() -> Bool {
        guard let killing else { return false }
        return write(killing, "1", 1) == 1
    }
}
