// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A daemon on another machine, as `ssh://[user@]host[:port][/path/to/socket]` names it.
public struct SSHDestination: Sendable, Hashable {
    /// Nil for the one that ssh would take.
    public var user: String?
    /// A name, an alias from ssh's configuration, or an address; one of IPv6 without its brackets.
    public var host: String
    /// Nil for the one that ssh would take.
    public var port: UInt16?
    /// The control socket over there; nil for the one that `agentctl` there would choose.
    public var socket: String?

    /// Fails with `invalidAddress`. What ssh would take for an option is no user or host.
    public init(_ text: String) throws(ClientError) {
        func refuse(_ why: String) -> ClientError {
            ClientError(
                .invalidAddress, "\"\(text)\" \(why); a host is written ssh://[user@]host[:port][/path/to/socket]")
        }
        guard text.hasPrefix("ssh://") else { throw refuse("does not begin with ssh://") }
        let rest = text.dropFirst("ssh://".count)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        socket = path.isEmpty || path == "/" ? nil : String(path)
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        user = place.count < authority.count ? String(authority.dropLast(place.count + 1)) : nil
        let (name, number) = Self.split(place)
        host = String(name)
        if let number {
            guard number.allSatisfy({ ("0"..."9").contains($0) }), let port = UInt16(number), port > 0 else {
                throw refuse("has no port from 1 to 65535")
            }
            self.port = port
        }
        for (word, what) in [(host, "host"), (user ?? "x", "user")]
        where word.isEmpty || word.hasPrefix("-") || !word.allSatisfy(Self.isPlain) {
            throw refuse("has no valid \(what)")
        }
        // Within single quotes a backslash is itself to a POSIX shell, and not to fish.
        let isPlain = socket?.unicodeScalars.allSatisfy { $0 != "\\" && $0.properties.generalCategory != .control }
        guard isPlain != false else { throw refuse("has a backslash or a control character in its path") }
    }

    /// Host and port, the brackets of an IPv6 address taken off.
    private static func split(_ place: Substring) -> (host: Substring, port: Substring?) {
        if place.hasPrefix("["), let end = place.firstIndex(of: "]") {
            let rest = place[place.index(after: end)...]
            // Anything else than a colon makes it no port.
            let number = rest.isEmpty ? nil : rest.first == ":" ? rest.dropFirst() : ""
            return (place[place.index(after: place.startIndex)..<end], number)
        }
        guard let colon = place.lastIndex(of: ":") else { return (place, nil) }
        return (place[..<colon], place[place.index(after: colon)...])
    }

    /// What neither ssh nor a shell gives a meaning of its own.
    private static func isPlain(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "._-:%+@".contains(character))
    }

    /// The command that joins its standard input and output to the daemon's socket over there.
    ///
    /// - Parameter program: what is run there, by a shell of that machine's.
    func command(ssh: String, program: String) -> [String] {
        var words = [ssh, "-T", "-o", "ClearAllForwardings=yes", "-o", "ConnectTimeout=30"]
        if let user { words += ["-l", user] }
        if let port { words += ["-p", "\(port)"] }
        let relay = [program, "relay", "--end-with-input"] + (socket.map { ["--socket", Self.quoted($0)] } ?? [])
        return words + ["--", host, relay.joined(separator: " ")]
    }

    /// As one word for a POSIX shell.
    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// As it is written.
    public var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "ssh://" + (user.map { "\($0)@" } ?? "") + name + (port.map { ":\($0)" } ?? "") + (socket ?? "")
    }
}
