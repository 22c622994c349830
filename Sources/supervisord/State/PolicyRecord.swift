// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import Crypto
import FoundationEssentials
import JailPlan
import Linux

/// What an agent was confined by, kept beside its output: for whoever asks later what it could do.
struct PolicyRecord: Codable, Equatable, Sendable {
    /// The file in the agent's state directory.
    static let file = "policy.json"

    /// SHA-256 of `plan` as canonical JSON, in hexadecimal: equal for agents that were confined alike.
    var sha256: String
    /// As uname(2) tells it.
    var kernel: String
    /// The version of the kernel's Landlock, 0 where it has none.
    var landlock: Int32
    /// The plan without what may be secret: the values of the environment, which are empty, and the arguments of the
    /// command, which are gone.
    var plan: JailPlan

    init(_ plan: JailPlan) throws {
        var plan = plan
        plan.command.environment = plan.command.environment.mapValues { _ in "" }
        plan.command.arguments = []
        self.plan = plan
        sha256 = try Self.digest(plan)
        var names = utsname()
        uname(&names)
        kernel = withUnsafeBytes(of: &names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        landlock = max(0, cl_landlock_abi())
    }

    static func digest(_ plan: JailPlan) throws -> String {
        SHA256.hash(data: try CanonicalJSON.encode(plan)).reduce("") { text, byte in
            text + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
}
