#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Tries, from inside a jail, the calls that lead out of one, and prints a line for each that was not refused.

The numbers are x86-64's; the last line says that all was tried.
"""
import ctypes
import errno
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
NEWUSER, NEWNS, NEWNET = 0x10000000, 0x00020000, 0x40000000
TIOCSTI, TIOCLINUX = 0x5412, 0x541C


def refused(name, number, *arguments, by=errno.EPERM):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(argument) for argument in arguments))
    if result == 0 and name.startswith("clone"):
        os._exit(0)
    if result != -1 or ctypes.get_errno() != by:
        print(f"{name}: {result} {errno.errorcode.get(ctypes.get_errno(), '')}")


def unopened(path, flags):
    try:
        os.open(path, flags)
        print(f"open {path}: opened")
    except OSError:
        pass


for flag in (NEWUSER, NEWNS, NEWNET):
    refused(f"unshare {flag:#x}", 272, flag)
    refused(f"clone {flag:#x}", 56, flag | signal.SIGCHLD, 0, 0, 0, 0)
refused("clone3", 435, 0, 0, by=errno.ENOSYS)
refused("io_uring_setup", 425, 0, 0, by=errno.ENOSYS)
refused("setns", 308, 0, 0)
for command in (TIOCSTI, TIOCLINUX):
    refused(f"ioctl {command:#x}", 16, 0, command, 0)
    # The kernel looks at 32 bits of it only (CVE-2019-10063).
    refused(f"ioctl {command:#x} with high bits", 16, 0, command | 1 << 32, 0)
for name, number in (
    ("mount", 165), ("umount2", 166), ("pivot_root", 155), ("chroot", 161), ("open_tree", 428), ("move_mount", 429),
    ("fsopen", 430), ("mount_setattr", 442), ("keyctl", 250), ("add_key", 248), ("bpf", 321),
    ("userfaultfd", 323), ("perf_event_open", 298), ("open_by_handle_at", 304), ("init_module", 175), ("reboot", 169),
    ("swapon", 167), ("iopl", 172), ("sethostname", 170),
):
    refused(name, number, 0, 0, 0, 0, 0)
refused("ptrace of pid 1", 101, 16, 1, 0, 0)
for path in ("mem", "environ", "maps", "root/", "cwd/", "fd/3", "ns/net"):
    unopened(f"/proc/1/{path}", os.O_RDONLY)
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/user/max_user_namespaces", "/proc/sysrq-trigger", "/usr/x"):
    unopened(path, os.O_WRONLY | os.O_CREAT)
for path in ("/dev/null", "/usr", "/"):
    try:
        os.chmod(path, 0o777)
        print(f"chmod {path}: done")
    except OSError:
        pass
for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
    # Ignored by the kernel for a first process, or refused by Landlock from version 6 on.
    try:
        os.kill(1, number)
    except PermissionError:
        pass
print("all tried")
