// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// Pseudo-terminals (pty(7)).
package enum Terminals {
    /// A new terminal of the devpts instance that `multiplexer` (a `ptmx`) belongs to.
    package static func open(
        multiplexer: String, columns: UInt16, rows: UInt16
    ) throws(SystemError) -> (master: Int32, slave: Int32) {
        let master = try Files.open(multiplexer, O_RDWR | O_NOCTTY)
        var unlock: Int32 = 0
        try check("unlock the new terminal") { ioctl(master.number, cl_TIOCSPTLCK, &unlock) }
        // By descriptor (kernel 4.13), because the slave's path may mean something else where we stand.
        let flags = O_RDWR | O_NOCTTY | O_CLOEXEC
        let slave = OwnedDescriptor(
            owning: try check("open the new terminal's other side") {
                ioctl(master.number, cl_TIOCGPTPEER, flags)
            })
        try resize(master.number, columns: columns, rows: rows)
        return (master.release(), slave.release())
    }

    package static func resize(_ terminal: Int32, columns: UInt16, rows: UInt16) throws(SystemError) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        try check("set the terminal's size") { ioctl(terminal, UInt(TIOCSWINSZ), &size) }
    }

    package static func size(_ terminal: Int32) throws(SystemError) -> (columns: UInt16, rows: UInt16) {
        var size = winsize()
        try check("read the terminal's size") { ioctl(terminal, UInt(TIOCGWINSZ), &size) }
        return (size.ws_col, size.ws_row)
    }

    /// The byte that ends input on this terminal when typed (VEOF), control-D unless someone changed it.
    package static func endOfInput(_ terminal: Int32) throws(SystemError) -> UInt8 {
        var settings = termios()
        try check("read the terminal's settings") { tcgetattr(terminal, &settings) }
        return withUnsafeBytes(of: &settings.c_cc) { $0[Int(VEOF)] }
    }

    /// Starts a session and makes `terminal` its controlling terminal.
    package static func takeControl(of terminal: Int32) throws(SystemError) {
        try check("take the terminal as the controlling one") { cl_set_controlling_terminal(terminal) }
    }
}
