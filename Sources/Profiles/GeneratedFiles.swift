// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// The files in `/etc` that every program expects and that say nothing of the host: its users are not the jail's.
struct GeneratedFiles {
    let owner: PlanRequest.Owner
    /// What the owner is called in the jail, and its numbers there if they are not the host's.
    let user: String
    let ids: JailPlan.Identity.IDs?
    let shell: String
    let hostname: String
    let network: JailPlan.Network
    let machineID: UInt128?

    /// Users, of which a root of the jail's own may have more.
    var databases: [(path: String, content: String)] { [("/etc/group", group), ("/etc/passwd", passwd)] }

    var contents: [(path: String, content: String)] {
        var contents = [
            ("/etc/hostname", hostname + "\n"), ("/etc/hosts", hosts), ("/etc/nsswitch.conf", switches),
        ]
        if let machineID { contents.append(("/etc/machine-id", Self.line(machineID))) }
        if network == .none { contents.append(("/etc/resolv.conf", Self.noNameServer)) }
        return contents
    }

    /// machine-id(5): 32 hexadecimal digits in small letters.
    private static func line(_ machineID: UInt128) -> String {
        let digits = String(machineID, radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits + "\n"
    }

    /// Without a server resolvers ask 127.0.0.1, where nothing listens. Some of them (musl's) would not notice that,
    /// and wait for ten seconds.
    private static let noNameServer = "# No network, and so no name server.\noptions timeout:1 attempts:1\n"

    /// What the kernel shows for every user and group that the jail's map does not have.
    private static let overflow: UInt32 = 65534

    private var passwd: String {
        // The request can set SHELL to anything; here it must not become a second line.
        let shell = shell.utf8.contains { $0 == 0x3A || $0 < 0x20 } ? "/bin/sh" : shell
        let (uid, gid) = (ids?.uid ?? owner.uid, ids?.gid ?? owner.gid)
        let nobody = "nobody:x:\(Self.overflow):\(Self.overflow):nobody:/nonexistent:/usr/sbin/nologin\n"
        return "\(user):x:\(uid):\(gid):\(user):\(owner.home):\(shell)\n" + (uid == Self.overflow ? "" : nobody)
    }

    private var group: String {
        let gid = ids?.gid ?? owner.gid
        return "\(user):x:\(gid):\n" + (gid == Self.overflow ? "" : "nogroup:x:\(Self.overflow):\n")
    }

    private var hosts: String {
        "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n127.0.1.1 \(hostname)\n"
    }

    private var switches: String {
        "passwd: files\ngroup: files\nhosts: files\(network == .host ? " dns" : "")\n"
            + "networks: files\nprotocols: files\nservices: files\n"
    }
}
