// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import FoundationEssentials
import Linux
import ShimProtocol

/// The file with the exit record, for which there is room from the start on: an agent may end when the disk is full.
struct ExitFile {
    private var bytes: [UInt8] = []
    /// When to try again what could not be written, in milliseconds of CLOCK_BOOTTIME.
    private(set) var nextTry: Int64?

    /// More than a record can take, in bytes.
    private static let room = 64 * 1024
    private static let patience: Int64 = 1000
    /// What may pass; anything else, such as a directory that has been removed, does not.
    private static let passing = [ENOSPC, EDQUOT, EIO, EROFS, EMFILE, ENFILE, ENOMEM]

    /// Takes the room. Fails with ENOSPC where there is none: then nothing should be started.
    static func reserve(at directory: Int32) throws(SystemError) {
        let file = try Files.open(
            ShimLayout.exitReserve, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, at: directory)
        // Where the file system cannot do this glibc writes zeros (posix_fallocate(3)), which comes to the same.
        let problem = posix_fallocate(file.number, 0, room)
        guard problem == 0 else { throw SystemError("take the room for", ShimLayout.exitRecord, errno: problem) }
    }

    /// Writes the record so that it is there whole or not at all. False when it could not, and may later.
    mutating func write(_ record: ExitRecord, at directory: Int32) -> Bool {
        bytes = (try? JSONEncoder().encode(record)).map(Array.init) ?? []
        return put(at: directory)
    }

    /// Tries again if it is time to. True when there is nothing left to do.
    mutating func tryAgain(at directory: Int32) -> Bool {
        guard let nextTry, Clock.boot() >= nextTry else { return nextTry == nil }
        return put(at: directory)
    }

    private mutating func put(at directory: Int32) -> Bool {
        do {
            try place(at: directory)
        } catch {
            if nextTry == nil {
                _ = Command.fail("\(error); this is to be recorded: \(String(decoding: bytes, as: UTF8.self))")
            }
            nextTry = Self.passing.contains(error.errno) ? Clock.boot() + Self.patience : nil
            return nextTry == nil
        }
        nextTry = nil
        return true
    }

    private func place(at directory: Int32) throws(SystemError) {
        let name = ShimLayout.exitReserve
        // Without O_TRUNC: the room would be given back.
        let file = try Files.open(name, O_WRONLY | O_CREAT | O_NOFOLLOW, at: directory)
        var done = 0
        while done < bytes.count {
            done += try check("write", name) {
                bytes[done...].withUnsafeBytes { pwrite(file.number, $0.baseAddress, $0.count, done) }
            }
        }
        try check("cut", name) { ftruncate(file.number, bytes.count) }
        try check("flush", name) { fsync(file.number) }
        try check("rename", name) { renameat(directory, name, directory, ShimLayout.exitRecord) }
        try check("flush the directory of", name) { fsync(directory) }
    }
}
