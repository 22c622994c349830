# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""What every program takes for granted: files, users, terminals, its own network."""
import errno
import fcntl
import grp
import mmap
import os
import pty
import pwd
import select
import signal
import socket
import ssl
import stat
import tempfile
import termios
import threading
import uuid

from . import kernel
from .checks import Group, Skip, facts

group = Group("needs")


def writable(directory):
    path = f"{directory}/containment-{uuid.uuid4().hex[:12]}"
    with open(path, "w", encoding="utf-8") as file:
        file.write("x" * 4096)
    os.rename(path, path + "-renamed")
    with open(path + "-renamed", encoding="utf-8") as file:
        assert len(file.read()) == 4096
    os.unlink(path + "-renamed")


@group.need("home-writable")
def _():
    writable(os.path.expanduser("~"))


@group.need("home-of-the-user")
def _():
    assert pwd.getpwuid(os.getuid()).pw_dir == os.environ["HOME"], pwd.getpwuid(os.getuid())


for directory in ("/tmp", "/var/tmp", "/dev/shm"):
    group.need("writable" + directory.replace("/", "-"))(lambda directory=directory: writable(directory))


@group.need("workspace-writable")
def _():
    writable(os.getcwd())


@group.need("extra-writable")
def _():
    for path in facts.extra_writable:
        writable(path)


@group.need("workspace-at-its-own-path")
def _():
    assert os.getcwd() == facts.workspace, os.getcwd()


@group.need("own-user")
def _():
    assert pwd.getpwuid(os.getuid()).pw_name
    assert grp.getgrgid(os.getgid()).gr_name


@group.need("tmp-is-sticky")
def _():
    assert os.stat("/tmp").st_mode & 0o7777 == 0o1777, oct(os.stat("/tmp").st_mode)


@group.need("execute-in-workspace")
def _():
    path = f"{os.getcwd()}/containment-{uuid.uuid4().hex[:12]}"
    with open(path, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nexit 7\n")
    os.chmod(path, 0o755)
    code = os.spawnv(os.P_WAIT, path, [path])
    os.unlink(path)
    assert code == 7, code


@group.need("execute-in-tmp")
def _():
    descriptor, path = tempfile.mkstemp(dir="/tmp")
    os.write(descriptor, b"#!/bin/sh\nexit 7\n")
    os.fchmod(descriptor, 0o755)
    os.close(descriptor)
    code = os.spawnv(os.P_WAIT, path, [path])
    os.unlink(path)
    assert code == 7, code


@group.need("links")
def _():
    with tempfile.TemporaryDirectory(dir=".") as directory:
        path = directory + "/a"
        with open(path, "w", encoding="utf-8"):
            pass
        os.link(path, directory + "/b")
        os.symlink("a", directory + "/c")
        assert os.stat(directory + "/c").st_nlink == 2


@group.need("locks")
def _():
    with tempfile.NamedTemporaryFile(dir=".") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@group.need("unnamed-file")
def _():
    os.close(os.open("/tmp", os.O_TMPFILE | os.O_RDWR))


@group.need("copying-in-the-kernel")
def _():
    with tempfile.TemporaryFile() as one, tempfile.TemporaryFile() as other:
        one.write(b"x" * 8192)
        one.flush()
        assert os.sendfile(other.fileno(), one.fileno(), 0, 4096) == 4096
        os.copy_file_range(one.fileno(), other.fileno(), 4096, 0, 4096)
        os.posix_fallocate(other.fileno(), 0, 65536)


@group.need("mapping-a-file")
def _():
    with tempfile.TemporaryFile(dir=".") as file:
        file.truncate(8192)
        mapped = mmap.mmap(file.fileno(), 8192)
        mapped[:5] = b"hello"
        mapped.flush()
        assert os.pread(file.fileno(), 5, 0) == b"hello"


@group.need("devices")
def _():
    with open("/dev/null", "wb") as null, open("/dev/zero", "rb") as zero, open("/dev/urandom", "rb") as random:
        null.write(b"x")
        assert zero.read(16) == bytes(16) and len(set(random.read(64))) > 8
    with open("/dev/random", "rb") as random:
        assert len(random.read(16)) == 16
    try:
        with open("/dev/full", "wb", buffering=0) as full:
            full.write(b"x")
    except OSError as problem:
        assert problem.errno == errno.ENOSPC
    else:
        raise AssertionError("/dev/full took something")
    assert len(os.getrandom(16)) == 16


@group.need("streams-by-name")
def _():
    reading, writing = os.pipe()
    os.write(writing, b"x")
    assert os.read(os.open(f"/dev/fd/{reading}", os.O_RDONLY), 1) == b"x"
    assert os.readlink("/dev/stdin") == "/proc/self/fd/0"


@group.need("terminal")
def _():
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, b"\x18\0\x50\0\0\0\0\0")
    os.write(slave, b"hello\n")
    echoed = b""
    while len(echoed) < 7:
        echoed += os.read(master, 64)
    assert echoed == b"hello\r\n", echoed
    assert os.ttyname(slave).startswith("/dev/pts/"), os.ttyname(slave)
    assert os.stat(os.ttyname(slave)).st_uid == os.getuid()


@group.need("controlling-terminal")
def _():
    child, master = pty.fork()
    if child == 0:
        with open("/dev/tty", "w", encoding="ascii") as terminal:
            terminal.write("here\n")
        os._exit(0)
    assert b"here" in os.read(master, 64)
    assert os.waitpid(child, 0)[1] == 0


@group.need("job-control")
def _():
    # A shell's: stop the job in the foreground by a key, take the terminal, hand it back, go on.
    child, master = pty.fork()
    if child == 0:
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        job = os.fork()
        if job == 0:
            os.setpgid(0, 0)
            os.tcsetpgrp(0, os.getpid())
            os.write(1, b"ready")
            signal.pause()
        _, state = os.waitpid(job, os.WUNTRACED)
        good = os.WIFSTOPPED(state) and os.tcgetpgrp(0) == job
        os.tcsetpgrp(0, os.getpid())
        os.kill(job, signal.SIGCONT)
        os.kill(job, signal.SIGTERM)
        _, state = os.waitpid(job, 0)
        os._exit(0 if good and os.WIFSIGNALED(state) else 1)
    seen = b""
    while b"ready" not in seen:
        seen += os.read(master, 64)
    os.write(master, b"\x1a")
    assert os.waitpid(child, 0)[1] == 0


@group.need("certificates")
def _():
    if not facts.get("certificates"):
        raise Skip("the host has none in /etc/ssl")
    context = ssl.create_default_context(cafile=facts.certificates)
    assert context.cert_store_stats()["x509_ca"] > 10, context.cert_store_stats()


@group.need("unix-socket-in-tmp")
def _():
    path = f"/tmp/containment-{uuid.uuid4().hex[:12]}"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    one = socket.socket(socket.AF_UNIX)
    one.connect(path)
    other = listener.accept()[0]
    reading, writing = os.pipe()
    socket.send_fds(one, [b"x"], [writing])
    os.write(socket.recv_fds(other, 1, 1)[1][0], b"y")
    assert os.read(reading, 1) == b"y"
    os.unlink(path)


@group.need("abstract-socket")
def _():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("\0" + uuid.uuid4().hex)
    listener.listen()
    socket.socket(socket.AF_UNIX).connect(listener.getsockname())


@group.need("loopback")
def _():
    listener = socket.create_server(("127.0.0.1", 0))
    one = socket.create_connection(listener.getsockname(), timeout=5)
    other, _ = listener.accept()
    one.sendall(b"hello")
    assert other.recv(5) == b"hello"


@group.need("loopback-6")
def _():
    if not os.path.exists("/proc/self/net/if_inet6"):
        raise Skip("no IPv6 on this host")
    listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    socket.create_connection(listener.getsockname()[:2], timeout=5)


@group.need("datagrams")
def _():
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", 0))
    one.sendto(b"x", one.getsockname())
    assert one.recv(1) == b"x"


@group.need("own-name")
def _():
    assert socket.gethostbyname("localhost") == "127.0.0.1"
    assert socket.gethostbyname(socket.gethostname())


@group.need("interface-list")
def _():
    # getifaddrs, by which node and Go find the machine's addresses.
    assert any(name == "lo" for _, name in socket.if_nameindex())


@group.need("process-files")
def _():
    for name in ("status", "stat", "maps", "cmdline", "environ", "limits", "mountinfo", "cgroup", "smaps_rollup"):
        with open("/proc/self/" + name, "rb") as file:
            assert file.read(1) or name == "environ", name
    for name in ("meminfo", "cpuinfo", "stat", "loadavg", "uptime", "version", "filesystems", "mounts"):
        with open("/proc/" + name, "rb") as file:
            assert file.read(1), name
    for name in ("kernel/osrelease", "kernel/pid_max", "kernel/random/uuid", "vm/overcommit_memory", "fs/file-max",
                 "kernel/ngroups_max", "net/core/somaxconn"):
        with open("/proc/sys/" + name, "rb") as file:
            assert file.read(1), name


@group.need("own-descriptors-listed")
def _():
    assert {"0", "1", "2"} <= set(os.listdir("/proc/self/fd"))
    assert os.readlink("/proc/self/exe")


@group.need("streams-open")
def _():
    for number in range(3):
        mode = os.fstat(number).st_mode
        assert stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode), oct(mode)


@group.need("own-terminal-size")
def _():
    if not os.isatty(1):
        raise Skip("runs without a terminal")
    assert os.get_terminal_size(1).columns > 0
    assert os.path.exists(os.ttyname(1)), os.ttyname(1)


@group.need("many-descriptors")
def _():
    opened = [os.open("/dev/null", os.O_RDONLY) for _ in range(500)]
    assert len(opened) == 500


@group.need("polling")
def _():
    reading, writing = os.pipe()
    poller = select.epoll()
    poller.register(reading, select.EPOLLIN)
    os.write(writing, b"x")
    assert poller.poll(1) and select.select([reading], [], [], 1)[0]


@group.need("watching-files")
def _():
    watcher = kernel.libc.inotify_init1(0)
    assert watcher >= 0 and kernel.libc.inotify_add_watch(watcher, b".", 0x100) >= 0
    with tempfile.NamedTemporaryFile(dir="."):
        assert os.read(watcher, 256)


@group.need("threads")
def _():
    done = []
    threads = [threading.Thread(target=lambda: done.append(1)) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 50
