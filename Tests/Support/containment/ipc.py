# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Other processes of the host: their shared memory, queues, semaphores, signals and memory."""
import ctypes
import errno
import os
import resource
import signal

from . import kernel
from .checks import Group, facts, reaches

group = Group("ipc")


@group.attack("shared-memory")
def _():
    kernel.libc.shmat.restype = ctypes.c_void_p
    got = kernel.libc.shmat(facts.shm_id, None, 0o10000)
    if got == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "shmat")
    return b"outside" in ctypes.string_at(got, 64) and "read"


@group.attack("shared-memory-by-key")
def _():
    return kernel.call("shmget", facts.ipc_key, 0, 0) == facts.shm_id and "found"


@group.attack("message-queue")
def _():
    # msgctl's IPC_STAT.
    return kernel.call("msgctl", facts.msg_id, 2, kernel.pointer(ctypes.create_string_buffer(256))) == 0 and "seen"


@group.attack("semaphores")
def _():
    return kernel.call("semctl", facts.sem_id, 0, 12, 0) >= 0 and "read"


@group.attack("posix-message-queue")
def _():
    return kernel.call("mq_open", kernel.text(facts.mq_name), os.O_RDONLY, 0, 0) >= 0 and "opened"


@group.attack("posix-shared-memory")
def _():
    with open("/dev/shm/" + facts.shm_name, "rb") as file:
        return b"outside" in file.read() and "read"


@group.attack("semaphores-listed")
def _():
    with open("/proc/sysvipc/shm", encoding="utf-8") as file:
        return any(line.split()[1] == str(facts.shm_id) for line in list(file)[1:])


@group.attack("file-in-tmp")
def _():
    with open(facts.tmp_file, encoding="utf-8") as file:
        return file.read()


def of_the_host(name, attempt):
    @group.attack(name)
    def _():
        try:
            return attempt(facts.host_pid)
        except ProcessLookupError:
            return None


def found(pid):
    """Whether it is the process meant and not the jail's own with the same number."""
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        if facts.host_words.encode() not in file.read():
            raise ProcessLookupError(errno.ESRCH, "another process")


def signalled(pid):
    found(pid)
    os.kill(pid, 0)
    return "it is there to be signalled"


def stopped(pid):
    found(pid)
    os.kill(pid, signal.SIGCONT)
    return "signalled"


def traced(pid):
    found(pid)
    kernel.call("ptrace", 0x4206, pid, 0, 0)
    return "traced"


def read_memory(pid):
    found(pid)
    os.close(os.open(f"/proc/{pid}/mem", os.O_RDWR))
    return "opened"


def environment(pid):
    found(pid)
    with open(f"/proc/{pid}/environ", "rb") as file:
        return file.read(64)


def descriptor(pid):
    found(pid)
    return kernel.call("pidfd_getfd", kernel.call("pidfd_open", pid, 0), 0, 0) > 0 and "taken"


def limited(pid):
    found(pid)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, resource.prlimit(pid, resource.RLIMIT_NOFILE))
    return "set"


def scheduled(pid):
    found(pid)
    os.sched_setaffinity(pid, os.sched_getaffinity(pid))
    return "set"


def rooted(pid):
    found(pid)
    return os.listdir(f"/proc/{pid}/root") and "its root is open"


for name, attempt in {
    "host-process-exists": signalled, "host-process-signal": stopped, "host-process-trace": traced,
    "host-process-memory": read_memory, "host-process-environment": environment,
    "host-process-descriptor": descriptor, "host-process-limits": limited, "host-process-processors": scheduled,
    "host-process-root": rooted,
}.items():
    of_the_host(name, attempt)


@group.attack("signal-to-everybody")
def _():
    # kill(-1, 0) asks whom it would reach; in a jail that is its own processes.
    os.kill(-1, 0)
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return len(pids) > 40 and f"{len(pids)} processes"


@group.attack("priority-of-the-user")
def _():
    # Reaches all processes of the user that this pid namespace shows; the value stays what it is.
    os.setpriority(os.PRIO_USER, os.getuid(), os.getpriority(os.PRIO_PROCESS, 0))
    found(facts.host_pid)
    return "set for the host's"


@group.attack("process-descriptor")
def _():
    descriptor = kernel.call("pidfd_open", facts.host_pid, 0)
    found(facts.host_pid)
    return reaches(lambda: kernel.call("pidfd_send_signal", descriptor, 0, 0, 0))
