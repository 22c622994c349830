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

    @Test("what has a name that is no UTF-8 is removed, and nothing else")
    func bytes() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/tree"
            mkdir(path, 0o700)
            let top = try Files.open(path, O_RDONLY | O_DIRECTORY)
            for number in UInt8(0x80)...0xFF {
                let name = FileName([number])
                try Beneath.makeDirectory(name, mode: 0o700, in: top.number)
                let child = try Beneath.open(name, O_RDONLY | O_DIRECTORY, at: top.number)
                try Beneath.makeLink(FileName([0xC3, number]), to: FileName("/"), in: child.number)
                if number % 8 == 0 { try Beneath.setMode(0, of: child.number) }
            }
            #expect(try DirectoryTree.size(path) > 0)
            try DirectoryTree.remove(path)
            #expect(access(path, F_OK) != 0)
        }
    }

    @Test("what is mounted in a tree is not touched", .enabled(if: geteuid() == 0))
    func mounts() async throws {
        try await withTemporaryDirectory { directory in
            let (path, outside) = ("\(directory)/tree", "\(directory)/outside")
            try Directories.create("\(path)/mounted", mode: 0o700)
            try Directories.create(outside, mode: 0o700)
            try write("\(outside)/canary")
            try check("mount") { mount(outside, "\(path)/mounted", nil, UInt(MS_BIND), nil) }
            #expect(throws: SystemError.self) { try DirectoryTree.remove(path) }
            try check("unmount") { umount2("\(path)/mounted", Int32(MNT_DETACH)) }
            #expect(access("\(outside)/canary", F_OK) == 0)
            try DirectoryTree.remove(path)
        }
    }

    @Test("a removal is left half done when it is told to end")
    func ending() async throws {
        try await withTemporaryDirectory { directory in
            try Directories.create("\(directory)/tree/a/b", mode: 0o700)
            #expect(throws: SystemError("remove", "a", errno: ECANCELED)) {
                try DirectoryTree.remove("\(directory)/tree") { false }
            }
            #expect(access("\(directory)/tree/a/b", F_OK) == 0)
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
