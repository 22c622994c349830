// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// The kernel's capabilities (capabilities(7)), by name without `cap_`.
package enum Capabilities {
    private static let known: Set<String> = [
        "audit_control", "audit_read", "audit_write", "block_suspend", "bpf", "checkpoint_restore", "chown",
        "dac_override", "dac_read_search", "fowner", "fsetid", "ipc_lock", "ipc_owner", "kill", "lease",
        "linux_immutable", "mac_admin", "mac_override", "mknod", "net_admin", "net_bind_service", "net_broadcast",
        "net_raw", "perfmon", "setfcap", "setgid", "setpcap", "setuid", "sys_admin", "sys_boot", "sys_chroot",
        "sys_module", "sys_nice", "sys_pacct", "sys_ptrace", "sys_rawio", "sys_resource", "sys_time",
        "sys_tty_config", "syslog", "wake_alarm",
    ]

    /// Some that no jail can have, with what they would do. That a jail's reach no further than its namespaces is true,
    /// and no reason to open the parts of the kernel where most holes of user namespaces were.
    private static let refused: [String: String] = [
        "bpf": "it loads programs into the kernel",
        "dac_read_search": "it opens files by number, past every mount (open_by_handle_at(2))",
        "mknod": "it makes device nodes",
        "perfmon": "it watches the kernel and everything that runs on it",
        "sys_admin": "it mounts, and undoes what the jail hides and protects",
        "sys_boot": "it restarts the machine",
        "sys_module": "it loads code into the kernel",
        "sys_ptrace": "it takes hold of the jail's first process, which is the agent's keeper",
        "sys_rawio": "it reaches hardware past the kernel",
    ]

    static func read(_ mapping: ConfigurationMapping) -> [String] {
        (mapping.strings("capabilities", among: JailPlan.possibleCapabilities) ?? []).map { name in
            if let problem = problem(with: name.value) { mapping.problem(name.position, problem) }
            return name.value
        }
    }

    private static func problem(with name: String) -> String? {
        if JailPlan.possibleCapabilities.contains(name) { return nil }
        if known.contains(name) {
            let reason = refused[name] ?? "in a jail it means nothing, or would change the jail"
            return "no jail can have the capability \(name): \(reason)"
        }
        let short = name.lowercased()
        if short.hasPrefix("cap_"), known.contains(String(short.dropFirst(4))) {
            return "capabilities are written in small letters and without cap_: \(short.dropFirst(4))"
        }
        return "unknown capability \"\(name)\"" + suggestion(for: name, among: known)
    }
}
