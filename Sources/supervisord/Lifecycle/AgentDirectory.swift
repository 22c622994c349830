// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Linux
import OutputLog
import Profiles
import ShimProtocol

/// One agent's place below the state directory: its output, its shim's socket and lock, its exit record, and what the
/// agent itself may keep.
///
/// Every call blocks on the file system.
struct AgentDirectory: Sendable {
    let path: String

    /// Where the output log is.
    var output: String { "\(path)/\(ShimLayout.output)" }

    /// Makes it, with the place for its output. Fails when it is there.
    func create() throws(SystemError) {
        try check("create the directory", path) { mkdir(path, 0o700) }
        let home = try open()
        try check("create the directory", output) { mkdirat(home.number, ShimLayout.output, 0o700) }
    }

    /// Makes what is to be the agent's own. What is there already stays as it is: the agent has used it before.
    func add(own directories: [OwnDirectory], owner: (uid: UInt32, gid: UInt32)) throws(SystemError) {
        let home = try open()
        let giveAway = owner.uid != geteuid()
        for own in directories {
            if faccessat(home.number, own.relativePath, F_OK, Int32(AT_SYMLINK_NOFOLLOW)) == 0 { continue }
            // Under another name until it is whole: a daemon may end in between.
            let temporary = own.relativePath + ".new"
            try DirectoryTree.remove("\(path)/\(temporary)")
            try createParents(of: "\(temporary)/", at: home.number)
            // By descriptor, and given away last: until then nobody else can put anything in the way.
            let directory = try Files.open(temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, at: home.number)
            for file in own.files { try write(file, to: directory.number, owner: giveAway ? owner : nil) }
            if giveAway {
                try letOthersPass(to: own.relativePath, at: home.number)
                try check("give away the directory", own.relativePath) {
                    fchown(directory.number, owner.uid, owner.gid)
                }
            }
            try check("rename", temporary) { renameat(home.number, temporary, home.number, own.relativePath) }
        }
    }

    /// The owner reaches the agent's own directories by their path, and may see nothing else on the way.
    private func letOthersPass(to name: String, at home: Int32) throws(SystemError) {
        try check("let others pass through", path) { fchmod(home, 0o711) }
        for slash in name.indices where name[slash] == "/" {
            let parent = String(name[..<slash])
            try check("let others pass through", parent) { fchmodat(home, parent, 0o711, 0) }
        }
    }

    private func write(
        _ file: OwnDirectory.File, to directory: Int32, owner: (uid: UInt32, gid: UInt32)?
    ) throws(SystemError) {
        for parent in try createParents(of: file.name, at: directory) {
            guard let owner else { continue }
            try check("give away the directory", parent) {
                fchownat(directory, parent, owner.uid, owner.gid, Int32(AT_SYMLINK_NOFOLLOW))
            }
        }
        let target = try Files.open(file.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, at: directory)
        try Files.write(Array(file.content.utf8), to: target.number)
        try check("set the mode of", file.name) { fchmod(target.number, mode_t(file.mode)) }
        guard let owner else { return }
        try check("give away", file.name) { fchown(target.number, owner.uid, owner.gid) }
    }

    /// Makes the directories on the way to a name, mode 0700, and returns those that are new.
    @discardableResult
    private func createParents(of name: String, at directory: Int32) throws(SystemError) -> [String] {
        var created: [String] = []
        for slash in name.indices where name[slash] == "/" {
            let parent = String(name[..<slash])
            if mkdirat(directory, parent, 0o700) == 0 {
                created.append(parent)
            } else if errno != EEXIST {
                throw SystemError("create the directory", parent, errno: errno)
            }
        }
        return created
    }

    func open() throws(SystemError) -> OwnedDescriptor {
        try Files.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    }

    /// The lock file. Whoever has its lock knows that no shim lives here.
    func lockFile() throws(SystemError) -> OwnedDescriptor {
        let directory = try open()
        return try Files.open(ShimLayout.lock, O_RDWR | O_CREAT | O_NOFOLLOW, at: directory.number)
    }

    /// A shim was started here once.
    var hasBeenLaunched: Bool { access("\(path)/\(ShimLayout.lock)", F_OK) == 0 }

    /// The program of this attempt has been executed, by its shim's word.
    func hasRun(_ attempt: Int) -> Bool { access("\(path)/\(ShimLayout.executed(attempt))", F_OK) == 0 }

    /// False also when there is no directory: the daemon that was to make it has ended before that.
    func hasShim(creatingLock: Bool = true) throws(SystemError) -> Bool {
        if !creatingLock, !hasBeenLaunched { return false }
        do {
            let lock = try lockFile()
            return try !Files.tryLock(lock.number)
        } catch  where error.errno == ENOENT {
            return false
        }
    }

    /// A connection to the shim, non-blocking, which is the caller's to close.
    func connect() throws(SystemError) -> Int32 {
        let home = try open()
        let connection = try UnixSockets.connect(ShimLayout.socket, in: home.number)
        try connection.setNonBlocking()
        return connection.release()
    }

    /// Takes away what an earlier attempt has left. To be called while the lock is held.
    func clear(for attempt: Int) throws(SystemError) {
        let directory = try open()
        for name in [
            ShimLayout.socket, ShimLayout.exitRecord, ShimLayout.exitReserve, ShimLayout.executed(attempt),
            ShimLayout.executed(attempt - 1),
        ] {
            if unlinkat(directory.number, name, 0) != 0, errno != ENOENT {
                throw SystemError("remove", "\(path)/\(name)", errno: errno)
            }
        }
    }

    /// The offset at which the output of a next attempt goes on. Blocks.
    func outputEnd() throws(SystemError) -> UInt64 {
        try OutputLogReader(directory: output).range().end
    }

    /// How the agent ended, or nil when its shim left no record.
    func exitRecord() throws -> ExitRecord? {
        do {
            return try JSONDecoder().decode(ExitRecord.self, from: Data(try read(ShimLayout.exitRecord)))
        } catch let error as SystemError where error.errno == ENOENT {
            return nil
        }
    }

    /// Writes down what the agent is confined by.
    func record(_ policy: PolicyRecord) throws {
        let directory = try open()
        try Files.replace(PolicyRecord.file, with: try CanonicalJSON.encode(policy), at: directory.number)
    }

    /// What `record` has written, as it is; nil when there is none that can be read.
    func policy() -> JSONValue? {
        (try? read(PolicyRecord.file)).flatMap { try? JSONValue(parsing: $0) }
    }

    func read(_ name: String) throws(SystemError) -> [UInt8] {
        let directory = try open()
        // Nobody is waited for who would write into a pipe.
        let file = try Files.open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, at: directory.number)
        return try Files.readAll(file.number)
    }

    /// The last of what the shim wrote to its standard error, for when it left nothing else. At most 1 KiB.
    func shimComplaint() -> String? {
        guard let bytes = try? read(ShimLayout.log) else { return nil }
        let text = String(decoding: bytes.suffix(1024), as: UTF8.self).split(separator: "\n").suffix(4)
        return text.isEmpty ? nil : text.joined(separator: " / ")
    }

    /// Whether changes of the agent's to an overlay are there that have neither been applied nor discarded. Blocks.
    func holdsWork() -> Bool {
        guard let home = try? open() else { return false }
        // What cannot be looked into, since it is the owner's, is taken for work.
        do {
            return try !Files.names(in: "changes/upper", at: home.number, limit: 1_000_000).isEmpty
        } catch {
            return true
        }
    }

    /// Removes it with all it holds.
    func remove() throws(SystemError) {
        try DirectoryTree.remove(path)
    }

    /// The name that it has once its agent is being removed: a daemon that is killed meanwhile leaves it to the next one,
    /// which must not take an agent without its files for one that has ended.
    static let endingWhenSetAside = ".removed"
    private var pathWhenSetAside: String { path + Self.endingWhenSetAside }
    var isSetAside: Bool { access(pathWhenSetAside, F_OK) == 0 }

    /// Sets it aside, and removes all that it holds. It may be set aside or gone already. Fails with ECANCELED once `goesOn`
    /// does not hold any more.
    func clearAside(while goesOn: @escaping () -> Bool) throws(SystemError) {
        if rename(path, pathWhenSetAside) != 0, errno != ENOENT {
            throw SystemError("rename", path, errno: errno)
        }
        if isSetAside { try DirectoryTree.empty(pathWhenSetAside, while: goesOn) }
    }

    /// To be called when nothing is known of the agent any more.
    func removeAside() throws(SystemError) {
        try DirectoryTree.remove(pathWhenSetAside)
    }
}
