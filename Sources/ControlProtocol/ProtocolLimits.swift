// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The protocol's numbers.
public enum ProtocolLimits {
    public static let version = 1
    /// Bytes of a request line, its end not counted.
    public static let maximumRequestLine = 1024 * 1024
    /// Bytes of a line from the daemon, its end not counted.
    public static let maximumDaemonLine = 256 * 1024
    /// Bytes of output in one chunk. A byte takes up to six in JSON (`\u001b`), so the line that carries a chunk, and
    /// nothing else of any length, stays below `maximumDaemonLine`.
    public static let maximumChunk = 32 * 1024
}
