// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux

/// The modes of directories that were opened to look into them, on disk before they are: a mode is something that an
/// agent may have changed, and being killed must not change it too.
final class OpenedDirectories {
    private let changes: Int32
    private var isRecording = false

    /// One line for each: inode, mode, path in Base64.
    private static let name = FileName("modes")

    init(changes: Int32) { self.changes = changes }

    func record(_ path: WorkspacePath, _ node: FileNode) throws(SystemError) {
        let file = try Files.open(
            OpenedDirectories.name.text, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, at: changes)
        let line = "\(node.inode) \(node.mode) \(Data(path.bytes).base64EncodedString())\n"
        try Files.write(Array(line.utf8), to: file.number)
        isRecording = true
    }

    /// Gives back what was recorded, also by one that was killed: the innermost first, while what they lie in is open.
    func restore(in root: Int32) throws {
        guard try isRecording || Beneath.status(of: OpenedDirectories.name, in: changes) != nil else { return }
        let file = try Beneath.open(OpenedDirectories.name, O_RDONLY | O_NONBLOCK, at: changes)
        let lines = try Files.readAll(file.number, limit: 1 << 30).split(separator: 0x0A)
        for line in lines.reversed() {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
            // The last line may be cut short, by a kill or a full disk: then its directory was not opened yet.
            guard words.count == 3, let inode = UInt64(words[0]), let mode = UInt32(words[1]),
                let bytes = Data(base64Encoded: String(words[2])),
                let path = bytes.isEmpty ? .root : WorkspacePath(Array(bytes)),
                let place = try? Beneath.open(path.fileName, Files.pathOnly | O_DIRECTORY, at: root),
                try UInt64(Files.status(place.number).st_ino) == inode
            else { continue }
            try Beneath.setMode(mode & 0o7777, of: place.number)
        }
        try Beneath.remove(OpenedDirectories.name, isDirectory: false, in: changes)
        isRecording = false
    }
}
