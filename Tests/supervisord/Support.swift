// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import Logging
import NIOCore
import NIOPosix
import Profiles
import Testing

@testable import supervisord

/// A directory of the test's own, removed after it.
func withTemporaryDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let path = "/tmp/supervisord-test-\(getpid())-\(UInt64.random(in: 0..<(1 << 40)))"
    try check("create the directory", path) { mkdir(path, 0o700) }
    defer { try? DirectoryTree.remove(path) }
    return try await body(path)
}

/// A daemon within the test's own process.
struct TestDaemon: Sendable {
    let settings: Settings
    var configuration: DaemonConfiguration

    init(_ directory: String, jail: String = TestDaemon.jail) {
        settings = Settings(
            mode: .user, uid: geteuid(), stateDirectory: "\(directory)/state", socket: "\(directory)/run/control.sock",
            jail: jail, screen: Self.besides + "/agent-screen")
        let planner = AgentPlanner(
            profiles: ProfileLibrary(directories: [Self.repository + "/sandbox-profiles"]),
            launchers: LauncherLibrary(directories: [Self.repository + "/launchers"]),
            programs: [:], searchPath: ["/usr/bin", "/bin"], hidden: ["\(directory)/state"], defaultProfile: nil,
            access: AccessRules(rules: nil, daemon: geteuid()))
        configuration = DaemonConfiguration(planner: planner, ring: 4 << 20)
    }

    static let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    /// Beside the test bundle.
    static let jail = besides + "/jail"
    static let besides = CommandLine.arguments[0].split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }

    /// Runs a daemon for as long as `body` does. Cancelled at its end, as a kill would end it: its agents go on.
    func run<Value: Sendable>(_ body: @escaping @Sendable (TestDaemon) async throws -> Value) async throws -> Value {
        let (started, start) = AsyncStream<Void>.makeStream()
        let daemon = Daemon(
            settings: settings, configuration: configuration, readConfiguration: { [configuration] in configuration },
            logger: Logger(label: "test") { _ in StandardErrorLog(logLevel: .critical, isJournal: false) }
        ) { start.yield() }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await daemon.run()
                return nil
            }
            group.addTask {
                for await _ in started { break }
                return try await body(self)
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    /// A connection to it.
    func connect<Value: Sendable>(_ body: @Sendable (RawClient) async throws -> Value) async throws -> Value {
        let directory = try Files.open(String(settings.socket.dropLast("/control.sock".count)), O_RDONLY | O_DIRECTORY)
        let socket = try UnixSockets.connect("control.sock", in: directory.number)
        try socket.setNonBlocking()
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .withConnectedSocket(socket.release()) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2)))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(RawClient(channel: channel.channel, inbound: inbound, outbound: outbound))
        }
    }
}

/// Lines as they are, for requests that no proper client would make.
actor RawClient {
    private let channel: any Channel
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var lines: Lines
    private var notifications: [JSONValue] = []
    private var last: Int64 = 1000

    /// The reader of a connection, which only one task uses at a time.
    private struct Lines {
        var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        var framer = LineFramer(maximumLine: ProtocolLimits.maximumDaemonLine)
    }

    init(
        channel: any Channel, inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.channel = channel
        self.outbound = outbound
        lines = Lines(iterator: inbound.makeAsyncIterator())
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text + "\n"))
    }

    func sendRaw(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    func closeOutput() async throws {
        try await channel.close(mode: .output).get()
    }

    func hangUp() async throws {
        try await channel.close().get()
    }

    /// The next line, or nil when the daemon has closed the connection.
    func line() async throws -> JSONValue? {
        while true {
            if case .line(let line)? = lines.framer.next() { return try JSONValue(parsing: line) }
            var iterator = lines.iterator
            let bytes = try await iterator.next(isolation: self)
            lines.iterator = iterator
            guard let bytes else { return nil }
            lines.framer.append(bytes.readableBytesView)
        }
    }

    /// Sends a request and returns its answer. Notifications that come before it are kept.
    func call(_ method: String, _ params: JSONValue = [:]) async throws -> JSONValue {
        last += 1
        let request: JSONValue = ["jsonrpc": "2.0", "id": .integer(last), "method": .string(method), "params": params]
        try await send(String(decoding: request.encoded(), as: UTF8.self))
        while let line = try await line() {
            if line["id"] == .integer(last) { return line }
            notifications.append(line)
        }
        throw CancellationError()
    }

    func result(_ method: String, _ params: JSONValue = [:]) async throws -> JSONValue {
        let answer = try await call(method, params)
        return try #require(answer["result"], "\(answer)")
    }

    func error(_ method: String, _ params: JSONValue = [:]) async throws -> String? {
        try await call(method, params)["error"]?["data"]?["error"]?.text
    }

    /// The next notification, kept or to come.
    func notification() async throws -> JSONValue? {
        notifications.isEmpty ? try await line() : notifications.removeFirst()
    }
}
