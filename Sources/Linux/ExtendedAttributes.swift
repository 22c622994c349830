// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CLinux

/// Extended attributes of open files (xattr(7)).
package enum ExtendedAttributes {
    /// Their names; none where the file system has no such thing.
    package static func names(of file: Int32) throws(SystemError) -> [String] {
        var buffer = [CChar](repeating: 0, count: 1024)
        while true {
            do {
                let count = try check("list the extended attributes") {
                    cl_flistxattr(file, &buffer, buffer.count)
                }
                return buffer[..<count].split(separator: 0).map {
                    String(decoding: $0.map(UInt8.init(bitPattern:)), as: UTF8.self)
                }
            } catch  where error.errno == ERANGE && buffer.count < 65536 {
                buffer = [CChar](repeating: 0, count: 65536)
            } catch  where error.errno == ENOTSUP {
                return []
            }
        }
    }

    /// The value, or nil where there is none of that name.
    package static func value(_ name: String, of file: Int32) throws(SystemError) -> [UInt8]? {
        do {
            let size = try check("read the extended attribute", name) { cl_fgetxattr(file, name, nil, 0) }
            var value = [UInt8](repeating: 0, count: size)
            let count = try check("read the extended attribute", name) { cl_fgetxattr(file, name, &value, size) }
            return Array(value[..<count])
        } catch  where error.errno == ENODATA || error.errno == ENOTSUP {
            return nil
        }
    }

    /// Whether there is one of that name. ENOTSUP where the file system has no such thing.
    package static func isThere(_ name: String, on file: Int32) throws(SystemError) -> Bool {
        do {
            try check("read the extended attribute", name) { cl_fgetxattr(file, name, nil, 0) }
            return true
        } catch  where error.errno == ENODATA {
            return false
        }
    }

    package static func set(_ name: String, _ value: [UInt8], of file: Int32) throws(SystemError) {
        try check("set the extended attribute", name) { cl_fsetxattr(file, name, value, value.count) }
    }

    package static func remove(_ name: String, of file: Int32) throws(SystemError) {
        do {
            try check("remove the extended attribute", name) { cl_fremovexattr(file, name) }
        } catch  where error.errno == ENODATA {
        }
    }
}
