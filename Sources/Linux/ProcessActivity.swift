// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What shows that a jail's processes are at work: to be compared with what was so before.
package struct ProcessActivity: Codable, Sendable, Equatable {
    /// Microseconds of processor time so far.
    package var processorTime: Int64 = 0
    /// Bytes read and written so far, by whatever means but recv(2) and send(2) (proc_pid_io(5), rchar and wchar). What
    /// ended processes have done is not in it.
    package var bytes: Int64 = 0
    /// When the youngest process began, in clock ticks since the machine started.
    package var youngest: UInt64 = 0
    /// A process has sent something over TCP and waits for what follows, or is still connecting.
    package var waits = false

    package init(processorTime: Int64 = 0, bytes: Int64 = 0, youngest: UInt64 = 0, waits: Bool = false) {
        self.processorTime = processorTime
        self.bytes = bytes
        self.youngest = youngest
        self.waits = waits
    }

    /// That of all processes of this pid namespace but the first, who asks. What may not be looked into counts as far as
    /// anyone may see.
    ///
    /// - Parameters:
    ///   - proc: the root of a /proc that hides no process.
    ///   - ownsNetwork: nobody else is in this network namespace, so that every connection is one of theirs.
    package static func ofThisNamespace(proc: Int32, ownsNetwork: Bool) -> ProcessActivity {
        var activity = ProcessActivity()
        let all = try? SocketDiagnosis.outgoing()
        let connections = (all ?? []).filter(\.waits)
        // Where the kernel does not tell, it may be that one waits.
        activity.waits = all == nil || (ownsNetwork && !connections.isEmpty)
        var left = mostDescriptors
        let waiting = Set(ownsNetwork ? [] : connections.map { "socket:[\($0.inode)]" })
        for name in (try? Files.names(in: ".", at: proc)) ?? [] {
            guard name != "1", name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { continue }
            guard let stat = text("\(name)/stat", at: proc), let usage = ProcessUsage(stat: stat) else { continue }
            activity.processorTime += usage.user + usage.system
            activity.youngest = max(activity.youngest, startTime(stat))
            activity.bytes += text("\(name)/io", at: proc).map(transferred) ?? 0
            if !activity.waits, !waiting.isEmpty { activity.waits = holds(waiting, "\(name)/fd", at: proc, &left) }
        }
        return activity
    }

    private static func text(_ path: String, at proc: Int32) -> String? {
        guard let file = try? Files.open(path, O_RDONLY, at: proc), let bytes = try? Files.readAll(file.number)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The 22nd field; the name before the last parenthesis is the process's own choice.
    private static func startTime(_ stat: String) -> UInt64 {
        guard let end = stat.lastIndex(of: ")") else { return 0 }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? UInt64(fields[19]) ?? 0 : 0
    }

    private static func transferred(_ io: String) -> Int64 {
        io.split(separator: "\n").filter { $0.hasPrefix("rchar: ") || $0.hasPrefix("wchar: ") }
            .reduce(0) { $0 + (Int64($1.dropFirst(7)) ?? 0) }
    }

    /// Descriptors that are looked at, of all processes together: whoever has more is not to keep the first process busy
    /// for long, and is taken for at work.
    private static let mostDescriptors = 20_000

    private static func holds(
        _ sockets: Set<String>, _ directory: String, at proc: Int32, _ left: inout Int
    ) -> Bool {
        let names: [String]
        do {
            names = try Files.names(in: directory, at: proc, limit: left)
        } catch {
            return error.errno == E2BIG
        }
        left -= names.count
        return names.contains { Files.linkTarget("\(directory)/\($0)", at: proc).map(sockets.contains) ?? false }
    }
}
