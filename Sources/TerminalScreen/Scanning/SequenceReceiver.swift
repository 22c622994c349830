// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What a stream for a terminal consists of, as `SequenceScanner` tells it.
protocol SequenceReceiver {
    /// Printable ASCII, 0x20 to 0x7E.
    func text(_ ascii: UnsafeBufferPointer<UInt8>)
    /// A character beyond ASCII, no control one. What was no UTF-8 is U+FFFD.
    func character(_ scalar: Unicode.Scalar)
    /// A C0 control but ESC, CAN, SUB and NUL.
    func control(_ byte: UInt8)
    /// `ESC`, at most one intermediate (0 for none), and what ends it.
    func escape(intermediate: UInt8, final: UInt8)
    func sequence(_ sequence: ControlSequence)
    /// What an operating system command (OSC) holds.
    func command(_ bytes: [UInt8])
}
