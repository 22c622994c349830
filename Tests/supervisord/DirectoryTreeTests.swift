// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
import Testing

@testable import supervisord

@Suite struct DirectoryTreeTests {
    @Test("removing a tree follows no symbolic link out of it")
    func links() async throws {
        try await withTemporaryDirectory { directory in
            try Directories.create("\(directory)/outside", mode: 0o700)
            try write("\(directory)/outside/canary")
            try Directories.create("\(directory)/tree/a/b", mode: 0o700)
            symlink("\(directory)/outside", "\(directory)/tree/a/link")
            symlink("\(directory)/outside/canary", "\(directory)/tree/file")
            try DirectoryTree.remove("\(directory)/tree")
            #expect(access("\(directory)/tree", F_OK) != 0)
            #expect(access("\(directory)/outside/canary", F_OK) == 0)
        }
    }

    @Test("a tree deeper than any path, with directories that nobody may read, is removed all the same")
    func depth() async throws {
        try await withTemporaryDirectory { directory in
            var here = try Files.open(directory, O_RDONLY | O_DIRECTORY).release()
            for level in 0..<3000 {
                mkdirat(here, "d", 0o700)
                let next = try Files.open("d", O_RDONLY | O_DIRECTORY, at: here).release()
                if level % 100 == 0 { fchmod(here, 0) }
                close(here)
                here = next
            }
            close(here)
            chmod(directory, 0o700)
            try DirectoryTree.remove("\(directory)/d")
            #expect(access("\(directory)/d", F_OK) != 0)
        }
    }

    @Test("a directory of more files than are listed at a time is removed whole, and counted")
    func many() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/many"
            mkdir(path, 0o700)
            for number in 0..<9000 {
                let file = try Files.open("\(path)/\(number)", O_WRONLY | O_CREAT)
                if number < 2 { try Files.write([1], to: file.number) }
            }
            #expect(try DirectoryTree.size(path) > 0)
            try DirectoryTree.remove(path)
            #expect(access(path, F_OK) != 0)
        }
    }

    @Test("removing what is not there is no error")
    func absent() throws {
        try DirectoryTree.remove("/nonexistent/agent-supervisor")
    }

    private func write(_ path: String) throws {
        let file = try Files.open(path, O_WRONLY | O_CREAT)
        try Files.write([1], to: file.number)
    }
}
