# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Privileges: none held, none to be had, none over the jail's first process."""
import ctypes
import mmap
import os
import resource
import signal
import struct
import subprocess
import time

from . import kernel
from .checks import Group, Skip, facts, reaches

group = Group("privileges")


def status(pid="self"):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


for name in ("Eff", "Prm", "Inh", "Bnd", "Amb"):
    group.attack("capabilities-" + name.lower())(
        lambda name=name: int(status()["Cap" + name], 16) and status()["Cap" + name])


@group.attack("new-privileges")
def _():
    return status()["NoNewPrivs"] != "1" and "executing may still give some"


@group.attack("unfiltered")
def _():
    return status()["Seccomp"] != "2" and "no filter is in force"


@group.attack("filter-removed")
def _():
    # SECCOMP_MODE_DISABLED; the kernel knows no way back.
    prctl(22, 0)
    return status()["Seccomp"] == "0" and "removed"


def prctl(*arguments):
    ctypes.set_errno(0)
    words = [ctypes.c_ulong(argument) for argument in arguments[1:]]
    result = kernel.libc.prctl(arguments[0], *words, *[ctypes.c_ulong(0)] * (4 - len(words)))
    if result < 0:
        raise OSError(ctypes.get_errno(), "prctl")
    return result


@group.attack("secure-bits")
def _():
    # PR_GET_SECUREBITS: uid 0 without capabilities, and locked.
    return prctl(27) & 0b11 != 0b11 and f"{prctl(27):#x}"


@group.attack("secure-bits-reset")
def _():
    return prctl(28, 0) == 0 and "reset"


@group.attack("ambient-capability")
def _():
    return prctl(47, 2, 12) == 0 and "raised"


@group.attack("keep-capabilities")
def _():
    return prctl(8, 1) == 0 and "kept"


@group.attack("raise-capability")
def _():
    header, data = struct.pack("Ii", 0x20080522, 0), struct.pack("6I", 0x201000, 0x201000, 0, 0, 0, 0)
    one, other = ctypes.create_string_buffer(header), ctypes.create_string_buffer(data)
    if kernel.libc.capset(one, other) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    return "raised"


@group.attack("become-root")
def _():
    if os.getuid() == 0:
        raise Skip("is root, as its owner is")
    os.setuid(0)
    return "became"


@group.attack("become-another-user")
def _():
    os.setresuid(12345, 12345, 12345)
    return "became"


@group.attack("become-another-group")
def _():
    os.setresgid(12345, 12345, 12345)
    return "became"


@group.attack("more-groups")
def _():
    os.setgroups([6])
    return "given"


@group.attack("groups-of-the-host")
def _():
    return [number for number in os.getgroups() if number != os.getgid()]


def raised(arguments):
    """Whether a setuid program really gets the privileges of its owner."""
    child = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(50):
            now = status(child.pid)
            if now["Uid"].split()[1] != str(os.getuid()):
                return f"runs as user {now['Uid'].split()[1]}"
            if int(now["CapEff"], 16):
                return f"has capabilities {now['CapEff']}"
            if child.poll() is not None:
                return None
            time.sleep(0.01)
    except FileNotFoundError:
        return None
    finally:
        child.kill()


for name in ("su", "sudo", "newgrp", "pkexec", "newuidmap", "mount", "passwd", "chsh", "fusermount3"):

    @group.attack("setuid-" + name)
    def _(name=name):
        path = "/usr/bin/" + name
        if not os.path.exists(path):
            raise Skip(f"no {path} on this host")
        return raised({"su": [path, "root", "-c", "true"], "passwd": [path]}.get(name, [path]))


@group.attack("page-zero")
def _():
    address = kernel.libc.mmap
    address.restype = ctypes.c_void_p
    got = address(None, ctypes.c_size_t(4096), 3, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x10, -1, ctypes.c_long(0))
    if got == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")
    return "mapped"


@group.attack("real-time")
def _():
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    return "scheduled before everybody"


@group.attack("deadline")
def _():
    # struct sched_attr with SCHED_DEADLINE and a tenth of a processor.
    attributes = ctypes.create_string_buffer(struct.pack("IIQiIQQQ", 48, 6, 0, 0, 0, 10**7, 10**8, 10**8))
    return kernel.call("sched_setattr", 0, kernel.pointer(attributes), 0) == 0 and "scheduled"


@group.attack("niceness")
def _():
    before = os.nice(0)
    os.nice(-1)
    return os.nice(0) < before and "raised"


@group.attack("real-time-io")
def _():
    return kernel.call("ioprio_set", 1, 0, 1 << 13) == 0 and "set"


@group.attack("raise-hard-limit")
def _():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard + 1))
    except ValueError:
        return None
    return "raised"


@group.attack("lock-memory")
def _():
    memory = mmap.mmap(-1, 1 << 30)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return kernel.libc.mlock(ctypes.c_void_p(address), ctypes.c_size_t(1 << 30)) == 0 and "locked 1 GiB"


# The first process of the jail is its owner's too. Outside a jail this is the machine's, and is left alone.
def first(name):
    def add(body):
        @group.attack("first-process-" + name)
        def _():
            if not facts.get("jailed") and os.getuid() == 0:
                raise Skip("the first process is the machine's")
            return body()

    return add


@first("trace")
def _():
    return reaches(lambda: kernel.call("ptrace", 16, 1, 0, 0))


@first("seize")
def _():
    return reaches(lambda: kernel.call("ptrace", 0x4206, 1, 0, 0))


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def vectors():
    buffer = ctypes.create_string_buffer(8)
    local = Vector(ctypes.cast(buffer, ctypes.c_void_p), 8)
    remote = Vector(ctypes.c_void_p(0x400000), 8)
    return kernel.pointer(ctypes.byref(local)), kernel.pointer(ctypes.byref(remote)), (buffer, local, remote)


@first("read-memory")
def _():
    local, remote, _ = vectors()
    return reaches(lambda: kernel.call("process_vm_readv", 1, local, 1, remote, 1, 0))


@first("write-memory")
def _():
    local, remote, _ = vectors()
    return reaches(lambda: kernel.call("process_vm_writev", 1, local, 1, remote, 1, 0))


@first("take-descriptor")
def _():
    pid = kernel.call("pidfd_open", 1, 0)
    return reaches(lambda: kernel.call("pidfd_getfd", pid, 3, 0))


@first("compare")
def _():
    return reaches(lambda: kernel.call("kcmp", os.getpid(), 1, 1, 0, 0))


@first("advise-memory")
def _():
    pid = kernel.call("pidfd_open", 1, 0)
    _, remote, _ = vectors()
    return reaches(lambda: kernel.call("process_madvise", pid, remote, 1, 21, 0))


@first("move-memory")
def _():
    return reaches(lambda: kernel.call("migrate_pages", 1, 0, 0, 0))


@first("robust-list")
def _():
    one, two = ctypes.c_void_p(), ctypes.c_size_t()
    return reaches(lambda: kernel.call("get_robust_list", 1, kernel.pointer(ctypes.byref(one)),
                                       kernel.pointer(ctypes.byref(two))))


@first("limits")
def _():
    # Its own limits again: nothing changes, but whoever may do this can also leave it without descriptors. It then ends
    # as if the jail had not been built, which is a lie about the agent's end.
    resource.prlimit(1, resource.RLIMIT_NOFILE, resource.prlimit(1, resource.RLIMIT_NOFILE))
    return "set"


for number in ("SIGKILL", "SIGSTOP", "SIGTERM", "SIGINT", "SIGHUP", "SIGSEGV", "SIGABRT", "SIGUSR1", "SIGALRM",
               "SIGTSTP"):

    @group.attack("first-process-" + number.lower())
    def _(number=number):
        if not facts.get("jailed"):
            raise Skip("the first process is the machine's")
        os.kill(1, getattr(signal, number))
        time.sleep(0.02)
        with open("/proc/1/stat", encoding="utf-8") as file:
            state = file.read().split(") ")[1][0]
        return state in "TtZX" and f"its state is {state}"


@group.attack("add-key")
def _():
    return reaches(lambda: kernel.call("add_key", kernel.text("user"), kernel.text("containment"), kernel.text("x"), 1, -1))


@group.attack("session-keyring")
def _():
    return reaches(lambda: kernel.call("keyctl", 0, -3, 0, 0, 0))


@group.attack("user-keyring")
def _():
    return reaches(lambda: kernel.call("keyctl", 0, -4, 0, 0, 0))


@group.attack("request-key")
def _():
    return reaches(lambda: kernel.call("request_key", kernel.text("user"), kernel.text("containment"), 0, 0))


@group.attack("traced-from-outside")
def _():
    return status()["TracerPid"] != "0" and status()["TracerPid"]


@group.attack("forged-login")
def _():
    with open("/proc/self/loginuid", "r+", encoding="ascii") as file:
        return file.write("12345") and file.flush() is None and "written"
