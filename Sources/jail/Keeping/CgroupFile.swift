// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// A limit as the kernel takes it: a file of the cgroup and what is written to it.
struct CgroupFile: Equatable {
    var name: String
    var value: String
    /// What a profile's `degrade` calls it.
    var limit: String

    /// The controller that has to be on for the file to be there; nil for those that every cgroup has.
    var controller: String? {
        let word = name.prefix { $0 != "." }
        return word == "cgroup" ? nil : String(word)
    }

    /// Whether `text`, read from the file afterwards, means what was written: the kernel rounds and reformats.
    func isInForce(_ text: String) -> Bool {
        let lines = text.split(separator: "\n")
        switch name {
        case "memory.max", "memory.high", "memory.swap.max":
            // Whole pages are counted.
            guard let wanted = UInt64(value), let found = CgroupText.number(text) else { return false }
            return UInt64(found) == wanted / UInt64(getpagesize()) * UInt64(getpagesize())
        case "io.max":
            let device = lines.first { $0.prefix { $0 != " " } == value.prefix { $0 != " " } }
            let found = device?.split(separator: " ") ?? []
            return value.split(separator: " ").allSatisfy { found.contains($0) || $0.hasSuffix("=max") }
        case "io.weight": return lines.contains("default \(value)")
        case "cpu.max", "cpu.weight", "pids.max", "memory.oom.group": return lines.first.map(String.init) == value
        // Of any other file the form is not known: that the kernel took the value has to do.
        default: return true
        }
    }
}

extension JailPlan.CgroupLimits {
    /// In the order in which they are to be written.
    var files: [CgroupFile] {
        var files: [CgroupFile] = []
        func add(_ name: String, _ value: String?, _ limit: String) {
            if let value { files.append(CgroupFile(name: name, value: value, limit: limit)) }
        }
        add("memory.high", memoryHigh.map(String.init), "limits.memory_high")
        add("memory.max", memory.map(String.init), "limits.memory")
        // Part of a jail, picked by the kernel, would leave the rest in a state that no agent can make sense of.
        add("memory.oom.group", memory.map { _ in "1" }, "limits.memory")
        add("memory.swap.max", swap.map(String.init), "limits.swap")
        // Microseconds in each tenth of a second; the kernel takes no fewer than a thousand.
        add("cpu.max", processors.map { "\(max(1, $0) * 1000) 100000" }, "limits.cpu")
        add("cpu.weight", processorWeight.map(String.init), "limits.cpu_weight")
        add("pids.max", processes.map(String.init), "limits.pids")
        for line in io { add("io.max", line, "limits.io") }
        add("io.weight", ioWeight.map(String.init), "limits.io_weight")
        for (name, value) in other.sorted(by: { $0.key < $1.key }) { add(name, value, "limits.cgroup") }
        return files
    }
}
