// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Why there is no answer from a daemon at all. What a daemon answers with is a `ProtocolError`.
public struct ClientError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, for a program.
    public var kind: Kind
    /// What went wrong, for a person, and what to do.
    public var description: String

    /// What can go wrong.
    public enum Kind: Sendable, Hashable {
        /// Nobody listens at the socket's path.
        case noDaemon
        /// The socket's file mode, or that of a directory above it, keeps us out.
        case notPermitted
        /// The connection broke before the answer, or in the middle of a subscription.
        case connectionLost
        /// What came is not what the protocol says.
        case malformedAnswer
        /// What was to be sent is longer than a request may be.
        case requestTooLong
        /// What was to say where the daemon is says nothing of the kind.
        case invalidAddress
        /// Anything else that the kernel said on connecting.
        case unreachable
    }

    /// An error that says this.
    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
