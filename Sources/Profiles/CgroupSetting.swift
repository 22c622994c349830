// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Files of a cgroup that a profile writes by their own names.
enum CgroupSetting {
    /// Which key of `limits` sets a file; two that do would disagree.
    private static let ownKeys = [
        "memory.max": "memory", "memory.high": "memory_high", "memory.swap.max": "swap", "cpu.max": "cpu",
        "cpu.weight": "cpu_weight", "pids.max": "pids", "io.max": "io", "io.weight": "io_weight",
    ]

    /// All else of the core's moves processes, divides the group or ends it: the keeper's business.
    private static let coreLimits: Set<String> = ["cgroup.max.depth", "cgroup.max.descendants"]

    /// `{FILE: value}`.
    static func read(_ key: String, _ mapping: ConfigurationMapping) -> [String: String] {
        var settings: [String: String] = [:]
        for (file, value) in mapping.texts(key) ?? [:] {
            if let problem = problem(with: file) {
                mapping.problem(value.position, problem)
            } else if value.value.isEmpty || value.value.utf8.contains(where: { $0 < 0x20 }) {
                mapping.problem(value.position, "the value of \(file) is one line")
            }
            settings[file] = value.value
        }
        return settings
    }

    private static func problem(with file: String) -> String? {
        if let key = ownKeys[file] { return "\(file) is \"\(key)\" under \"limits\"" }
        let parts = file.split(separator: ".", omittingEmptySubsequences: false)
        let isName = parts.count >= 2 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isNameByte) }
        guard isName else { return "\"\(file)\" is no file of a cgroup; they have names such as memory.low" }
        guard parts[0] != "cgroup" || coreLimits.contains(file) else {
            let others = coreLimits.sorted().joined(separator: " and ")
            return "\(file) is not a profile's to write; of its kind there are \(others)"
        }
        return nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
            || byte == 0x2D
    }

    /// A line of `io.max`: `8:0 rbps=1048576 wiops=max`.
    static func io(_ line: Located<String>, _ mapping: ConfigurationMapping) -> String {
        let words = line.value.split(separator: " ", omittingEmptySubsequences: false)
        let device = words[0].split(separator: ":", omittingEmptySubsequences: false)
        let isDevice = device.count == 2 && device.allSatisfy { ConfigurationScalar.integer(String($0)) ?? -1 >= 0 }
        let limits = words.dropFirst().map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
        let areLimits = limits.allSatisfy { limit in
            limit.count == 2 && ["rbps", "wbps", "riops", "wiops"].contains(limit[0])
                && (limit[1] == "max" || ConfigurationScalar.integer(String(limit[1])) ?? -1 > 0)
        }
        if !isDevice || !areLimits || limits.isEmpty {
            mapping.problem(
                line.position,
                "\"\(line.value)\" is no limit of a device: write its numbers and any of rbps wbps riops wiops, "
                    + "such as \"8:0 rbps=1048576\"")
        }
        return line.value
    }
}
