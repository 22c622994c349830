// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// One cgroup of the v2 hierarchy (cgroups(7), the kernel's admin-guide/cgroup-v2): its directory, open.
package struct Cgroup: ~Copyable, Sendable {
    /// For messages, and to find it again.
    package let path: String
    package let directory: OwnedDescriptor

    /// Fails with ENOENT for a directory that is no cgroup of version 2: the file that is looked for is in no other.
    package init(path: String) throws(SystemError) {
        let directory = try Files.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        try check("find cgroup v2's files in", path) {
            faccessat(directory.number, "cgroup.controllers", F_OK, 0)
        }
        self.path = path
        self.directory = directory
    }

    /// The controllers that it has, and that its children may be given.
    package func controllers() throws(SystemError) -> Set<String> { try words("cgroup.controllers") }

    /// The controllers that its children have.
    package func childControllers() throws(SystemError) -> Set<String> { try words("cgroup.subtree_control") }

    private func words(_ name: String) throws(SystemError) -> Set<String> {
        Set(try read(name).split { $0 == " " || $0 == "\n" }.map(String.init))
    }

    package func read(_ name: String) throws(SystemError) -> String {
        let file = try Files.open(name, O_RDONLY, at: directory.number)
        return String(decoding: try Files.readAll(file.number), as: UTF8.self)
    }

    package func write(_ value: String, to name: String) throws(SystemError) {
        let file = try Files.open(name, O_WRONLY | O_NOFOLLOW, at: directory.number)
        let bytes = Array(value.utf8)
        // With one call: each is a command of its own to the kernel.
        try check("write \"\(value)\" to", "\(path)/\(name)") { Glibc.write(file.number, bytes, bytes.count) }
    }

    /// Gives its children these controllers. EBUSY while processes are in it itself: below the root, processes are
    /// only in the leaves ("no internal processes").
    package func giveChildren(_ controllers: Set<String>) throws(SystemError) {
        let missing = controllers.subtracting(try childControllers())
        if missing.isEmpty { return }
        try write(missing.sorted().map { "+\($0)" }.joined(separator: " "), to: "cgroup.subtree_control")
    }

    package func takeFromChildren(_ controllers: Set<String>) throws(SystemError) {
        if controllers.isEmpty { return }
        try write(controllers.sorted().map { "-\($0)" }.joined(separator: " "), to: "cgroup.subtree_control")
    }

    /// A new cgroup in this one. EEXIST when there is one of this name.
    package func makeChild(_ name: String) throws(SystemError) -> Cgroup {
        try check("create the cgroup", "\(path)/\(name)") { mkdirat(directory.number, name, 0o755) }
        return try Cgroup(path: "\(path)/\(name)")
    }

    /// The names of the cgroups in it.
    package func children() throws(SystemError) -> [String] {
        // Opened anew, since closedir(3) closes what it was given.
        let copy = try Files.open(".", O_RDONLY | O_DIRECTORY, at: directory.number).release()
        guard let stream = fdopendir(copy) else {
            let number = errno
            close(copy)
            throw SystemError("list", path, errno: number)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// The processes that are in it itself. 0 is one that this pid namespace does not see.
    package func processes() throws(SystemError) -> [Int32] {
        try read("cgroup.procs").split(separator: "\n").compactMap { Int32($0) }
    }

    /// Moves a process into it; 0 is the calling one.
    package func add(_ process: Int32) throws(SystemError) {
        try write("\(process)", to: "cgroup.procs")
    }

    /// Whether a process is in it or below it.
    package func isPopulated() throws(SystemError) -> Bool {
        CgroupText.numbers(try read("cgroup.events"))["populated"] != 0
    }

    /// Stops everything in it, or lets it go on. Not at once: `cgroup.events` says when it is `frozen`.
    package func freeze(_ freeze: Bool) throws(SystemError) {
        try write(freeze ? "1" : "0", to: "cgroup.freeze")
    }

    /// Ends everything in it and below it with SIGKILL.
    package func kill() throws(SystemError) {
        do {
            try write("1", to: "cgroup.kill")
        } catch  where error.errno == ENOENT {
            try killOneByOne()
        }
    }

    /// As the kernel does it since 5.14. Frozen meanwhile, since what forks faster than it is listed would go on for
    /// ever; a frozen process still dies.
    private func killOneByOne() throws(SystemError) {
        try? freeze(true)
        for _ in 0..<1000 {
            let processes = try processes()
            if processes.isEmpty { break }
            for process in processes where process > 0 { _ = Glibc.kill(process, SIGKILL) }
            usleep(1000)
        }
        try? freeze(false)
    }

    /// Removes a cgroup with those in it, where no process is left in any. For a moment after the last process was
    /// waited for the kernel still answers EBUSY: it is tried again for two seconds. One that is gone is no error.
    package static func remove(_ path: String) throws(SystemError) {
        for attempt in 0... {
            if rmdir(path) == 0 || errno == ENOENT { return }
            let number = errno
            guard number == EBUSY || number == ENOTEMPTY, attempt < 200 else {
                throw SystemError("remove the cgroup", path, errno: number)
            }
            if attempt == 0, let cgroup = try? Cgroup(path: path) {
                for child in try cgroup.children() { try remove("\(path)/\(child)") }
            } else {
                usleep(10_000)
            }
        }
    }
}
