// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// A file that is complete and not yet to be seen: published with one rename.
final class StagedFile {
    let change: Change
    let parent: HostDirectories.Opened
    private let descriptor: OwnedDescriptor
    /// Its name, where the file system cannot keep a file without one.
    private var temporary: FileName?
    private let fallback: FileName
    private(set) var warnings: [Outcome.Note] = []

    /// `temporary` is a name that nothing else has in that directory.
    init(
        _ change: Change, from source: borrowing OwnedDescriptor, in parent: HostDirectories.Opened,
        temporary: FileName
    ) throws(SystemError) {
        self.change = change
        self.parent = parent
        fallback = temporary
        let opened = try StagedFile.create(in: parent.number, temporary)
        descriptor = opened.descriptor
        self.temporary = opened.name
        do throws(SystemError) {
            try fill(from: source)
        } catch {
            abandon()
            throw error
        }
    }

    private struct Created: ~Copyable {
        let descriptor: OwnedDescriptor
        let name: FileName?
    }

    private static func create(in parent: Int32, _ name: FileName) throws(SystemError) -> Created {
        do throws(SystemError) {
            // Gone with its last descriptor if we are killed (open(2), O_TMPFILE).
            let file = try Files.open(".", Files.unnamed | O_WRONLY, mode: 0o600, at: parent)
            return Created(descriptor: file, name: nil)
        } catch {
            guard [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(error.errno) else { throw error }
            let file = try Files.open(
                name.text, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600, at: parent)
            return Created(descriptor: file, name: name)
        }
    }

    private func fill(from source: borrowing OwnedDescriptor) throws(SystemError) {
        let new = change.new!
        if let old = change.old, old.kind == .file { try keepIdentity(of: old) }
        try FileContent.copy(from: source.number, to: descriptor.number)
        try check("set the mode of", change.path.quoted) { fchmod(descriptor.number, new.safeMode) }
        if new.safeMode != new.mode {
            warn("set-id-dropped", "its set-user-ID and set-group-ID bits were dropped")
        }
        try Files.setModified(new.modified, of: descriptor.number)
    }

    /// The workspace's file keeps its owner, its access list and its other attributes, as if it had been written to.
    private func keepIdentity(of old: FileNode) throws(SystemError) {
        let mine = FileNode(try Files.status(descriptor.number))
        if mine.owner != old.owner || mine.group != old.group {
            if fchown(descriptor.number, old.owner, old.group) != 0,
                fchown(descriptor.number, UInt32.max, old.group) != 0 || mine.owner != old.owner
            {
                warn("owner", "its owner or group was \(old.owner):\(old.group), which only root can give it again")
            }
        }
        if old.links > 1 {
            warn("hard-link", "it had other names in the host's file system, which keep the old content")
        }
        let original: OwnedDescriptor
        do {
            original = try Beneath.open(change.path.name, O_RDONLY | O_NONBLOCK, at: parent.number)
        } catch  where error.errno == EACCES {
            return warn("attributes", "its access list and attributes could not be read, and are not kept")
        }
        for name in try ExtendedAttributes.names(of: original.number)
        where name.hasPrefix("user.") || name == "system.posix_acl_access" {
            do throws(SystemError) {
                if let value = try ExtendedAttributes.value(name, of: original.number) {
                    try ExtendedAttributes.set(name, value, of: descriptor.number)
                }
            } catch {
                warn("attributes", "its attribute \(name) is not kept: \(error)")
            }
        }
    }

    private func warn(_ code: String, _ message: String) {
        warnings.append(Outcome.Note(path: change.path, code: code, message: message))
    }

    func flush() throws(SystemError) {
        try check("flush", change.path.quoted) { fdatasync(descriptor.number) }
    }

    /// Gives it its name: a new one, or that of what is there.
    func publish() throws(SystemError) {
        let name = change.path.name
        if change.old == nil || change.old!.kind == .directory {
            if let temporary {
                try Beneath.renameNew(temporary, in: parent.number, to: name, in: parent.number)
            } else {
                try link(name)
            }
        } else {
            if temporary == nil {
                try link(fallback)
                temporary = fallback
            }
            try Beneath.rename(fallback, in: parent.number, to: name, in: parent.number)
        }
        temporary = nil
    }

    /// Leaves nothing behind of what was not published.
    func abandon() {
        if let temporary { try? Beneath.remove(temporary, isDirectory: false, in: parent.number) }
        temporary = nil
    }

    private func link(_ name: FileName) throws(SystemError) {
        try check("make the file", change.path.quoted) {
            name.withPointer {
                linkat(AT_FDCWD, "/proc/self/fd/\(descriptor.number)", parent.number, $0, AT_SYMLINK_FOLLOW)
            }
        }
    }
}
