# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Resources: what is bounded by the jail itself."""
import os
import resource

from .checks import Group, Skip, facts

group = Group("resources")


def bounded(name, limit, most):
    @group.attack(name)
    def _():
        soft, hard = resource.getrlimit(limit)
        return (hard == resource.RLIM_INFINITY or hard > most) and f"{soft}:{hard}"


bounded("processes", resource.RLIMIT_NPROC, 4096)
bounded("open-files", resource.RLIMIT_NOFILE, 1048576)
bounded("core-size", resource.RLIMIT_CORE, 1)
bounded("locked-memory", resource.RLIMIT_MEMLOCK, 1 << 34)
bounded("message-queues", resource.RLIMIT_MSGQUEUE, 1 << 24)
bounded("real-time-priority", resource.RLIMIT_RTPRIO, 0)
bounded("niceness", resource.RLIMIT_NICE, 20)


@group.attack("crash-handler")
def _():
    # A program that the host runs as root on what has crashed. Only a limit of exactly 1 keeps the kernel from it, and
    # whoever may lower that to 0 has it run again (coredump_pipe in fs/coredump.c).
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return resource.getrlimit(resource.RLIMIT_CORE) != (1, 1) and "a crash in here is handled outside"


for path in ("/", "/tmp", "/var/tmp", "/dev/shm"):

    @group.attack("size-of-" + (path.strip("/").replace("/", "-") or "root"))
    def _(path=path):
        if not os.path.isdir(path):
            raise Skip(f"no {path}")
        size = os.statvfs(path)
        total = size.f_blocks * size.f_frsize
        with open("/proc/meminfo", encoding="utf-8") as file:
            memory = int(file.readline().split()[1]) * 1024
        # In memory, it must not be able to fill all of it; on disk, it is not the jail's own.
        return (total > memory * 0.6 or total == 0) and f"{total} bytes"


@group.attack("size-of-the-home")
def _():
    size = os.statvfs(os.environ["HOME"])
    with open("/proc/meminfo", encoding="utf-8") as file:
        memory = int(file.readline().split()[1]) * 1024
    return size.f_blocks * size.f_frsize > memory * 0.6 and f"{size.f_blocks * size.f_frsize} bytes"


@group.attack("fill-root")
def _():
    descriptor = os.open("/", os.O_TMPFILE | os.O_WRONLY)
    os.close(descriptor)
    return "files can be made in the root"


@group.attack("pipe-size")
def _():
    import fcntl

    with open("/proc/sys/fs/pipe-max-size", encoding="ascii") as file:
        most = int(file.read())
    _, writing = os.pipe()
    return fcntl.fcntl(writing, 1031, most * 2) and "larger than the limit"


@group.attack("cgroup-limits")
def _():
    # Its own limits in reach would be its own to change.
    for directory in ("/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified"):
        for name in ("memory.max", "pids.max", "cgroup.procs", "memory.limit_in_bytes"):
            try:
                os.close(os.open(f"{directory}/{name}", os.O_WRONLY))
                return f"{directory}/{name}"
            except OSError:
                continue
