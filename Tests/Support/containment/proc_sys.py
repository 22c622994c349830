# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""/proc and /sys: the handles on the whole machine, on the jail's first process, and on the program that built it."""
import ctypes
import os
import stat
import subprocess
import time

from . import kernel
from .checks import Group, facts, reaches

group = Group("proc-sys")


def opens(path, flags):
    descriptor = os.open(path, flags)
    # What is covered with the null device can be opened, and is nothing.
    return os.fstat(descriptor).st_rdev != os.makedev(1, 3) and f"opened {path}"


# What the global root may write whatever his capabilities. Each has been a way out of a container.
for name, path in {
    "core-pattern": "/proc/sys/kernel/core_pattern",
    "module-loader": "/proc/sys/kernel/modprobe",
    "poweroff-command": "/proc/sys/kernel/poweroff_cmd",
    "binary-formats": "/proc/sys/fs/binfmt_misc/register",
    "binary-formats-state": "/proc/sys/fs/binfmt_misc/status",
    "sysrq": "/proc/sysrq-trigger",
    "sysrq-mask": "/proc/sys/kernel/sysrq",
    "address-randomisation": "/proc/sys/kernel/randomize_va_space",
    "overcommit": "/proc/sys/vm/overcommit_memory",
    "drop-caches": "/proc/sys/vm/drop_caches",
    "panic-on-oom": "/proc/sys/vm/panic_on_oom",
    "protected-links": "/proc/sys/fs/protected_hardlinks",
    "files-maximum": "/proc/sys/fs/file-max",
    "ip-forward": "/proc/sys/net/ipv4/ip_forward",
    "user-namespaces": "/proc/sys/user/max_user_namespaces",
    "last-pid": "/proc/sys/kernel/ns_last_pid",
    "hostname": "/proc/sys/kernel/hostname",
    "message-queues": "/proc/sys/fs/mqueue/msg_max",
    "shared-memory": "/proc/sys/kernel/shmmax",
    "interrupts": "/proc/irq/default_smp_affinity",
    "memory-ranges": "/proc/mtrr",
    "wakeup": "/proc/acpi/wakeup",
    "legacy-scsi": "/proc/scsi/scsi",
}.items():
    group.attack("write-" + name)(lambda path=path: opens(path, os.O_WRONLY))

# What tells of the kernel's memory, of other users' keys, or of what other processes do.
for name in ("kcore", "kmsg", "keys", "timer_list", "sched_debug", "latency_stats", "config.gz", "interrupts",
             "modules", "slabinfo", "vmallocinfo", "pagetypeinfo", "kpageflags", "kpagecount", "kpagecgroup",
             "scsi/scsi", "asound/version", "driver/rtc"):

    @group.attack("read-" + name.replace("/", "-").replace(".", "-").replace("_", "-"))
    def _(name=name):
        with open("/proc/" + name, "rb") as file:
            return file.read(1) and "read"


@group.attack("kernel-addresses")
def _():
    with open("/proc/kallsyms", encoding="utf-8") as file:
        return any(int(line.split()[0], 16) for line, _ in zip(file, range(100)))


@group.attack("physical-addresses")
def _():
    with open("/proc/iomem", encoding="utf-8") as file:
        return any(int(line.split("-")[1].split()[0], 16) for line in file)


@group.attack("page-frames")
def _():
    # Physical addresses of one's own pages are what rowhammer starts with.
    here = ctypes.create_string_buffer(4096)
    descriptor = os.open("/proc/self/pagemap", os.O_RDONLY)
    entry = os.pread(descriptor, 8, ctypes.addressof(here) // 4096 * 8)
    return int.from_bytes(entry, "little") & (1 << 55) - 1


# The first process, which the agent's owner owns as well: runc's CVE-2016-9962 was a descriptor of it left open.
for name in ("mem", "environ", "maps", "auxv", "stack", "syscall", "io", "pagemap", "personality", "exe", "wchan-",
             "timers", "map_files", "fdinfo"):

    @group.attack("first-process-" + name.strip("-").replace("_", "-"))
    def _(name=name):
        path = "/proc/1/" + name.strip("-")
        if stat.S_ISDIR(os.stat(path).st_mode):
            return os.listdir(path) and "listed"
        with open(path, "rb") as file:
            content = file.read(64) if name != "mem" else b"opened"
        # Where the kernel answers everybody it answers strangers with nothing.
        return content.strip(b"\0\n0") and f"read {content[:40]!r}"


@group.attack("first-process-root")
def _():
    return os.listdir("/proc/1/root/")


@group.attack("first-process-directory")
def _():
    return os.listdir("/proc/1/cwd/") or "entered"


@group.attack("first-process-descriptors")
def _():
    # Root may list the numbers; what they are is another question.
    got = []
    for name in os.listdir("/proc/1/fd"):
        try:
            got.append(os.readlink("/proc/1/fd/" + name))
        except OSError:
            continue
    return got


@group.attack("first-process-namespaces")
def _():
    return opens("/proc/1/ns/mnt", os.O_RDONLY)


@group.attack("first-process-write-memory")
def _():
    return opens("/proc/1/mem", os.O_WRONLY)


@group.attack("first-process-words")
def _():
    # Its command line is the keeper's, with host paths and what was given to the keeper in words.
    with open("/proc/1/cmdline", "rb") as file:
        words = file.read()
    return any(word in words for word in (b"--env", b"--profile", b"--plan", b"/")) and repr(words[:200])


@group.attack("overwrite-own-program")
def _():
    # CVE-2019-5736: the runtime's program, reached through /proc, rewritten from inside.
    # As long as it runs it is busy, which says nothing; so it is held on to until it does not, and nobody has a hold of
    # its memory any more. Few others run tac.
    child = subprocess.Popen(["/usr/bin/tac"], stdin=subprocess.PIPE)
    # vfork(2) returns a moment before the child's memory is the new program's.
    while os.path.samefile(f"/proc/{child.pid}/exe", "/proc/self/exe"):
        time.sleep(0.01)
    held = os.open(f"/proc/{child.pid}/exe", os.O_PATH)
    child.kill()
    child.wait()
    deadline = time.monotonic() + 30
    while True:
        got = reaches(lambda: os.open(f"/proc/self/fd/{held}", os.O_WRONLY))
        if "ETXTBSY" not in got or time.monotonic() > deadline:
            return got
        time.sleep(0.01)


@group.attack("overwrite-first-process-program")
def _():
    # Where the first process is not even shown, there is nothing to open.
    return os.path.lexists("/proc/1/exe") and reaches(lambda: os.open("/proc/1/exe", os.O_WRONLY))


@group.attack("runtime-program")
def _():
    # Nothing of the program that built the jail may be mapped into what runs in it.
    with open("/proc/self/maps", encoding="utf-8") as file:
        return [line.split()[-1] for line in file if line.rstrip().endswith("/jail")]


@group.attack("host-processes")
def _():
    with open("/proc/2/comm", encoding="utf-8") as file:
        return file.read() == "kthreadd\n" and "the kernel's threads are there"


@group.attack("host-process")
def _():
    with open(f"/proc/{facts.host_pid}/cmdline", "rb") as file:
        return facts.host_words.encode() in file.read() and "its words were read"


for name in ("mnt", "pid", "ipc", "uts", "user", "cgroup", "net"):

    @group.attack("shared-namespace-" + name)
    def _(name=name):
        return os.readlink(f"/proc/self/ns/{name}") == facts.namespaces[name] and "it is the host's"


@group.attack("cgroup-path")
def _():
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        return [line.strip() for line in file if line.rstrip("\n").split(":", 2)[2] != "/"]


@group.attack("masks-are-real")
def _():
    # CVE-2025-31133: /dev/null swapped for a link while it was bound over what is to be hidden.
    wrong = []
    for name in ("kcore", "keys", "timer_list", "kmsg", "kallsyms"):
        try:
            status = os.lstat("/proc/" + name)
        except FileNotFoundError:
            continue
        if not stat.S_ISCHR(status.st_mode) or status.st_rdev != os.makedev(1, 3):
            wrong.append(name)
    return wrong


@group.attack("attributes-are-proc")
def _():
    # CVE-2025-52881: writes meant for /proc led elsewhere. Type is the first word of struct statfs.
    for path in ("/proc", "/proc/self/attr", "/proc/self/fd", "/proc/sys/kernel"):
        buffer = ctypes.create_string_buffer(256)
        if kernel.libc.statfs(path.encode(), buffer) != 0 or int.from_bytes(buffer[:8], "little") != 0x9FA0:
            return path


@group.attack("unmount-mask")
def _():
    return reaches(lambda: kernel.call("umount2", kernel.text("/proc/kcore"), 2))


@group.attack("unmount-read-only-part")
def _():
    if not facts.get("jailed"):
        return reaches(lambda: kernel.call("umount2", kernel.NOWHERE, 2))
    return reaches(lambda: kernel.call("umount2", kernel.text("/proc/sys"), 2))


@group.attack("second-proc")
def _():
    return reaches(lambda: kernel.call("fsopen", kernel.text("proc"), 0))


@group.attack("lower-oom-score")
def _():
    with open("/proc/self/oom_score_adj", "r+", encoding="ascii") as file:
        score = int(file.read())
        file.seek(0)
        file.write(str(max(score - 1, -1000)))
    return "lowered"


@group.attack("second-identity-map")
def _():
    with open("/proc/self/uid_map", "w", encoding="ascii") as file:
        return file.write("0 0 4294967295") and "written"


@group.attack("identities-mapped")
def _():
    with open("/proc/self/uid_map", encoding="ascii") as file:
        lines = [line.split() for line in file]
    return [line for line in lines if line[2] != "1"] or (len(lines) != 1 and lines)


@group.attack("groups-settable")
def _():
    with open("/proc/self/setgroups", encoding="ascii") as file:
        return file.read() != "deny\n" and "setgroups is allowed"


# sysfs: the machine's, whoever mounts it.
for name, path in {
    "uevent-helper": "/sys/kernel/uevent_helper",
    "power": "/sys/power/state",
    "memory-management": "/sys/kernel/mm/transparent_hugepage/enabled",
    "kexec-crash-size": "/sys/kernel/kexec_crash_size",
    "module-parameter": "/sys/module/printk/parameters/time",
    "block-queue": "/sys/block/loop0/queue/scheduler",
    "uevent": "/sys/class/mem/null/uevent",
    "processors": "/sys/devices/system/cpu/cpu0/uevent",
    "profiling": "/sys/kernel/profiling",
}.items():
    group.attack("sys-write-" + name)(lambda path=path: opens(path, os.O_WRONLY))

for name, path in {
    "debug": "/sys/kernel/debug", "tracing": "/sys/kernel/tracing", "security": "/sys/kernel/security",
    "firmware-variables": "/sys/firmware/efi/efivars", "cgroups": "/sys/fs/cgroup", "bpf": "/sys/fs/bpf",
    "pstore": "/sys/fs/pstore", "notes": "/sys/kernel/notes", "firmware": "/sys/firmware/acpi/tables",
}.items():

    @group.attack("sys-see-" + name)
    def _(path=path):
        if os.path.isdir(path):
            return os.listdir(path)[:5]
        with open(path, "rb") as file:
            return file.read(1) and "read"


@group.attack("release-agent")
def _():
    # CVE-2022-0492: a program that the kernel runs outside when a cgroup empties.
    for directory, _, names in os.walk("/sys/fs/cgroup"):
        if "release_agent" in names:
            return opens(directory + "/release_agent", os.O_WRONLY)
        if directory.count("/") > 4:
            break
    raise FileNotFoundError(2, "no release_agent")


@group.attack("new-cgroup")
def _():
    for directory in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/pids"):
        path = f"{directory}/containment-{os.getpid()}"
        try:
            os.mkdir(path)
        except OSError:
            continue
        os.rmdir(path)
        return f"made {path}"
