// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Where this process stands in the hierarchy of cgroup v2, read from /proc (cgroups(7)). Hosts with v1 beside it have
/// it at another place (/sys/fs/cgroup/unified), and containers show a part of it only.
package struct CgroupPlace: Equatable, Sendable {
    /// The directory of the cgroup, an absolute path.
    package var path: String
    /// Whether the mount can be written to at all.
    package var isWritable: Bool

    /// - Parameters:
    ///   - membership: the text of /proc/self/cgroup.
    ///   - mounts: the text of /proc/self/mountinfo.
    package init?(membership: String, mounts: String) {
        guard let line = membership.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return nil }
        let own = String(line.dropFirst(3))
        var found: CgroupPlace?
        for line in mounts.split(separator: "\n") {
            guard let mount = Self.mount(line), let below = Self.relative(own, to: mount.root) else { continue }
            let place = CgroupPlace(
                path: below.isEmpty ? mount.point : mount.point + "/" + below, isWritable: mount.isWritable)
            // Of several mounts one that can be written to.
            if found == nil || (place.isWritable && found?.isWritable == false) { found = place }
        }
        guard let found else { return nil }
        self = found
    }

    init(path: String, isWritable: Bool) {
        self.path = path
        self.isWritable = isWritable
    }

    /// That of the calling process; nil where there is no cgroup v2, or none to be seen.
    package static func own() throws(SystemError) -> CgroupPlace? {
        CgroupPlace(membership: try text("/proc/self/cgroup"), mounts: try text("/proc/self/mountinfo"))
    }

    private static func text(_ path: String) throws(SystemError) -> String {
        let file = try Files.open(path, O_RDONLY)
        return String(decoding: try Files.readAll(file.number), as: UTF8.self)
    }

    /// One line of mountinfo (proc_pid_mountinfo(5)): ID PARENT DEVICE ROOT POINT OPTIONS [TAG …] - TYPE SOURCE OPTIONS.
    private static func mount(_ line: Substring) -> (root: String, point: String, isWritable: Bool)? {
        let fields = line.split(separator: " ", omittingEmptySubsequences: false)
        guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3, fields[dash + 1] == "cgroup2"
        else { return nil }
        let options = fields[5].split(separator: ",") + fields[dash + 3].split(separator: ",")
        return (unescaped(fields[3]), unescaped(fields[4]), !options.contains("ro"))
    }

    /// The kernel writes blanks and backslashes of paths as three octal digits.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What of `path` lies below `root`, nil when it does not: a cgroup outside what is mounted here, which the
    /// kernel shows as "/../…" where there is a cgroup namespace.
    private static func relative(_ path: String, to root: String) -> String? {
        let words = path.split(separator: "/")
        let above = root.split(separator: "/")
        guard words.starts(with: above), !words.contains("..") else { return nil }
        return words.dropFirst(above.count).joined(separator: "/")
    }
}
