# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""What is handed over at the start: three streams, nothing else, and nothing of the host's through them."""
import fcntl
import os
import stat
import termios

from .checks import Group, Skip, facts

group = Group("descriptors")


@group.attack("more-than-streams")
def _():
    extra = []
    for number in facts.descriptors_at_start:
        try:
            extra += [f"{number}: {os.readlink(f'/proc/self/fd/{number}')}"] if number > 2 else []
        except OSError:
            continue
    return extra


@group.attack("leaked")
def _():
    # CVE-2024-21626, CVE-2016-9962: the test starts the jail with this one open.
    os.fstat(facts.leaked_descriptor)
    return os.readlink(f"/proc/self/fd/{facts.leaked_descriptor}")


@group.attack("leaked-write")
def _():
    return os.write(facts.leaked_descriptor, b"") == 0 and "it can be written to"


@group.attack("directories")
def _():
    return [number for number in range(3) if stat.S_ISDIR(os.fstat(number).st_mode)]


@group.attack("working-directory")
def _():
    # CVE-2024-21626 again: a working directory of the host's.
    here = os.readlink("/proc/self/cwd")
    return (here.startswith("(unreachable)") or not os.path.samefile(here, ".")) and here


@group.attack("working-directory-leads-out")
def _():
    back = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(40):
        back = os.open("..", os.O_RDONLY | os.O_DIRECTORY, dir_fd=back)
    return os.fstat(back).st_dev != os.stat("/").st_dev or os.fstat(back).st_ino != os.stat("/").st_ino


@group.attack("terminal-of-the-starter")
def _():
    # A stream on the caller's terminal reads what the caller types there next.
    own = os.stat("/dev/pts").st_dev
    if facts.get("jailed"):
        return [f"{number} is {os.readlink(f'/proc/self/fd/{number}')}" for number in range(3)
                if os.isatty(number) and os.fstat(number).st_dev != own]
    return [number for number in range(3) if os.isatty(number)]


@group.attack("null-of-the-host")
def _():
    # The null device as the host has it, not bound read-only: its owner may change its mode for everybody.
    changed = []
    for number in range(3):
        status = os.fstat(number)
        if stat.S_ISCHR(status.st_mode) and status.st_rdev == os.makedev(1, 3):
            try:
                os.fchmod(number, stat.S_IMODE(status.st_mode))
                changed.append(number)
            except OSError:
                continue
    return changed


@group.attack("streams-opened-again")
def _():
    # /proc/self/fd opens the file itself again, with other rights than the descriptor has.
    again = []
    for number in range(3):
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode):
            continue
        mode = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE
        other = os.O_WRONLY if mode == os.O_RDONLY else os.O_RDONLY
        try:
            os.close(os.open(f"/proc/self/fd/{number}", other))
            again.append(number)
        except OSError:
            continue
    return again


@group.attack("sockets-at-start")
def _():
    return [number for number in facts.descriptors_at_start if number > 2
            and os.path.exists(f"/proc/self/fd/{number}") and stat.S_ISSOCK(os.fstat(number).st_mode)]


@group.attack("controlling-terminal")
def _():
    # Its parent's session is the probe's; the terminal of that one must be the jail's own.
    with open(f"/proc/{os.getppid()}/stat", encoding="utf-8") as file:
        device = int(file.read().split(") ")[1].split()[4])
    if device == 0:
        raise Skip("no controlling terminal")
    if facts.get("jailed"):
        number = (device & 0xFF) | (device >> 12 & 0xFFF00)
        return not os.path.exists(f"/dev/pts/{number}") and f"terminal {number} is not the jail's"
    return "the host's"


@group.attack("signals-blocked-or-ignored")
def _():
    with open(f"/proc/{os.getppid()}/status", encoding="utf-8") as file:
        lines = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    # Python ignores SIGPIPE and SIGXFSZ itself; 32 and 33 are glibc's own, which nobody can reset through it.
    own = 1 << 12 | 1 << 24 | 3 << 31
    blocked, ignored = int(lines["SigBlk"], 16), int(lines["SigIgn"], 16) & ~own
    return (blocked or ignored) and f"blocked {blocked:#x}, ignored {ignored:#x}"


@group.attack("terminal-settings-of-the-starter")
def _():
    for number in range(3):
        if os.isatty(number) and os.fstat(number).st_dev != os.stat("/dev/pts").st_dev:
            termios.tcsetattr(number, termios.TCSANOW, termios.tcgetattr(number))
            return f"{number} can be set"
