// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Linux
import NIOCore
import NIOPosix
import ShimProtocol

/// A conversation with one shim. It runs on the supervisor's event loop, so that what the shim says and what the
/// supervisor does are in one order.
actor ShimConnection {
    nonisolated let eventLoop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
    private var lastID: UInt64 = 0
    private var waiting: [UInt64: CheckedContinuation<ShimReport, any Error>] = [:]
    private var isOpen = true

    /// How long a shim may take to answer. Its answers wait for nothing, so one that needs longer hangs.
    private static let patience = TimeAmount.seconds(10)

    /// There is no shim at the other end any more.
    struct Closed: Error {}

    struct Unreachable: Error, CustomStringConvertible {
        let description: String
    }

    /// Takes over a connected socket, which nobody else closes.
    init(owning socket: Int32, on eventLoop: any EventLoop) async throws {
        self.eventLoop = eventLoop
        // Small, since there may be a thousand that say next to nothing.
        let bootstrap = ClientBootstrap(group: eventLoop)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1024))
        channel = try await bootstrap.withConnectedSocket(socket) { channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
        }
    }

    /// Hands over all reports, in order, until the connection ends.
    func run(_ receive: @Sendable (ShimReport) async -> Void) async throws {
        defer { close() }
        try await channel.executeThenClose { inbound, _ in
            var framer = LineFramer(maximumLine: ShimProtocol.maximumLine)
            for try await bytes in inbound {
                framer.append(bytes.readableBytesView)
                while let item = framer.next() {
                    guard case .line(let line) = item else {
                        throw Unreachable(description: "the shim sent a line that is too long")
                    }
                    let report = try JSONDecoder().decode(ShimReport.self, from: Data(line))
                    await receive(report)
                    if let id = report.id, let continuation = waiting.removeValue(forKey: id) {
                        continuation.resume(returning: report)
                    }
                }
            }
        }
    }

    /// Asks and waits for the answer, at most ten seconds.
    func request(_ operation: ShimRequest.Operation) async throws -> ShimReport {
        try await withCheckedThrowingContinuation { continuation in
            guard isOpen, let id = send(operation) else {
                continuation.resume(throwing: Closed())
                return
            }
            waiting[id] = continuation
            eventLoop.scheduleTask(in: Self.patience) {
                self.assumeIsolated { $0.giveUp(on: id) }
            }
        }
    }

    /// Says something without waiting for the answer. Sent in the order of the calls; nil when it cannot be.
    @discardableResult
    func send(_ operation: ShimRequest.Operation) -> UInt64? {
        lastID += 1
        guard isOpen, let line = try? JSONEncoder().encode(ShimRequest(id: lastID, operation: operation)) else {
            return nil
        }
        var buffer = ByteBuffer(bytes: line)
        buffer.writeInteger(UInt8(ascii: "\n"))
        channel.channel.writeAndFlush(buffer, promise: nil)
        return lastID
    }

    /// Closes it without a word.
    func leave() async {
        close()
        try? await channel.channel.close()
    }

    private func giveUp(on id: UInt64) {
        waiting.removeValue(forKey: id)?.resume(throwing: Unreachable(description: "the agent's shim does not answer"))
    }

    private func close() {
        isOpen = false
        for continuation in waiting.values {
            continuation.resume(throwing: Closed())
        }
        waiting = [:]
    }
}
