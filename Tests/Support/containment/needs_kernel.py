# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""What runtimes and debuggers ask of the kernel: processes, memory, signals, semaphores, tracing of their own."""
import ctypes
import mmap
import multiprocessing
import os
import resource
import signal
import struct
import time
import uuid

from . import kernel
from .checks import Group, Skip

group = Group("needs")


@group.need("children")
def _():
    children = []
    for _ in range(50):
        child = os.fork()
        if child == 0:
            os._exit(3)
        children.append(child)
    assert all(os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 3 for child in children)


@group.need("spawn")
def _():
    child = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 4"], dict(os.environ))
    assert os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 4


@group.need("process-descriptors")
def _():
    child = os.fork()
    if child == 0:
        signal.pause()
    descriptor = kernel.call("pidfd_open", child, 0)
    kernel.call("pidfd_send_signal", descriptor, signal.SIGTERM, 0, 0)
    assert os.waitid(os.P_PIDFD, descriptor, os.WEXITED).si_status == signal.SIGTERM


@group.need("signals")
def _():
    got = []
    signal.signal(signal.SIGUSR1, lambda number, _: got.append(number))
    child = os.fork()
    if child == 0:
        os.kill(os.getppid(), signal.SIGUSR1)
        os._exit(0)
    os.waitpid(child, 0)
    time.sleep(0.05)
    assert got == [signal.SIGUSR1]


@group.need("signals-to-a-group")
def _():
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        signal.pause()
    for _ in range(200):
        if os.getpgid(child) == child:
            break
        time.sleep(0.01)
    os.killpg(child, signal.SIGTERM)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGTERM


@group.need("timers-and-events")
def _():
    event = kernel.libc.eventfd(1, 0)
    assert event >= 0 and len(os.read(event, 8)) == 8
    timer = kernel.libc.timerfd_create(1, 0)
    value = ctypes.create_string_buffer(struct.pack("4q", 0, 0, 0, 10**6))
    assert timer >= 0 and kernel.libc.timerfd_settime(timer, 0, value, None) == 0
    assert len(os.read(timer, 8)) == 8
    mask = ctypes.create_string_buffer(128)
    assert kernel.libc.signalfd(-1, mask, 0) >= 0


@group.need("semaphores")
def _():
    lock = multiprocessing.Lock()
    with lock:
        pass
    queue = multiprocessing.Queue()
    child = multiprocessing.Process(target=lambda: queue.put(7))
    child.start()
    assert queue.get(timeout=120) == 7
    child.join()


@group.need("process-pool")
def _():
    with multiprocessing.Pool(3) as pool:
        assert pool.map(abs, [-1, -2, -3]) == [1, 2, 3]


@group.need("shared-memory")
def _():
    from multiprocessing import shared_memory

    one = shared_memory.SharedMemory(create=True, size=4096)
    other = shared_memory.SharedMemory(one.name)
    one.buf[:2] = b"ab"
    assert bytes(other.buf[:2]) == b"ab"
    other.close()
    one.close()
    one.unlink()


@group.need("system-v-shared-memory")
def _():
    number = kernel.call("shmget", 0, 4096, 0o1600)
    assert kernel.call("shmctl", number, 0, 0) == 0


@group.need("reserve-address-space")
def _():
    # V8 reserves a terabyte and Go hundreds of gigabytes, of which they touch little.
    reserve = kernel.libc.mmap
    reserve.restype = ctypes.c_void_p
    for size in (64 << 30, 1 << 40):
        got = reserve(None, ctypes.c_size_t(size), 0, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, -1,
                      ctypes.c_long(0))
        assert got != ctypes.c_void_p(-1).value, f"{size} bytes"


@group.need("compiled-code")
def _():
    # As a compiler at run time does it: written first, executed after.
    if kernel.MACHINE != "x86_64":
        code, expected = bytes.fromhex("400580d2c0035fd6"), 42
    else:
        code, expected = b"\xb8\x2a\x00\x00\x00\xc3", 42
    memory = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE)
    memory.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    assert kernel.libc.mprotect(ctypes.c_void_p(address), 4096, mmap.PROT_READ | mmap.PROT_EXEC) == 0
    assert ctypes.CFUNCTYPE(ctypes.c_int)(address)() == expected


@group.need("memory-file")
def _():
    descriptor = os.memfd_create("containment")
    os.write(descriptor, b"x" * 100)
    assert mmap.mmap(descriptor, 100)[:1] == b"x"


@group.need("execute-memory-file")
def _():
    descriptor = os.memfd_create("containment", 0)
    with open("/bin/true", "rb") as program:
        os.write(descriptor, program.read())
    child = os.fork()
    if child == 0:
        os.execve(descriptor, ["true"], {})
    assert os.waitpid(child, 0)[1] == 0


@group.need("memory-advice-and-locks")
def _():
    memory = mmap.mmap(-1, 1 << 20)
    memory.madvise(mmap.MADV_DONTNEED)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    assert kernel.libc.mlock(ctypes.c_void_p(address), 4096) == 0
    resident = ctypes.create_string_buffer(256)
    assert kernel.libc.mincore(ctypes.c_void_p(address), ctypes.c_size_t(4096), resident) == 0


@group.need("memory-keys")
def _():
    # V8 protects what it compiles with them. Hardware without them answers ENOSPC or EINVAL, and a filter EPERM.
    ctypes.set_errno(0)
    key = kernel.libc.pkey_alloc(0, 0)
    assert key >= 0 or ctypes.get_errno() in (22, 28, 38), ctypes.get_errno()


@group.need("trace-own-child")
def _():
    child = os.fork()
    if child == 0:
        kernel.call("ptrace", 0, 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(5)
    _, state = os.waitpid(child, 0)
    assert os.WIFSTOPPED(state)
    kernel.call("ptrace", 7, child, 0, 0)
    assert os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 5


@group.need("read-own-child")
def _():
    secret = ctypes.create_string_buffer(b"inside")
    child = os.fork()
    if child == 0:
        signal.pause()
    with open(f"/proc/{child}/mem", "rb", buffering=0) as memory:
        memory.seek(ctypes.addressof(secret))
        assert memory.read(6) == b"inside"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


@group.need("limits-and-priorities")
def _():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft >= 1024, soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    os.nice(1)
    os.sched_setaffinity(0, os.sched_getaffinity(0))
    os.sched_yield()


@group.need("sessions-and-groups")
def _():
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        if os.fork() == 0:
            os.setsid()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


@group.need("own-filter")
def _():
    # Browsers, and tools that sandbox their own helpers.
    code = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000))

    class Filter(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("program", ctypes.c_void_p)]

    program = Filter(1, ctypes.cast(code, ctypes.c_void_p))
    assert kernel.libc.prctl(38, ctypes.c_ulong(1), *[ctypes.c_ulong(0)] * 3) == 0
    kernel.call("seccomp", 1, 0, kernel.pointer(ctypes.byref(program)))


@group.need("own-landlock")
def _():
    try:
        assert kernel.call("landlock_create_ruleset", 0, 0, 1) > 0
    except OSError as problem:
        if problem.errno in (38, 95):
            raise Skip("this kernel has no Landlock") from None
        raise


@group.need("without-address-randomisation")
def _():
    # gdb starts its programs so.
    assert kernel.libc.personality(ctypes.c_ulong(0x0040000)) >= 0
    assert kernel.libc.personality(ctypes.c_ulong(0xFFFFFFFF)) == 0x0040000


@group.need("name-of-a-process")
def _():
    assert kernel.libc.prctl(15, b"containment", 0, 0, 0) == 0
    with open("/proc/self/comm", encoding="ascii") as file:
        assert file.read() == "containment\n"


@group.need("calls-newer-than-the-jail")
def _():
    # What nobody knows has to look like an older kernel: a C library then uses what it used before.
    try:
        kernel.raw(4000)
    except OSError as problem:
        assert problem.errno == 38, problem


@group.need("extended-attributes")
def _():
    path = f"containment-{uuid.uuid4().hex[:12]}"
    with open(path, "w", encoding="ascii"):
        pass
    try:
        os.setxattr(path, "user.containment", b"x")
    except OSError as problem:
        if problem.errno == 95:
            raise Skip("the workspace's file system has none") from None
        raise
    finally:
        os.unlink(path)
