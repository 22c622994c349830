# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""System calls that lead out of a jail, or into parts of the kernel that no agent needs: refused before they begin.

Each is called so that it does nothing if it is let in: with an address where nothing is, with a descriptor that does not
exist, with a command that means nothing.
"""
import ctypes
import errno
import fcntl
import mmap
import os
import pty
import signal
import struct
import termios

from . import kernel
from .checks import Group, Skip, facts, reaches
from .kernel import NOWHERE

group = Group("system-calls")

for name, arguments in {
    "mount": (NOWHERE, NOWHERE, NOWHERE, 0, 0),
    "umount2": (NOWHERE, 0),
    "pivot_root": (NOWHERE, NOWHERE),
    "chroot": (NOWHERE,),
    "open_tree": (-1, NOWHERE, 1),
    "open_tree_attr": (-1, NOWHERE, 1, 0, 0),
    "move_mount": (-1, NOWHERE, -1, NOWHERE, 0),
    "fsopen": (NOWHERE, 0),
    "fsconfig": (-1, 99, 0, 0, 0),
    "fsmount": (-1, 0, 0),
    "fspick": (-1, NOWHERE, 0),
    "mount_setattr": (-1, NOWHERE, 0, 0, 0),
    "statmount": (NOWHERE, 0, 0, 0),
    "listmount": (NOWHERE, 0, 0, 0),
    "setns": (-1, 0),
    "bpf": (99, 0, 0),
    "perf_event_open": (NOWHERE, 0, -1, -1, 0),
    "userfaultfd": (0x7FFF0000,),
    "io_uring_setup": (1, NOWHERE),
    "io_uring_enter": (-1, 0, 0, 0, 0, 0),
    "io_uring_register": (-1, 0, 0, 0),
    "add_key": (NOWHERE, 0, 0, 0, 0),
    "request_key": (NOWHERE, 0, 0, 0),
    "keyctl": (9999, 0, 0, 0, 0),
    "open_by_handle_at": (-1, NOWHERE, 0),
    "init_module": (0, 0, NOWHERE),
    "finit_module": (-1, NOWHERE, 0),
    "delete_module": (NOWHERE, 0),
    "kexec_load": (0, 9999, 0, 0),
    "kexec_file_load": (-1, -1, 0, 0, 0x7FFF0000),
    "reboot": (0, 0, 0, 0),
    "swapon": (NOWHERE, 0),
    "swapoff": (NOWHERE,),
    "acct": (NOWHERE,),
    "settimeofday": (NOWHERE, 0),
    "clock_settime": (0, NOWHERE),
    "adjtimex": (NOWHERE,),
    "clock_adjtime": (0, NOWHERE),
    "sethostname": (NOWHERE, -1),
    "setdomainname": (NOWHERE, -1),
    "iopl": (9,),
    "ioperm": (0xFFFFF, 1, 1),
    "syslog": (10, 0, 0),
    "quotactl": (0x7FFF0000, NOWHERE, 0, 0),
    "quotactl_fd": (-1, 0, 0, 0),
    "nfsservctl": (0, 0, 0),
    "lookup_dcookie": (0, NOWHERE, 0),
    "modify_ldt": (99, 0, 0),
    "uselib": (NOWHERE,),
    "ustat": (0, NOWHERE),
    "sysfs": (99, 0, 0),
    "fanotify_init": (0x7FFF0000, 0),
    "memfd_secret": (0x7FFF0000,),
}.items():
    group.refused(name.replace("_", "-"), name, *arguments)


@group.attack("vhangup")
def _():
    # This process has no terminal, so nothing is hung up.
    return reaches(lambda: kernel.call("vhangup"))


for name, flag in list(kernel.NEW.items()) + [("time", kernel.NEW_TIME)]:
    group.refused(f"unshare-{name}", "unshare", flag)

for name, flag in kernel.NEW.items():

    @group.attack(f"clone-{name}")
    def _(flag=flag):
        child = kernel.call("clone", flag | signal.SIGCHLD, 0, 0, 0, 0)
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        return "cloned"


@group.attack("clone-user-and-mount")
def _():
    child = kernel.call("clone", kernel.NEW["user"] | kernel.NEW["mount"] | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return "cloned"


@group.attack("clone3")
def _():
    # Its flags are in memory, where no filter can look: ENOSYS, or the answer came from the call itself.
    try:
        kernel.call("clone3", NOWHERE, 64)
    except OSError as problem:
        return problem.errno != errno.ENOSYS and errno.errorcode[problem.errno]


@group.attack("unshare-nothing")
def _():
    return reaches(lambda: kernel.call("unshare", 0))


for name in ("mnt", "pid", "ipc", "uts", "user", "cgroup", "net"):

    @group.attack(f"enter-namespace-{name}")
    def _(name=name):
        entered = []
        for pid in [pid for pid in os.listdir("/proc") if pid.isdigit()][:30]:
            try:
                descriptor = os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY)
            except OSError:
                continue
            try:
                kernel.call("setns", descriptor, 0)
                entered.append(pid)
                break
            except OSError as problem:
                if problem.errno not in kernel.REFUSALS:
                    entered.append(errno.errorcode[problem.errno])
            finally:
                os.close(descriptor)
        return entered


@group.attack("enter-namespaces-by-process")
def _():
    descriptor = kernel.call("pidfd_open", os.getppid(), 0)
    return reaches(lambda: kernel.call("setns", descriptor, kernel.NEW["mount"]))


@group.attack("bypass-by-high-bits")
def _():
    # The kernel looks at 32 bits of unshare's flags, and so must whoever filters them.
    return reaches(lambda: kernel.call("unshare", kernel.NEW["user"] | 1 << 40))


@group.attack("bypass-by-high-bits-of-clone")
def _():
    child = kernel.call("clone", 1 << 40 | kernel.NEW["user"] | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return "cloned"


def machine_code(code):
    memory = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS,
                       mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return ctypes.CFUNCTYPE(ctypes.c_long)(address), memory


def x86_only():
    if kernel.MACHINE != "x86_64":
        raise Skip("an entry of x86-64's only")


@group.attack("entry-of-32-bits")
def _():
    x86_only()
    # getpid by int 0x80: a filter that looks at numbers without the architecture reads it as another call.
    function, _ = machine_code(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    return function() == os.getpid() and "entered"


@group.attack("entry-of-32-bits-mount")
def _():
    x86_only()
    # umount2 with an address where nothing is.
    function, _ = machine_code(b"\xbb\x01\x00\x00\x00\xb9\x00\x00\x00\x00\xb8\x34\x00\x00\x00\xcd\x80\xc3")
    result = ctypes.c_int(function()).value
    return result not in (-errno.ENOSYS, -errno.EPERM) and f"returned {result}"


@group.attack("entry-of-x32")
def _():
    x86_only()
    return kernel.raw(0x40000000 + kernel.number("getpid")) == os.getpid() and "entered"


@group.attack("unknown-call")
def _():
    try:
        kernel.raw(4095)
    except OSError as problem:
        return problem.errno != errno.ENOSYS and errno.errorcode[problem.errno]


# struct user_regs_struct: the number is in orig_rax, the arguments in rdi and on.
ORIG_RAX, RAX, RDI = 15, 10, 14


@group.attack("tracer-changes-call")
def _():
    # Before Linux 4.8 a call was filtered before its tracer could make another of it.
    x86_only()
    ptrace = kernel.libc.ptrace
    ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    child = os.fork()
    if child == 0:
        ptrace(0, 0, None, None)
        os.kill(os.getpid(), signal.SIGSTOP)
        # It becomes unshare(0): let in, it does nothing and returns 0.
        os._exit(0 if kernel.libc.syscall(ctypes.c_long(kernel.number("getpid"))) == 0 else 1)
    os.waitpid(child, 0)
    registers = (ctypes.c_ulonglong * 27)()
    while True:
        ptrace(24, child, None, None)
        _, state = os.waitpid(child, 0)
        if os.WIFEXITED(state):
            return os.WEXITSTATUS(state) == 0 and "the filter did not see the change"
        ptrace(12, child, None, ctypes.cast(registers, ctypes.c_void_p))
        if registers[ORIG_RAX] == kernel.number("getpid") and ctypes.c_longlong(registers[RAX]).value == -errno.ENOSYS:
            registers[ORIG_RAX], registers[RDI] = kernel.number("unshare"), 0
            ptrace(13, child, None, ctypes.cast(registers, ctypes.c_void_p))


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("program", ctypes.c_void_p)]


def filter_program(*instructions):
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in instructions))
    program = Filter(len(instructions), ctypes.cast(code, ctypes.c_void_p))
    return program, code


def answered(number, action):
    """A filter of our own for one call."""
    return filter_program((0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, action), (0x06, 0, 0, 0x7FFF0000))


@group.attack("own-filter-allows")
def _():
    # The kernel takes the strictest answer of all filters, so one that allows changes nothing.
    program, _ = answered(kernel.number("unshare"), 0x7FFF0000)
    kernel.call("seccomp", 1, 0, kernel.pointer(ctypes.byref(program)))
    return reaches(lambda: kernel.call("unshare", 0))


def with_listener(number, *arguments):
    """Has a call answered by a listener of our own, which says: go on (seccomp_unotify(2))."""
    program, _ = answered(number, 0x7FC00000)
    listener = kernel.call("seccomp", 1, 8, kernel.pointer(ctypes.byref(program)))
    child = os.fork()
    if child == 0:
        try:
            kernel.raw(number, *arguments)
            os._exit(1)
        except OSError as problem:
            os._exit(0 if problem.errno in kernel.REFUSALS else 1)
    answerer = os.fork()
    if answerer == 0:
        notification = bytearray(80)
        fcntl.ioctl(listener, 0xC0502100, notification)
        identity = struct.unpack_from("Q", notification)[0]
        fcntl.ioctl(listener, 0xC0182101, bytearray(struct.pack("QqiI", identity, 0, 0, 1)))
        os._exit(0)
    state = os.waitpid(child, 0)[1]
    os.kill(answerer, signal.SIGKILL)
    os.waitpid(answerer, 0)
    return state != 0 and "a call that the jail refuses was let go on"


@group.attack("own-listener-goes-on")
def _():
    # A filter with a listener outranks an earlier one with a listener, but no refusal: only one may exist at a time.
    return with_listener(kernel.number("unshare"), 0)


@group.attack("own-listener-lets-mount")
def _():
    return with_listener(kernel.number("umount2"), NOWHERE, 0)


@group.attack("tracer-answers-for-filter")
def _():
    # SECCOMP_RET_TRACE is weaker than a refusal.
    program, _ = answered(kernel.number("unshare"), 0x7FF00000)
    kernel.call("seccomp", 1, 0, kernel.pointer(ctypes.byref(program)))
    return reaches(lambda: kernel.call("unshare", 0))


def on_own_terminal(attempt):
    """On a terminal of its own that controls this session."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    attributes = termios.tcgetattr(slave)
    attributes[3] &= ~termios.ECHO
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
    return attempt(master, slave)


def ioctl(descriptor, command, argument):
    return kernel.call("ioctl", descriptor, command, argument)


# CVE-2017-5226: typing into the terminal of whoever started the jail; CVE-2019-10063: the same with bits that the
# kernel does not look at; CVE-2023-28100: TIOCLINUX, which pastes.
for name, command in {
    "type-into-terminal": 0x5412, "paste-into-terminal": 0x541C, "type-with-high-bits": 0x5412 | 1 << 32,
    "paste-with-high-bits": 0x541C | 1 << 32, "type-with-the-highest-bit": 0x5412 | 1 << 63,
}.items():

    @group.attack(name)
    def _(command=command):
        command = ctypes.c_long(command).value
        return on_own_terminal(lambda master, slave: reaches(lambda: ioctl(slave, command, kernel.text("#"))))


@group.attack("steal-terminal")
def _():
    # TIOCSCTTY with 1 takes a terminal from the session that has it; needs a capability.
    master, slave = pty.openpty()
    ready, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        os.write(go, b"x")
        signal.pause()
    os.read(ready, 1)
    try:
        fcntl.ioctl(slave, termios.TIOCSCTTY, 1)
        return "stolen"
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@group.attack("console-output")
def _():
    # TIOCCONS: what is written to the machine's console comes here. Refused for want of a capability; given back.
    master, slave = pty.openpty()
    try:
        fcntl.ioctl(slave, 0x541D)
        return "redirected"
    finally:
        if os.getuid() == 0 and not facts.get("jailed"):
            console = os.open("/dev/tty0", os.O_WRONLY | os.O_NOCTTY)
            fcntl.ioctl(console, 0x541D)


@group.attack("freeze-filesystem")
def _():
    # FITRIM with nothing to trim: asks for the same right as FIFREEZE, which would do harm where it works.
    descriptor = os.open(".", os.O_RDONLY)
    got = reaches(lambda: fcntl.ioctl(descriptor, 0xC0185879, bytearray(struct.pack("QQQ", 0, 0, 1 << 40))))
    # An overlay has no such call.
    return "ENOTTY" not in got and got


@group.attack("immutable-file")
def _():
    path = f"containment-{os.getpid()}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        fcntl.ioctl(descriptor, 0x40086602, ctypes.c_long(0x10))
        fcntl.ioctl(descriptor, 0x40086602, ctypes.c_long(0))
        return "set"
    finally:
        os.unlink(path)
