// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Glibc

/// Where an export goes. A file gets its name when it is whole, and is not there before.
final class ExportFile {
    private let path: String
    private let overwrites: Bool
    /// Its name until then; nil for what is written to as it is: the standard output, a device, a pipe.
    private let temporary: String?
    private let descriptor: Int32

    /// `-` is the standard output.
    init(_ path: String, overwrites: Bool) throws(Failure) {
        self.overwrites = overwrites
        guard path != "-" else {
            (self.path, temporary, descriptor) = (path, nil, STDOUT_FILENO)
            return
        }
        var status = stat()
        let isThere = stat(path, &status) == 0
        let isRegular = status.st_mode & S_IFMT == S_IFREG
        if isThere, isRegular, !overwrites { throw Self.exists(path) }
        if isThere, !isRegular {
            (self.path, temporary) = (path, nil)
            descriptor = open(path, O_WRONLY | O_CLOEXEC)
            if descriptor < 0 { throw Self.failure("open", path) }
            return
        }
        // What a link leads to is replaced, not the link.
        let target = isThere ? try Paths.absolute(path) : path
        self.path = target
        let name = "\(target).\(String(UInt32.random(in: .min ... .max), radix: 36)).part"
        temporary = name
        descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if descriptor < 0 { throw Self.failure("create", name) }
    }

    func write(_ bytes: [UInt8]) throws {
        if descriptor == STDOUT_FILENO { return try StandardOutput.write(bytes) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure("write", path) }
            rest = rest.dropFirst(count)
        }
    }

    /// To be called when all is written.
    func finish() throws(Failure) {
        guard let temporary else { return }
        guard fsync(descriptor) == 0 else { throw Self.failure("write", path) }
        if overwrites {
            guard rename(temporary, path) == 0 else { throw Self.failure("create", path) }
            return
        }
        // As rename, but not over what somebody has put there meanwhile. The other name goes with this object.
        guard link(temporary, path) == 0 else {
            throw errno == EEXIST ? Self.exists(path) : Self.failure("create", path)
        }
    }

    deinit {
        if descriptor != STDOUT_FILENO, descriptor >= 0 { close(descriptor) }
        if let temporary, descriptor >= 0 { unlink(temporary) }
    }

    private static func exists(_ path: String) -> Failure {
        Failure("\(path) is there already", hint: "--force overwrites it")
    }

    private static func failure(_ action: String, _ path: String) -> Failure {
        Failure("cannot \(action) \(path): \(String(cString: strerror(errno)))")
    }
}
