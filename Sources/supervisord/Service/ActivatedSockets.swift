// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// The sockets that a service manager listens on and hands over (sd_listen_fds(3)): `control`, and `read-only`, by the
/// name that the socket unit's FileDescriptorName= gives. One alone may have any name but a misspelt one of these.
struct ActivatedSockets {
    private static let readOnlyName = "read-only"
    private static let controlName = "control"
    /// SD_LISTEN_FDS_START
    private static let first: Int32 = 3

    /// Where one listens.
    struct Place: Sendable, Equatable {
        let descriptor: Int32
        let path: String
        let isReadOnly: Bool
    }

    let places: [Place]

    /// What was handed to this process, which owns it from now on; none where the environment is meant for another.
    init(_ environment: [String: String]) throws {
        guard environment["LISTEN_PID"].flatMap(Int32.init) == getpid(),
            let count = environment["LISTEN_FDS"].flatMap(Int32.init), count > 0
        else {
            places = []
            return
        }
        let names = environment["LISTEN_FDNAMES"]?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        places = try (0..<count).map { index in
            let name = names.count > Int(index) ? String(names[Int(index)]) : ""
            // systemd's own name is that of the unit. A socket that was to be read-only must not come to be another.
            guard
                [Self.controlName, Self.readOnlyName].contains(name)
                    || (count == 1 && (name.isEmpty || name.hasSuffix(".socket")))
            else {
                throw UsageProblem(
                    description:
                        "the service manager has handed over a socket called \"\(name)\"; say what it is for with "
                        + "FileDescriptorName=\(Self.controlName) or \(Self.readOnlyName)")
            }
            return try Self.place(Self.first + index, isReadOnly: name == Self.readOnlyName)
        }
    }

    private static func place(_ descriptor: Int32, isReadOnly: Bool) throws -> Place {
        try check("keep to itself the handed over descriptor", "\(descriptor)") {
            fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        guard try UnixSockets.isListening(descriptor), let path = try UnixSockets.path(of: descriptor) else {
            throw UsageProblem(
                description:
                    "the descriptor \(descriptor) that the service manager handed over is no Unix-domain stream "
                    + "socket with a path that is listened on: use ListenStream=/… in the socket unit")
        }
        return Place(descriptor: descriptor, path: path, isReadOnly: isReadOnly)
    }
}
