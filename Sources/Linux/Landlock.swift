// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// Landlock (landlock(7), kernel 5.13), for a program that confines itself.
package enum Landlock {
    /// What this kernel knows of it, or 0 for nothing.
    package static var version: Int32 { max(cl_landlock_abi(), 0) }

    /// What may be done to files.
    package struct Access: OptionSet, Sendable {
        package let rawValue: UInt64
        package init(rawValue: UInt64) { self.rawValue = rawValue }

        package static let execute = Access(rawValue: 1 << 0)
        package static let writeFile = Access(rawValue: 1 << 1)
        package static let readFile = Access(rawValue: 1 << 2)
        package static let readDirectory = Access(rawValue: 1 << 3)
        /// To remove, rename and make everything but device nodes.
        package static let change = Access(rawValue: 0b1_0111_1011_0000)
        package static let makeDevices = Access(rawValue: 1 << 6 | 1 << 11)
        /// To link and rename between directories: version 2, before which nobody may once there is a rule set.
        package static let refer = Access(rawValue: 1 << 13)
        /// Version 3.
        package static let truncate = Access(rawValue: 1 << 14)
        /// ioctl(2) on device files that are opened from then on: version 5.
        package static let controlDevices = Access(rawValue: 1 << 15)

        package static let read: Access = [.readFile, .readDirectory]
        package static let everything: Access = [
            .execute, .read, .writeFile, .change, .makeDevices, .refer, .truncate, .controlDevices,
        ]
        /// What a rule for a file can grant; the rest is about directories.
        package static let ofFiles: Access = [.execute, .readFile, .writeFile, .truncate, .controlDevices]

        /// What of it `version` of Landlock knows.
        package func known(to version: Int32) -> Access {
            var known = self
            if version < 2 { known.remove(.refer) }
            if version < 3 { known.remove(.truncate) }
            if version < 5 { known.remove(.controlDevices) }
            return known
        }
    }

    /// What may be done with TCP ports: version 4.
    package struct PortAccess: OptionSet, Sendable {
        package let rawValue: UInt64
        package init(rawValue: UInt64) { self.rawValue = rawValue }

        package static let bind = PortAccess(rawValue: 1 << 0)
        package static let connect = PortAccess(rawValue: 1 << 1)
    }

    /// Rules on the way to being in force. What none of them grants is refused.
    package struct Ruleset: ~Copyable {
        private let descriptor: OwnedDescriptor
        private let version: Int32

        /// Handles all access to files, and to TCP ports as asked. From version 6 on, abstract Unix sockets of no
        /// process outside of what the rules confine are reached, nor do signals reach one unless `signals`.
        package init(ports: PortAccess, signals: Bool = false, version: Int32) throws(SystemError) {
            let scoped: UInt64 = version < 6 ? 0 : signals ? 0b01 : 0b11
            descriptor = OwnedDescriptor(
                owning: try check("create a Landlock rule set") {
                    cl_landlock_ruleset(Access.everything.known(to: version).rawValue, ports.rawValue, scoped)
                })
            self.version = version
        }

        /// `place` is open, with O_PATH at least; what it is says which of `access` can apply.
        package func allow(_ access: Access, below place: Int32) throws(SystemError) {
            let isDirectory = try Files.status(place).isDirectory
            let applying = (isDirectory ? access : access.intersection(.ofFiles)).known(to: version)
            guard !applying.isEmpty else { return }
            try check("add a Landlock rule") {
                cl_landlock_allow_below(descriptor.number, place, applying.rawValue)
            }
        }

        package func allow(_ access: PortAccess, port: UInt16) throws(SystemError) {
            try check("add a Landlock rule for port", "\(port)") {
                cl_landlock_allow_port(descriptor.number, UInt64(port), access.rawValue)
            }
        }

        /// For this process and all that it will ever start. Needs no_new_privs.
        package func restrictSelf() throws(SystemError) {
            try check("apply the Landlock rules") { cl_landlock_restrict_self(descriptor.number) }
        }
    }

    /// From now on this process may read and change files below `directories`, and open no other file for anything.
    /// What is open already stays usable, and signals reach whom they reached before. False when this kernel has no
    /// Landlock.
    package static func confineFiles(toBelow directories: [Int32]) throws(SystemError) -> Bool {
        let version = version
        guard version >= 1 else { return false }
        let rules = try Ruleset(ports: [], signals: true, version: version)
        for directory in directories {
            try rules.allow([.read, .writeFile, .change, .refer, .truncate], below: directory)
        }
        try rules.restrictSelf()
        return true
    }
}
