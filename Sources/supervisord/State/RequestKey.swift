// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import GRDB

/// What a client calls its request to start an agent, so that it can ask again after a lost answer and get the same
/// agent. Keys of different users do not meet.
struct RequestKey: Equatable, Sendable {
    let uid: UInt32
    let key: String
    /// Of the request without its key.
    let digest: UInt64

    /// How long a key is remembered at least, in nanoseconds: a day. One whose agent is still there is remembered as
    /// long as that.
    static let retention: Int64 = 86_400 * 1_000_000_000

    init(uid: UInt32, key: String, digest: UInt64) {
        self.uid = uid
        self.key = key
        self.digest = digest
    }

    init(uid: UInt32, key: String, request: AgentStart.Params) throws {
        var request = request
        request.requestKey = nil
        self.init(uid: uid, key: key, digest: Self.digest(of: try WireEncoding.json(request)))
    }

    /// FNV-1a, 64 bits: it has to tell a retry from a mistake, not withstand anyone.
    private static func digest(of bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

extension Store {
    /// The agent that was started under this key before, and the digest of that request.
    func agent(startedUnder key: RequestKey) throws -> (id: AgentID, digest: UInt64)? {
        try read { database in
            try Row.fetchOne(
                database, sql: "SELECT agent, digest FROM request_key WHERE uid = ? AND key = ?",
                arguments: [key.uid, key.key]
            ).map { (try AgentID($0["agent"] as String), UInt64(bitPattern: $0["digest"])) }
        }
    }

    /// Forgets keys whose retention is over and whose agent is gone.
    func forgetRequestKeys(now: Timestamp) throws {
        try write { database in
            try database.execute(
                sql: "DELETE FROM request_key WHERE time < ? AND agent NOT IN (SELECT id FROM agent)",
                arguments: [now.nanoseconds - RequestKey.retention])
        }
    }
}
