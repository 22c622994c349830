// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import ControlProtocol
import Linux

/// The program `jail`, for what it is asked and answers at once.
struct JailProgram: Sendable {
    let path: String

    /// Longest answer, in bytes.
    private static let room = 64 << 20

    /// All that it writes to its standard output. Blocks.
    ///
    /// How it exits is not known, since the kernel reaps it (this process ignores SIGCHLD): the answer has to say.
    ///
    /// - Parameter isOver: asked now and then; once it is so, the answer is not waited for any more (ECANCELED).
    func output(
        of arguments: [String], input: [UInt8] = [], atMost patience: Duration, unless isOver: () -> Bool = { false }
    ) throws -> [UInt8] {
        let document = try Files.memory("input", holding: input)
        let null = try Files.open("/dev/null", O_RDWR)
        let output = try Pipe()
        let child = try Spawn.start(
            path, ["jail"] + arguments,
            descriptors: [0: document.number, 1: output.writing.number, 2: null.number])
        let reading = output.finishWriting()
        return try read(reading.number, until: Clock.boot() + patience.milliseconds, unless: isOver, from: child)
    }

    private func read(
        _ descriptor: Int32, until end: Int64, unless isOver: () -> Bool, from child: Int32
    ) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = max(0, end - Clock.boot())
            let ready = try check("wait for \(path)") { poll(&event, 1, Int32(clamping: min(left, 500))) }
            if ready == 0, isOver() { throw SystemError("wait for the answer of", path, errno: ECANCELED) }
            if ready == 0, left > 0 { continue }
            guard ready > 0, bytes.count < Self.room else {
                kill(child, SIGKILL)
                throw SystemError("wait for the answer of", path, errno: ready > 0 ? EFBIG : ETIMEDOUT)
            }
            let count = try check("read from \(path)") { Glibc.read(descriptor, &buffer, buffer.count) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}
