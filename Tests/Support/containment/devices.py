# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Devices: the six that everybody may have, terminals of the jail's own, and nothing to make another."""
import os
import stat
import uuid

from .checks import Group, facts

group = Group("devices")
PLAIN = {"null", "zero", "full", "random", "urandom", "tty"}


def opens(path, flags=os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY):
    if os.path.realpath(path) in ("/dev/null", "/dev/pts/ptmx"):
        raise FileNotFoundError(2, "covered")
    os.close(os.open(path, flags))
    return f"opened {path}"


for name in (
    "mem", "kmem", "port", "kmsg", "console", "tty0", "tty1", "ttyS0", "vcs", "kvm", "fuse", "cuse", "net/tun",
    "vhost-net", "vhost-vsock", "vsock", "uinput", "input/event0", "snd/timer", "dri/card0", "dri/renderD128", "fb0",
    "loop-control", "loop0", "mapper/control", "autofs", "btrfs-control", "rtc0", "hwrng", "nvram", "cpu/0/msr",
    "cpu/0/cpuid", "cpu_dma_latency", "userfaultfd", "snapshot", "ppp", "tpm0", "watchdog", "bus/usb", "ptp0",
    "udmabuf", "dma_heap/system", "binderfs", "zfs", "nvidiactl",
):

    @group.attack(name.replace("/", "-").replace("_", "-").lower())
    def _(name=name):
        return opens("/dev/" + name)


@group.attack("disks")
def _():
    with open("/proc/partitions", encoding="utf-8") as file:
        names = [line.split()[3] for line in file if line[:1] == " "]
    for name in names:
        if os.path.exists("/dev/" + name):
            return opens("/dev/" + name)


@group.attack("more-than-the-plain-ones")
def _():
    more = []
    for directory, _, names in os.walk("/dev"):
        for name in names:
            path = f"{directory}/{name}"
            mode = os.lstat(path).st_mode
            if (stat.S_ISCHR(mode) or stat.S_ISBLK(mode)) and not directory.startswith("/dev/pts")                     and path[5:] not in PLAIN:
                more.append(path)
    return more[:10]


@group.attack("terminals-of-the-host")
def _():
    # CVE-2025-52565: /dev/console bound from the wrong place showed the host's devpts.
    return os.stat("/dev/pts").st_dev == facts.terminals_device and "its devpts is the host's"


@group.attack("make-character-device")
def _():
    path = f"/tmp/containment-{uuid.uuid4().hex[:12]}"
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 1))
    os.unlink(path)
    return "made"


@group.attack("make-block-device")
def _():
    path = f"/tmp/containment-{uuid.uuid4().hex[:12]}"
    os.mknod(path, stat.S_IFBLK | 0o600, os.makedev(7, 0))
    os.unlink(path)
    return "made"


def keeps(path, change):
    """The nodes are the host's own: whoever may change their mode changes it for everybody."""
    change(path, stat.S_IMODE(os.stat(path).st_mode))
    return "changed"


for name in sorted(PLAIN):
    group.attack("mode-of-" + name)(lambda name=name: keeps("/dev/" + name, os.chmod))


@group.attack("mode-of-null-by-descriptor")
def _():
    return keeps(os.open("/dev/null", os.O_RDWR), os.fchmod)


@group.attack("times-of-null")
def _():
    os.utime("/dev/null", ns=(1, 1))
    return "changed"


@group.attack("owner-of-null")
def _():
    os.chown("/dev/null", 0, 0)
    return "changed"


@group.attack("replace-null")
def _():
    if not facts.get("jailed"):
        os.rename("/dev/null", "/dev/null")
    else:
        os.rename("/dev/null", "/dev/null-away")
    return "renamed"


@group.attack("create-in-dev")
def _():
    path = f"/dev/containment-{uuid.uuid4().hex[:12]}"
    os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    os.unlink(path)
    return "created"
