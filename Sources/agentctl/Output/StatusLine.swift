// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Synchronization

/// One line on a person's terminal about what is being waited for, on the standard error. Whoever writes anything else to
/// the terminal takes it away first.
enum StatusLine {
    private static let isShown = Mutex(false)

    /// Where nobody would see it erased, there is none.
    static var isPossible: Bool { StandardError.isTerminal }

    /// Shows it in place of the last one, cut to the terminal's width so that it stays one line. A terminal that takes
    /// nothing is not waited for, and nothing is written over a question that ssh asks there.
    static func show(_ text: String) {
        guard isPossible, StandardError.isWritable, !TerminalQuestion.isOpen else { return }
        let columns = Int(RawTerminal.errorColumns ?? 80)
        let line = CellText.cut(CellText.plain(text), to: max(1, columns - 1))
        isShown.withLock { isShown in
            isShown = true
            StandardError.writeUnchecked(Array("\r\u{1B}[K\(line)".utf8))
        }
    }

    /// Leaves it to whoever has written behind it.
    static func leave() { isShown.withLock { $0 = false } }

    static func clear() { isShown.withLock { erase(&$0) } }

    /// The same for whoever must not wait, for the terminal or for anybody else. Where that is possible, nobody else writes
    /// to the terminal until `body` is done; that must not either, other than with `StandardStreams.endColours`.
    static func clearIfPossible(_ body: () -> Void) {
        let done: Void? = isShown.withLockIfAvailable { isShown in
            if StandardError.isWritable { erase(&isShown) }
            body()
        }
        if done == nil { body() }
    }

    private static func erase(_ isShown: inout Bool) {
        guard isShown else { return }
        isShown = false
        StandardError.writeUnchecked(Array("\r\u{1B}[K".utf8))
    }

    /// Takes it away, and keeps everybody else from writing to the terminal until `body` is done. That must not write
    /// other than with `StandardError.writeUnchecked`.
    static func withTerminalToOneself<Value>(_ body: () -> Value) -> Value {
        isShown.withLock { isShown in
            erase(&isShown)
            return body()
        }
    }
}
