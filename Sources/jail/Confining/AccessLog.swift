// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import Linux

/// The files and addresses that the jail's processes ask for, until the keeper is told of them.
struct AccessLog {
    /// With so many the keeper has to be told; for more than twice as many there is no room.
    static let room = 256
    private(set) var records: [AccessRecord.Key: AccessRecord] = [:]
    /// The root of a /proc that shows every process of the jail.
    private let proc: Int32

    init(proc: Int32) { self.proc = proc }

    /// Takes down what a waiting call asks for, if it can.
    ///
    /// - Parameter isOurs: whether that it cannot is nothing to tell.
    mutating func observe(_ waiting: Seccomp.WaitingCall, process: String, isOurs: Bool) {
        guard let call = ObservedCall.all[waiting.call.nr] else { return }
        for operand in call.operands {
            do {
                guard var record = try record(operand, of: waiting) else { continue }
                record.use = try use(call, of: waiting)
                record.process = EscapedText(process.utf8)
                add(record)
            } catch {
                // One that lets nobody look into it (ptrace(2)), or has its memory elsewhere.
                if !isOurs { add(AccessRecord(use: .unseen, process: EscapedText(process.utf8))) }
            }
        }
    }

    private mutating func add(_ record: AccessRecord) {
        var record = record
        if records[record.key] == nil, records.count >= 2 * Self.room { record = AccessRecord(use: .unseen) }
        if let before = records[record.key] { record.count += before.count }
        records[record.key] = record
    }

    /// As many of them as fit into so many bytes of JSON.
    mutating func take(_ bytes: Int) -> [AccessRecord] {
        var left = bytes
        var taken: [AccessRecord] = []
        for (key, record) in records {
            left -= 150 + record.name.size + record.process.size
            guard left >= 0 else { break }
            taken.append(record)
            records[key] = nil
        }
        return taken
    }

    // MARK: - Reading arguments

    /// nil for what is nothing to take down: no path, no address.
    private func record(
        _ operand: ObservedCall.Operand, of waiting: Seccomp.WaitingCall
    ) throws(SystemError) -> AccessRecord? {
        switch operand {
        case .path(let index, let directory):
            let address = waiting.argument(index)
            guard address != 0, let path = try path(at: address, in: waiting.thread) else { return nil }
            let whole = try absolute(path, waiting, directory)
            let isThere = access((whole + [0]).map(CChar.init(bitPattern:)), F_OK) == 0
            return AccessRecord(use: .unseen, name: EscapedText(whole), isThere: isThere)
        case .address(let index, let size):
            let address = waiting.argument(index)
            let count = Int(UInt32(truncatingIfNeeded: waiting.argument(size)))
            guard address != 0, count >= 2 else { return nil }
            let bytes = try Processes.memory(of: waiting.thread, at: address, min(count, 128))
            guard bytes.count == min(count, 128) else { throw SystemError("read an address", errno: EFAULT) }
            return AccessRecord(use: .unseen, name: EscapedText(SocketAddressText.of(bytes)))
        }
    }

    /// The bytes of a path without its end; nil for an empty one.
    private func path(at address: UInt64, in process: Int32) throws(SystemError) -> [UInt8]? {
        let page: UInt64 = 4096
        var bytes: [UInt8] = []
        // Page by page: the next one may not be there.
        while bytes.count < Int(PATH_MAX) {
            let place = address &+ UInt64(bytes.count)
            let part = try Processes.memory(of: process, at: place, Int(page - place % page))
            if let end = part.firstIndex(of: 0) {
                bytes += part[..<end]
                return bytes.isEmpty ? nil : bytes
            }
            bytes += part
            guard place % page + UInt64(part.count) == page else { break }
        }
        throw SystemError("read a path", errno: ENAMETOOLONG)
    }

    /// From the root on.
    private func absolute(
        _ path: [UInt8], _ waiting: Seccomp.WaitingCall, _ directory: Int?
    ) throws(SystemError) -> [UInt8] {
        if path.first == UInt8(ascii: "/") { return path }
        var base = "\(waiting.thread)/cwd"
        if let directory {
            let number = Int32(truncatingIfNeeded: waiting.argument(directory))
            if number != AT_FDCWD { base = "\(waiting.thread)/fd/\(number)" }
        }
        guard let above = Files.linkTarget(base, at: proc), above.hasPrefix("/") else {
            throw SystemError("find the directory of a path", base, errno: errno)
        }
        return Array((above == "/" ? above : above + "/").utf8) + path
    }

    private func use(
        _ call: ObservedCall, of waiting: Seccomp.WaitingCall
    ) throws(SystemError) -> AccessRecord.Use {
        let flags: UInt64
        switch call.flags {
        case nil: return call.use
        case .argument(let index): flags = waiting.argument(index)
        case .memory(let index):
            let bytes = try Processes.memory(of: waiting.thread, at: waiting.argument(index), 8)
            guard bytes.count == 8 else { throw SystemError("read the flags", errno: EFAULT) }
            flags = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        }
        let writing = UInt64(O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)
        return flags & writing == 0 ? call.use : .write
    }
}

extension Seccomp.WaitingCall {
    /// 0 to 5.
    fileprivate func argument(_ index: Int) -> UInt64 {
        withUnsafeBytes(of: call.args) { $0.load(fromByteOffset: index * 8, as: UInt64.self) }
    }
}

/// Socket addresses as people write them: `127.0.0.1:443`, `[::1]:443`, `unix:/path`, `unix:@abstract`, `family 16`.
enum SocketAddressText {
    /// - Parameter bytes: a `struct sockaddr` of any family, two bytes at least.
    static func of(_ bytes: [UInt8]) -> [UInt8] {
        let family = Int32(bytes[0]) | Int32(bytes[1]) << 8
        let port = bytes.count >= 4 ? Int(bytes[2]) << 8 | Int(bytes[3]) : 0
        switch family {
        case AF_INET where bytes.count >= 8: return Array("\(text(family, Array(bytes[4..<8]))):\(port)".utf8)
        case AF_INET6 where bytes.count >= 24: return Array("[\(text(family, Array(bytes[8..<24])))]:\(port)".utf8)
        case AF_UNIX:
            let name = bytes[2...]
            if name.first == 0, name.count > 1 { return Array("unix:@".utf8) + name.dropFirst() }
            return Array("unix:".utf8) + name.prefix { $0 != 0 }
        default: return Array("family \(family)".utf8)
        }
    }

    private static func text(_ family: Int32, _ address: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(family, address, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
