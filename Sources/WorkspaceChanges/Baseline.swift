// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux

/// What the jail wrote down before it put the overlay over the workspace.
package struct Baseline: Codable, Sendable {
    private var version = 1
    /// Nanoseconds since the epoch: what changed in the workspace since, somebody else changed.
    package var start: Int64
    /// The workspace.
    package var lower: String
    private let device: UInt64
    private let inode: UInt64
    /// What is not applied in passing, relative to the workspace.
    package var protect: [String]?

    private static let name = "baseline.json"

    /// - Parameters:
    ///   - lower: the workspace's path.
    ///   - status: the workspace's.
    package init(start: Int64, lower: String, _ status: stat, protect: [String]) {
        self.start = start
        self.lower = lower
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        self.protect = protect
    }

    package static func isThere(in changes: Int32) throws(SystemError) -> Bool {
        try Beneath.status(of: FileName(name), in: changes) != nil
    }

    package func write(in changes: Int32) throws(SystemError) {
        // Every value in it has a form in JSON.
        guard let bytes = try? JSONEncoder().encode(self) else { fatalError("a baseline that cannot be encoded") }
        try Files.replace(Baseline.name, with: Array(bytes), at: changes)
    }

    /// Whether it is about the directory that `status` is of.
    package func isOf(_ status: stat) -> Bool {
        UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
    }

    package static func read(in changes: Int32) throws -> Baseline {
        let file = try Beneath.open(FileName(name), O_RDONLY | O_NONBLOCK, at: changes)
        let bytes = try Files.readAll(file.number, limit: 1 << 20)
        do {
            let baseline = try JSONDecoder().decode(Baseline.self, from: Data(bytes))
            guard baseline.version == 1 else {
                throw ChangesFailure(
                    "baseline.json is of version \(baseline.version), and this program knows 1: use a newer one")
            }
            return baseline
        } catch let failure as ChangesFailure {
            throw failure
        } catch {
            throw ChangesFailure("baseline.json is not as the jail writes it: \(error)")
        }
    }

    /// The workspace, which has to be the very directory that the jail took.
    func openWorkspace() throws -> OwnedDescriptor {
        let workspace = try Files.open(lower, O_RDONLY | O_DIRECTORY)
        guard try isOf(Files.status(workspace.number)) else {
            throw ChangesFailure(
                "\(lower) is another directory than the one that the agent was given; move that one back to apply")
        }
        return workspace
    }
}
