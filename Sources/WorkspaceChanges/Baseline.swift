// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux

/// What the jail wrote down before it put the overlay over the workspace.
package struct Baseline: Codable, Sendable {
    var version: Int
    /// Nanoseconds since the epoch: what changed in the workspace since, somebody else changed.
    package var start: Int64
    /// The workspace.
    package var lower: String
    var device: UInt64
    var inode: UInt64
    /// What is not applied in passing, relative to the workspace.
    var protect: [String]?

    static func read(in changes: Int32) throws -> Baseline {
        let file = try Beneath.open(FileName("baseline.json"), O_RDONLY | O_NONBLOCK, at: changes)
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
        let status = try Files.status(workspace.number)
        guard UInt64(status.st_dev) == device, UInt64(status.st_ino) == inode else {
            throw ChangesFailure(
                "\(lower) is another directory than the one that the agent was given; move that one back to apply")
        }
        return workspace
    }
}
