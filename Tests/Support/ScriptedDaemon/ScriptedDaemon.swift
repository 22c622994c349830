// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import NIOCore
import NIOPosix
import Synchronization

/// A daemon whose answers a test writes: a real Unix socket with the protocol's framing, and nothing behind it.
package final class ScriptedDaemon: Sendable {
    package typealias Answer = @Sendable (RequestEnvelope, Client) throws -> Void

    /// Where it listens.
    package let path: String
    private let directory: URL
    private let channel: any Channel
    private let log: Log

    private final class Log: Sendable {
        let requests = Mutex<[RequestEnvelope]>([])
        let clients = Mutex<[any Channel]>([])
    }

    /// Everything asked so far, in the order in which it came.
    package var requests: [RequestEnvelope] { log.requests.withLock { $0 } }

    /// Listens at a new path and has `answer` answer each request.
    package static func start(_ answer: @escaping Answer) async throws -> ScriptedDaemon {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "scripted-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        let path = directory.appending(path: "control.sock").path()
        let log = Log()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    log.clients.withLock { $0.append(channel) }
                    try channel.pipeline.syncOperations.addHandler(
                        Handler(client: Client(channel: channel)) { envelope, client in
                            log.requests.withLock { $0.append(envelope) }
                            try answer(envelope, client)
                        })
                }
            }
            .bind(unixDomainSocketPath: path).get()
        return ScriptedDaemon(path: path, directory: directory, channel: channel, log: log)
    }

    private init(path: String, directory: URL, channel: any Channel, log: Log) {
        self.path = path
        self.directory = directory
        self.channel = channel
        self.log = log
    }

    /// Closes every connection and removes the socket.
    package func stop() async throws {
        try await channel.close()
        for client in log.clients.withLock({ $0 }) { client.close(promise: nil) }
        try FileManager.default.removeItem(at: directory)
    }

    /// Waits until a request for the method has come, for ten seconds at most; nil if none has.
    package func request(_ method: String) async throws -> RequestEnvelope? {
        for _ in 0..<1000 {
            if let request = requests.first(where: { $0.method == method }) { return request }
            try await Task.sleep(for: .milliseconds(10))
        }
        return nil
    }

    /// One connection, from the daemon's side.
    package struct Client: Sendable {
        let channel: any Channel

        package func send(_ line: [UInt8]) {
            channel.writeAndFlush(channel.allocator.buffer(bytes: line), promise: nil)
        }

        package func send(_ line: String) { send(Array(line.utf8)) }
        package func result(_ result: some Encodable & Sendable, to request: RequestEnvelope) {
            if let id = request.id { send(DaemonLine.result(result, to: id)) }
        }
        package func error(_ error: ProtocolError, to request: RequestEnvelope) {
            send(DaemonLine.error(error, to: request.id))
        }
        package func notify(_ notification: some ServerNotification) throws {
            send(try DaemonLine.notification(notification))
        }
        /// Returns once the system has taken it, which it does not while the client does not read.
        package func notifyAndWait(_ notification: some ServerNotification) async throws {
            try await channel.writeAndFlush(
                channel.allocator.buffer(bytes: DaemonLine.notification(notification)))
        }
        package func close() { channel.close(promise: nil) }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let client: Client
        private let answer: Answer
        private var framer = LineFramer(maximumLine: ProtocolLimits.maximumRequestLine)

        init(client: Client, answer: @escaping Answer) {
            self.client = client
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            framer.append(unwrapInboundIn(data).readableBytesView)
            while let item = framer.next() {
                guard case .line(let line) = item else { return client.close() }
                do {
                    try answer(try RequestEnvelope(line: line), client)
                } catch let refusal as RequestEnvelope.Refusal {
                    client.send(DaemonLine.error(refusal.error, to: refusal.id))
                } catch {
                    client.close()
                }
            }
        }
    }
}
