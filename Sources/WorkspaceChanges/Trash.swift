// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

/// Where what is dropped goes first: moving it there is one step, whatever it holds, and removing it can be
/// interrupted and done again.
struct Trash: ~Copyable {
    private let changes: Int32
    private let directory: OwnedDescriptor
    private var next = 0

    private static let name = FileName("trash")

    init(in changes: Int32) throws(SystemError) {
        self.changes = changes
        do {
            try Beneath.makeDirectory(Trash.name, mode: 0o700, in: changes)
        } catch  where error.errno == EEXIST {
        }
        directory = try Beneath.open(Trash.name, O_RDONLY | O_DIRECTORY, at: changes)
    }

    /// Removes what an interrupted one left.
    static func clear(in changes: Int32) throws(SystemError) {
        guard try Beneath.status(of: Trash.name, in: changes) != nil else { return }
        var trash = try Trash(in: changes)
        try trash.empty()
    }

    /// Takes `name` out of `parent`, with all that is in it.
    mutating func take(_ name: FileName, from parent: Int32) throws(SystemError) {
        try Trash.open(name, in: parent)
        while true {
            do {
                return try Beneath.renameNew(name, in: parent, to: nextName(), in: directory.number)
            } catch  where error.errno == EEXIST {
            }
        }
    }

    /// Puts an empty directory in the place of `name`, at once.
    mutating func exchangeWithEmpty(_ name: FileName) throws(SystemError) {
        let old = try Beneath.open(name, O_RDONLY | O_DIRECTORY, at: changes)
        let mode = FileNode(try Files.status(old.number)).mode
        let fresh = FileName("fresh")
        do {
            try Beneath.makeDirectory(fresh, mode: 0o700, in: changes)
        } catch  where error.errno == EEXIST {
        }
        let place = try Beneath.open(fresh, O_RDONLY | O_DIRECTORY, at: changes)
        try Beneath.setMode(mode | 0o700, of: place.number)
        try Beneath.exchange(fresh, name, in: changes)
        try take(fresh, from: changes)
    }

    /// Removes everything in it and it. A directory in a directory is moved up first: so no tree is too deep.
    mutating func empty() throws(SystemError) {
        while true {
            let names = try Beneath.names(in: directory.number)
            if names.isEmpty { break }
            for name in names {
                guard let status = try Beneath.status(of: name, in: directory.number) else { continue }
                guard status.isDirectory else {
                    try Beneath.remove(name, isDirectory: false, in: directory.number)
                    continue
                }
                try Trash.open(name, in: directory.number)
                let inner = try Beneath.open(name, O_RDONLY | O_DIRECTORY, at: directory.number)
                for child in try Beneath.names(in: inner.number) {
                    do {
                        try Beneath.remove(child, isDirectory: false, in: inner.number)
                    } catch  where error.errno == EISDIR {
                        try take(child, from: inner.number)
                    }
                }
                try Beneath.remove(name, isDirectory: true, in: directory.number)
            }
        }
        try Beneath.remove(Trash.name, isDirectory: true, in: changes)
    }

    private mutating func nextName() -> FileName {
        next += 1
        return FileName("\(next)")
    }

    /// A directory can be emptied, and moved elsewhere, only by somebody who may write to it.
    private static func open(_ name: FileName, in parent: Int32) throws(SystemError) {
        guard let status = try Beneath.status(of: name, in: parent), status.isDirectory,
            status.st_mode & 0o700 != 0o700
        else { return }
        let place = try Beneath.open(name, Files.pathOnly | O_DIRECTORY, at: parent)
        try Beneath.setMode((status.st_mode & 0o7777) | 0o700, of: place.number)
    }
}
