// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// Maps users and groups of the owner's, besides himself, into the jail's user namespace. newuidmap(1) and newgidmap(1)
/// do it, set-user-ID root, as far as /etc/subuid and /etc/subgid say that they are his; and they do it from outside of
/// the namespace, so a process stays there until then.
struct SubordinateMapper {
    private static let stageName = "identity.map"
    private let socket: Int32
    private let helper: Int32

    /// To be called by a process with one thread that is about to make the namespace, as its owner.
    static func start(_ identity: JailPlan.Identity) throws(JailFailure) -> SubordinateMapper {
        guard identity.outside == nil else {
            throw JailFailure(
                stage: stageName, action: "an identity of its own has no subordinate users",
                hint: "choose one of identity: dynamic and users.subordinate")
        }
        return try stage(stageName) { () throws(SystemError) in
            let (ours, theirs) = try UnixSockets.pair()
            switch try Processes.fork() {
            case .child:
                close(ours)
                help(identity, theirs)
            case .parent(let helper):
                close(theirs)
                return SubordinateMapper(socket: ours, helper: helper)
            }
        }
    }

    /// To be called once in the new namespace.
    func map() throws(JailFailure) {
        let problem = try stage(Self.stageName) { () throws(SystemError) in
            try UnixSockets.send([1], to: socket)
            let answer = try UnixSockets.receive(from: socket, limit: ControlMessage.maximumSize)
            close(socket)
            try Processes.wait(for: helper)
            return answer.bytes
        }
        if problem != [0] { throw JailFailure(decoding: problem) }
    }

    // MARK: - The process outside

    private static func help(_ identity: JailPlan.Identity, _ socket: Int32) -> Never {
        let process = getppid()
        do {
            try stage(stageName) { () throws(SystemError) in try Processes.closeDescriptors(besides: [socket]) }
            let isReady = try stage(stageName) { () throws(SystemError) in
                try UnixSockets.receive(from: socket, limit: 1).bytes == [1]
            }
            guard isReady else { _exit(1) }
            let inside = identity.inside ?? .init(uid: identity.uid, gid: identity.gid)
            try run("newuidmap", process, [.init(inside: inside.uid, outside: identity.uid, count: 1)] + identity.users)
            try run(
                "newgidmap", process, [.init(inside: inside.gid, outside: identity.gid, count: 1)] + identity.groupIDs)
            try? UnixSockets.send([0], to: socket)
            _exit(0)
        } catch {
            try? UnixSockets.send(error.encoded, to: socket)
            _exit(1)
        }
    }

    private static func run(
        _ name: String, _ process: Int32, _ ranges: [JailPlan.Identity.IDRange]
    ) throws(JailFailure) {
        // By their own paths: a PATH may be anybody's.
        let path = ["/usr/bin/", "/bin/", "/usr/local/bin/"].map { $0 + name }.first { access($0, X_OK) == 0 }
        guard let path else {
            throw JailFailure(
                stage: stageName, SystemError("find", name, errno: ENOENT),
                hint: "subordinate users take newuidmap and newgidmap, in the package uidmap or shadow-utils")
        }
        let words = [name, "\(process)"] + ranges.flatMap { ["\($0.inside)", "\($0.outside)", "\($0.count)"] }
        let (end, said) = try stage(stageName) { () throws(SystemError) in
            let null = try Files.open("/dev/null", O_RDWR)
            let pipe = try Pipe()
            let child = try Spawn.start(
                path, words, descriptors: [0: null.number, 1: null.number, 2: pipe.writing.number])
            let reading = pipe.finishWriting()
            let said = try Files.readAll(reading.number)
            return (try Processes.wait(for: child), String(decoding: said.prefix(500), as: UTF8.self))
        }
        guard end == .exited(code: 0) else {
            throw JailFailure(
                stage: stageName, action: said.isEmpty ? "\(name) failed (\(end))" : said.filter { $0 != "\n" },
                hint: "/etc/subuid and /etc/subgid have to give the owner what the plan maps, and \(name) has to be "
                    + "set-user-ID root, which means nothing under no_new_privs (NoNewPrivileges= of a unit)")
        }
    }
}

extension JailPlan.Identity {
    /// Whether the jail has more users or groups than the owner's.
    var hasSubordinates: Bool { !users.isEmpty || !groupIDs.isEmpty }
}
