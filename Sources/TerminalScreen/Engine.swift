// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CVTerm

/// libvterm's state layer: where the cursor goes, where lines wrap and what scrolls. What it decides it does to a
/// `Canvas`. It is never asked anything, and it answers nobody.
///
/// It only gets what its versions are known to survive. It is made anew whenever the size changes: 0.1 leaves a saved
/// cursor and tab stops outside then, and 0.3 without a callback the lines of the old number (neovim#16699, #23762,
/// vim#6273). Margins come in their order (neovim#2611), text in pieces that fit on the stack (cgdb#303), and no control
/// characters as text, whose width it takes to be -1.
final class Engine {
    /// How many characters it gets at once: 0.1 puts four bytes for each on its stack.
    private static let maximumText = 1024

    private let terminal: OpaquePointer
    private let state: OpaquePointer

    /// The canvas has to live for as long.
    init(columns: Int, rows: Int, canvas: Canvas) {
        guard let terminal = vterm_new(Int32(rows), Int32(columns)), let state = vterm_obtain_state(terminal) else {
            // Nothing but malloc(3) can fail there, and where it does Swift's own objects end the process as well. The
            // process is there to be lost: the daemon makes the screen again in another.
            fatalError("no memory for a terminal of \(columns) columns and \(rows) rows")
        }
        self.terminal = terminal
        self.state = state
        vterm_set_utf8(terminal, 1)
        vterm_state_reset(state, 1)
        vterm_state_set_callbacks(state, Engine.callbacks, Unmanaged.passUnretained(canvas).toOpaque())
    }

    deinit { vterm_free(terminal) }

    /// Text or a whole control sequence.
    func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeBufferPointer(rebasing: rest.prefix(Engine.maximumText))
            piece.withMemoryRebound(to: CChar.self) { _ = vterm_input_write(terminal, $0.baseAddress, $0.count) }
            rest = rest.dropFirst(Engine.maximumText)
        }
    }

    func write(_ bytes: StaticString) {
        write(UnsafeBufferPointer(start: bytes.utf8Start, count: bytes.utf8CodeUnitCount))
    }

    func write(_ byte: UInt8) {
        withUnsafePointer(to: byte) { write(UnsafeBufferPointer(start: $0, count: 1)) }
    }

    /// `CSI first ; second final`, or without the second.
    func write(_ first: Int, _ second: Int? = nil, final: UInt8) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { buffer in
            var count = 0
            func append(_ byte: UInt8) {
                buffer[count] = byte
                count += 1
            }
            func append(number: Int) {
                let number = min(max(number, 0), 9999)
                var divisor = 1000
                while divisor > 1, number < divisor { divisor /= 10 }
                while divisor > 0 {
                    append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
                    divisor /= 10
                }
            }
            append(0x1B)
            append(UInt8(ascii: "["))
            append(number: first)
            if let second {
                append(UInt8(ascii: ";"))
                append(number: second)
            }
            append(final)
            write(UnsafeBufferPointer(rebasing: buffer[..<count]))
        }
    }

    var cursor: (row: Int, column: Int) {
        var position = VTermPos()
        vterm_state_get_cursorpos(state, &position)
        return (Int(position.row), Int(position.col))
    }

    /// Read by libvterm for as long as there is an engine, so it is never freed. A pointer is not `Sendable`; this one may
    /// be used from anywhere, since nothing writes to what it points to once it is made.
    nonisolated(unsafe) private static let callbacks: UnsafePointer<VTermStateCallbacks> = {
        let callbacks = UnsafeMutablePointer<VTermStateCallbacks>.allocate(capacity: 1)
        callbacks.initialize(to: VTermStateCallbacks())
        callbacks.pointee.putglyph = { glyph, position, canvas in
            if let glyph, let canvas = Engine.canvas(canvas) {
                canvas.put(glyph.pointee.chars[0], row: Int(position.row), column: Int(position.col))
            }
            return 1
        }
        callbacks.pointee.scrollrect = { area, downward, rightward, canvas in
            // It says by how much the view moves over what there is, which moves the other way.
            Engine.canvas(canvas)?.scroll(Grid.Area(area), up: Int(downward), left: Int(rightward))
            return 1
        }
        callbacks.pointee.erase = { area, isSelective, canvas in
            Engine.canvas(canvas)?.erase(Grid.Area(area), sparingProtected: isSelective != 0)
            return 1
        }
        return UnsafePointer(callbacks)
    }()

    private static func canvas(_ pointer: UnsafeMutableRawPointer?) -> Canvas? {
        pointer.map { Unmanaged<Canvas>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension Grid.Area {
    fileprivate init(_ area: VTermRect) {
        func range(_ start: Int32, _ end: Int32) -> Range<Int> { Int(start)..<Int(max(start, end)) }
        self.init(rows: range(area.start_row, area.end_row), columns: range(area.start_col, area.end_col))
    }
}
