// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux
import CSeccomp

/// The system calls that name files or addresses, and where among their arguments.
///
/// Not among them are sendmsg(2), which the listener itself is handed over with, and sendmmsg(2).
struct ObservedCall {
    var use: AccessRecord.Use
    var operands: [Operand]
    /// Where open(2)'s flags are, which tell writing from reading.
    var flags: Flags?

    enum Operand {
        /// A path, below the open directory of another argument unless it is absolute or there is none.
        case path(Int, below: Int? = nil)
        /// A socket address, and its size.
        case address(Int, size: Int)
    }

    enum Flags {
        case argument(Int)
        /// In the first eight bytes that the argument leads to (`struct open_how`).
        case memory(Int)
    }

    /// By number on this machine.
    static let all: [Int32: ObservedCall] = Dictionary(
        uniqueKeysWithValues: byName.compactMap { name, call in
            let number = seccomp_syscall_resolve_name(name)
            return number < 0 ? nil : (number, call)
        })

    private init(_ use: AccessRecord.Use, _ operands: Operand..., flags: Flags? = nil) {
        self.use = use
        self.operands = operands
        self.flags = flags
    }

    private static let byName: [String: ObservedCall] = [
        "open": .init(.read, .path(0), flags: .argument(1)),
        "openat": .init(.read, .path(1, below: 0), flags: .argument(2)),
        "openat2": .init(.read, .path(1, below: 0), flags: .memory(2)), "creat": .init(.write, .path(0)),
        "execve": .init(.execute, .path(0)), "execveat": .init(.execute, .path(1, below: 0)),
        "stat": .init(.look, .path(0)), "lstat": .init(.look, .path(0)),
        "newfstatat": .init(.look, .path(1, below: 0)), "statx": .init(.look, .path(1, below: 0)),
        "statfs": .init(.look, .path(0)), "access": .init(.look, .path(0)),
        "faccessat": .init(.look, .path(1, below: 0)), "faccessat2": .init(.look, .path(1, below: 0)),
        "readlink": .init(.look, .path(0)), "readlinkat": .init(.look, .path(1, below: 0)),
        "chdir": .init(.look, .path(0)), "getxattr": .init(.look, .path(0)), "lgetxattr": .init(.look, .path(0)),
        "listxattr": .init(.look, .path(0)), "llistxattr": .init(.look, .path(0)),
        "name_to_handle_at": .init(.look, .path(1, below: 0)),
        "inotify_add_watch": .init(.look, .path(1)), "mkdir": .init(.write, .path(0)),
        "mkdirat": .init(.write, .path(1, below: 0)), "mknod": .init(.write, .path(0)),
        "mknodat": .init(.write, .path(1, below: 0)), "rmdir": .init(.write, .path(0)),
        "unlink": .init(.write, .path(0)), "unlinkat": .init(.write, .path(1, below: 0)),
        "rename": .init(.write, .path(0), .path(1)),
        "renameat": .init(.write, .path(1, below: 0), .path(3, below: 2)),
        "renameat2": .init(.write, .path(1, below: 0), .path(3, below: 2)),
        "link": .init(.write, .path(0), .path(1)), "linkat": .init(.write, .path(1, below: 0), .path(3, below: 2)),
        "symlink": .init(.write, .path(1)), "symlinkat": .init(.write, .path(2, below: 1)),
        "truncate": .init(.write, .path(0)), "chmod": .init(.write, .path(0)),
        "fchmodat": .init(.write, .path(1, below: 0)), "fchmodat2": .init(.write, .path(1, below: 0)),
        "chown": .init(.write, .path(0)), "lchown": .init(.write, .path(0)),
        "fchownat": .init(.write, .path(1, below: 0)), "utime": .init(.write, .path(0)),
        "utimes": .init(.write, .path(0)), "futimesat": .init(.write, .path(1, below: 0)),
        "utimensat": .init(.write, .path(1, below: 0)),
        "setxattr": .init(.write, .path(0)), "lsetxattr": .init(.write, .path(0)),
        "removexattr": .init(.write, .path(0)), "lremovexattr": .init(.write, .path(0)),
        "connect": .init(.connect, .address(1, size: 2)), "bind": .init(.bind, .address(1, size: 2)),
        "sendto": .init(.send, .address(4, size: 5)),
    ]
}
