// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Paths in a jail: absolute and without `.`, `..` or doubled slashes. Here they are text; what they lead to is looked
/// up by `jail`, with the owner's rights.
enum JailPath {
    /// The path in normal form, or a clause that says why it has none.
    static func normalised(_ path: String) -> Result<String, PathFault> {
        guard path.hasPrefix("/") else {
            let hint = path.hasPrefix("~") ? "; ~ is not expanded, write ${home}" : ""
            return .failure(PathFault("\"\(path)\" is not an absolute path\(hint)"))
        }
        guard !path.utf8.contains(0) else { return .failure(PathFault("a path holds a NUL character")) }
        // What a String takes for one character with the slash before it, it would not split there; the kernel does.
        guard path.utf8.count(where: { $0 == UInt8(ascii: "/") }) == path.count(where: { $0 == "/" }) else {
            return .failure(PathFault("a name in \"\(path)\" begins with a combining character"))
        }
        let parts = path.split(separator: "/").filter { $0 != "." }
        guard !parts.contains("..") else { return .failure(PathFault("\"\(path)\" has .. in it")) }
        let normal = "/" + parts.joined(separator: "/")
        // PATH_MAX, its final NUL included.
        guard normal.utf8.count < 4096 else { return .failure(PathFault("a path is longer than 4095 bytes")) }
        return .success(normal)
    }

    /// Likewise, for what may also be the jail's root.
    static func targetOrRoot(_ path: String) -> Result<String, PathFault> {
        normalised(path).flatMap { $0 == "/" ? .success($0) : target($0) }
    }

    /// Likewise, for something that appears in a jail: `/` is jail's own, and so are `/proc` and `/dev`.
    static func target(_ path: String) -> Result<String, PathFault> {
        normalised(path).flatMap { normal in
            if normal == "/" { return .failure(PathFault("/ itself cannot be given to a jail; name what is needed")) }
            for own in ["/proc", "/dev"] where contains(own, normal) {
                return .failure(PathFault("\(normal) cannot be replaced: jail makes \(own) itself"))
            }
            return .success(normal)
        }
    }

    /// Likewise, for something of the host's that is shown in a jail, wherever.
    static func source(_ path: String) -> Result<String, PathFault> {
        normalised(path).flatMap { normal in
            if normal == "/" { return .failure(PathFault("/ itself cannot be given to a jail; name what is needed")) }
            // The host's /proc would show every process of the owner's, and its /dev the terminals.
            for own in ["/proc", "/dev"] where contains(own, normal) {
                return .failure(PathFault("the host's \(normal) cannot be given to a jail: jail makes \(own) itself"))
            }
            return .success(normal)
        }
    }

    /// Whether `path` is `directory` or lies below it. Both in normal form.
    static func contains(_ directory: String, _ path: String) -> Bool {
        directory == path || directory == "/" || path.hasPrefix(directory + "/")
    }

    /// A directory sorts before what lies in it, and everything in it before its next neighbour.
    static func precedes(_ one: String, _ other: String) -> Bool {
        one.split(separator: "/").lexicographicallyPrecedes(other.split(separator: "/"))
    }
}

struct PathFault: Error {
    var message: String
    init(_ message: String) { self.message = message }
}
