// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What editors show of a profile's keys. A test holds the names against those that the reader asks for.
enum ProfileKeys {
    static let descriptions: [String: String] = {
        var all = fixed
        for (resource, inBytes) in ResourceLimitRange.resources {
            all["rlimits.\(resource)"] =
                "RLIMIT_\(resource.uppercased()), getrlimit(2): N, unlimited or soft:hard"
                + (inBytes ? "; sizes may have a suffix K M G T" : "")
        }
        return all
    }()

    private static let path = "An absolute path, with variables such as ${home}"
    private static let optional = "Left out where the host does not have it"
    private static let executable = "Whether programs in it can be executed; default true"
    private static let source = "Where it is on the host, if not at the same path"

    private static let fixed: [String: String] = [
        "extends": "Another profile: lists append to its lists, single values replace its values",
        "description": "A text for people",

        "filesystem": "What the jail's root holds; nothing else of the host is in it",
        "filesystem.read_only": "Paths of the host that can be read",
        "filesystem.read_only[].path": path,
        "filesystem.read_only[].optional": optional,
        "filesystem.read_only[].exec": executable,
        "filesystem.read_only[].source": source,
        "filesystem.writable": "Paths of the host that can be written",
        "filesystem.writable[].path": path,
        "filesystem.writable[].optional": optional,
        "filesystem.writable[].exec": executable,
        "filesystem.writable[].source": source,
        "filesystem.writable[].create": "Made on the host where it is missing: a directory, mode 0700",
        "filesystem.private": "Empty directories in memory, gone with the agent",
        "filesystem.private[].path": path,
        "filesystem.private[].optional": "Left out when a variable in its path has no value",
        "filesystem.private[].exec": executable,
        "filesystem.private[].size": "At most this much; default limits.tmp",
        "filesystem.private[].mode": "In octal; default 700, and 1777 for /tmp and /var/tmp",
        "filesystem.copy_on_write":
            "Directories of the host that can be written: it stays as it is, and changes are gone with the agent",
        "filesystem.copy_on_write[].path": path + "; / is the jail's root",
        "filesystem.copy_on_write[].optional": optional,
        "filesystem.copy_on_write[].exec": executable,
        "filesystem.copy_on_write[].source": source,
        "filesystem.copy_on_write[].size": "At most so much can be changed; default limits.tmp",
        "filesystem.hidden": "Covered with nothing, whatever else shows them",
        "filesystem.hidden[].path": path,
        "filesystem.hidden[].optional": "Left out when a variable in its path has no value",
        "filesystem.files": "Files made for the jail, read-only",
        "filesystem.files[].path": path,
        "filesystem.files[].content": "What it holds",
        "filesystem.files[].copy": "The host's file whose content it gets when the jail is built",
        "filesystem.files[].mode": "In octal; default 0644",
        "filesystem.symlinks": "Symbolic links: path to destination",
        "filesystem.sys": "Whether there is a /sys; default none",

        "workspace": "The request's directory: as it is, with all changes kept apart, or not at all (the default)",
        "working_directory": "Where in the jail the command starts; default the workspace, else the home",
        "protect":
            "What the host executes or obeys by itself, not to be written: relative to the workspace, or absolute",
        "identity": "Who the agent is to the host: its owner (the default), or somebody whom nobody else is",
        "users": "Who there is in the jail",
        "users.root": "true: its owner is root there, and to the host still itself",
        "users.subordinate": "true: and its subordinate users and groups (/etc/subuid, /etc/subgid)",
        "network": "What the agent can reach",
        "network.mode": "none (the default): nothing but loopback; host: the host's",
        "network.connect": "The only TCP ports that may be connected to; with mode: host",
        "network.bind": "The only TCP ports that may be listened on; with mode: host",

        "limits": "What the jail may use",
        "limits.memory": "The jail ends when it uses more",
        "limits.memory_high": "Above this the jail is slowed down",
        "limits.swap": "Of swap space",
        "limits.cpu": "Processors' worth of time: 2, 0.5",
        "limits.cpu_weight": "Its share where processors are scarce; the kernel's default is 100",
        "limits.pids": "Processes and threads",
        "limits.io": "Limits per device: \"8:0 rbps=1048576 wiops=100\"",
        "limits.io_weight": "Its share where a disk is busy",
        "limits.cgroup": "Any other file of the jail's cgroup (v2): its name and its value",
        "limits.files": "Open files of one process",
        "limits.tmp": "Size of each private directory; default 512M",
        "rlimits": "Limits of each process, by prlimit(1)'s names",

        "process": "How the kernel schedules and treats the agent's processes",
        "process.nice": "-20 (first) to 19 (last)",
        "process.oom_score_adj": "-1000 to 1000: who ends first when memory is out",
        "process.io_priority": "idle, or 0 (first) to 7",
        "process.cpus": "A number of processors, or a list of their numbers",
        "process.core_scheduling": "Nothing but this jail shares a core's hyper-threads with it",
        "process.address_randomization": "false for programs that need the same addresses each time",
        "clocks": "What the jail's clocks are ahead of the host's",
        "clocks.monotonic": "CLOCK_MONOTONIC",
        "clocks.boottime": "CLOCK_BOOTTIME",

        "timeouts": "When the agent is ended",
        "timeouts.wall": "This long after its start",
        "timeouts.cpu": "After this much processor time, of all its processes together",
        "timeouts.idle": "After this long without output, input, work of its processes, or a request under way",
        "timeouts.start": "If it does not run, or is not ready, within this time",
        "timeouts.grace": "From the first stop signal to the end; default 10s",

        "restart": "Whether it is run again when it has ended by itself",
        "restart.policy": "never (the default), on-failure or always",
        "restart.initial": "The pause before the first restart; default 1s",
        "restart.max": "The longest pause; default 60s",
        "restart.factor": "What the pause is multiplied by each time; default 2",
        "restart.jitter": "Up to this share of a pause is added at random; default 0.2",
        "restart.limit": "Restarts within the window, after which it has failed; default 5, 0 is any number",
        "restart.window": "Default 10m",
        "restart.reset_after": "An attempt that lasted this long makes the pause the first one again; default 10m",
        "output": "What is kept of the agent's output",
        "output.ring": "The newest bytes, so many; at least 1M, default the daemon's",

        "seccomp": "Which system calls the agent may make",
        "seccomp.default": "What a call that is not allowed gets; default EPERM",
        "seccomp.allow": "Calls, groups as in systemd (@system-service), and rules on arguments",
        "seccomp.allow[].call": "A system call or a group",
        "seccomp.allow[].when": "Only if all of these hold: \"0 == 3\", \"1 >= 0x10\", \"0 & 0xff == 3\"",
        "seccomp.allow[].action": "log: allowed, and written to the kernel's audit log",
        "seccomp.deny": "Likewise; wins over allow",
        "seccomp.deny[].call": "A system call or a group",
        "seccomp.deny[].when": "Only if all of these hold: \"0 == 3\", \"1 >= 0x10\", \"0 & 0xff == 3\"",
        "seccomp.deny[].action": "What it gets instead of the default",
        "seccomp.families": "The only socket families: unix, inet, inet6, netlink …; default any",
        "seccomp.log": "Whether refused calls are reported and counted; default false",
        "capabilities": "Capabilities within the jail's namespaces, without cap_: net_bind_service …",
        "credentials": "Files of the host, by the name that each has in $CREDENTIALS_DIRECTORY",
        "environment": "Variables of the environment, which is built from nothing",
        "hostname": "Default the agent's name",
        "umask": "Three octal digits; default 022",
        "degrade": "What of this may be missing on a poorer host: limits.memory, landlock …",
    ]
}
