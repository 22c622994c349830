// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A signal, on the wire by its name: `SIGINT`. The numbers are Linux's on every architecture that Swift runs on.
public struct Signal: WireText {
    /// 1 to 64.
    public let number: Int32

    public static var example: JSONValue { "SIGINT" }

    public static let hangup = Signal(known: 1)
    public static let interrupt = Signal(known: 2)
    public static let kill = Signal(known: 9)
    public static let terminate = Signal(known: 15)

    private init(known number: Int32) {
        self.number = number
    }

    /// Nil for a number that is no signal.
    public init?(number: Int32) {
        guard (1...64).contains(number) else { return nil }
        self.number = number
    }

    /// A name with or without `SIG`, in capitals; for signals without a name `SIGRTMIN+n`, or `SIG32`.
    public init(_ text: String) throws(ValueError) {
        let name = text.hasPrefix("SIG") ? String(text.dropFirst(3)) : text
        if let index = Self.names.firstIndex(of: name) {
            number = Int32(index + 1)
        } else if name.hasPrefix("RTMIN+"), let offset = Int32(name.dropFirst(6)), (0...30).contains(offset) {
            number = Self.firstRealTime + offset
        } else if name == "RTMIN" {
            number = Self.firstRealTime
        } else if text.hasPrefix("SIG"), let number = Int32(name), (1...64).contains(number) {
            self.number = number
        } else {
            throw ValueError("\(text.quoted) is not a signal, such as SIGINT or SIGTERM")
        }
    }

    public var text: String {
        if number <= Self.names.count { return "SIG\(Self.names[Int(number) - 1])" }
        if number == Self.firstRealTime { return "SIGRTMIN" }
        return number > Self.firstRealTime ? "SIGRTMIN+\(number - Self.firstRealTime)" : "SIG\(number)"
    }

    /// glibc keeps 32 and 33 for itself.
    private static let firstRealTime: Int32 = 34
    private static let names = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ]
}
