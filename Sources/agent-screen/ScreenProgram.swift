// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import ScreenProtocol
import TerminalScreen

/// Keeps the model of one agent's terminal: requests on standard input, answers on standard output, in order, until the
/// input ends.
enum ScreenProgram {
    /// 0 at the end of input, 1 when the system refused something, 2 when what came in was no request.
    static func run(_ arguments: [String]) -> Int32 {
        guard arguments.count == 1 else {
            return fail(
                """
                usage: agent-screen
                supervisord starts it, and talks to it over standard input and output; it is not for people
                """, 2)
        }
        // Whoever asks may have gone before the answer.
        signal(SIGPIPE, SIG_IGN)
        do {
            try Confinement.enter()
        } catch {
            return fail("could not confine itself: \(error)", 1)
        }
        do {
            var conversation = Conversation()
            try conversation.follow()
            return 0
        } catch let error as ScreenProtocolError {
            return fail("\(error)", 2)
        } catch {
            return fail("\(error)", 1)
        }
    }

    private static func fail(_ message: String, _ code: Int32) -> Int32 {
        try? Files.write(Array("agent-screen: \(message)\n".utf8), to: 2)
        return code
    }
}

private struct Conversation {
    private var terminal: Terminal?
    private var reader = ScreenFrameReader()

    mutating func follow() throws {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = try check("read requests") { read(0, &buffer, buffer.count) }
            guard count > 0 else { break }
            reader.append(buffer[..<count])
            while let frame = try reader.frame() { try follow(ScreenRequest(frame)) }
        }
        guard !reader.isWithinFrame else { throw ScreenProtocolError.cutOff }
    }

    private mutating func follow(_ request: ScreenRequest) throws {
        if case .start(let size) = request {
            guard terminal == nil else { throw ScreenProtocolError.startedAlready }
            terminal = Terminal(size: size)
            return
        }
        guard let terminal else { throw ScreenProtocolError.notStarted }
        switch request {
        case .start: break
        case .output(let bytes): terminal.feed(bytes)
        case .resize(let size): terminal.resize(size)
        case .look:
            var answer = Answer(.description)
            try answer.write(terminal.description.json)
            try answer.finish()
        case .snapshot(let history):
            var answer = Answer(.snapshot)
            try answer.write(terminal.snapshot(history: Int(history)))
            try answer.finish()
        }
    }
}

/// An answer on its way out, in parts.
private struct Answer {
    private let kind: ScreenAnswer.Kind
    private var waiting: [UInt8] = []

    init(_ kind: ScreenAnswer.Kind) { self.kind = kind }

    mutating func write(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while waiting.count + rest.count > ScreenAnswer.partLength {
            let piece = rest.prefix(ScreenAnswer.partLength - waiting.count)
            rest = rest.dropFirst(piece.count)
            try send(waiting + piece, isLast: false)
            waiting = []
        }
        waiting += rest
    }

    func finish() throws(SystemError) { try send(waiting, isLast: true) }

    private func send(_ bytes: [UInt8], isLast: Bool) throws(SystemError) {
        try Files.write(ScreenAnswer(kind: kind, isLast: isLast, bytes: bytes).frame.bytes, to: 1)
    }
}
