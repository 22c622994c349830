# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""System calls by number, for those that the C library has no function for, and those that must not be softened by it."""
import ctypes
import errno
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()

# x86-64, then the numbers that aarch64 shares with every newer architecture; None where it has no such call.
_NUMBERS = {
    "acct": (163, 89), "add_key": (248, 217), "adjtimex": (159, 171), "bpf": (321, 280), "chroot": (161, 51),
    "clock_adjtime": (305, 266), "clock_settime": (227, 112), "clone": (56, 220), "clone3": (435, 435),
    "delete_module": (176, 106), "fanotify_init": (300, 262), "finit_module": (313, 273), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fsopen": (430, 430), "fspick": (433, 433), "get_robust_list": (274, 100),
    "getpid": (39, 172), "init_module": (175, 105), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425), "ioctl": (16, 29), "ioperm": (173, None), "iopl": (172, None),
    "ioprio_set": (251, 30), "kcmp": (312, 272), "kexec_file_load": (320, 294), "kexec_load": (246, 104),
    "keyctl": (250, 219), "landlock_create_ruleset": (444, 444), "listmount": (458, 458),
    "lookup_dcookie": (212, 18), "memfd_secret": (447, 447), "migrate_pages": (256, 238), "modify_ldt": (154, None),
    "mount": (165, 40), "mount_setattr": (442, 442), "move_mount": (429, 429), "move_pages": (279, 239),
    "mq_open": (240, 180), "mq_unlink": (241, 181), "msgctl": (71, 187), "msgget": (68, 186), "msgrcv": (70, 188),
    "name_to_handle_at": (303, 264), "nfsservctl": (180, 42), "open_by_handle_at": (304, 265),
    "open_tree": (428, 428), "open_tree_attr": (467, 467), "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438), "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pivot_root": (155, 41),
    "prlimit64": (302, 261), "process_madvise": (440, 440), "process_mrelease": (448, 448),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "ptrace": (101, 117), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "reboot": (169, 142), "request_key": (249, 218), "rt_sigqueueinfo": (129, 138),
    "sched_setattr": (314, 274), "seccomp": (317, 277), "semctl": (66, 191), "semget": (64, 190),
    "semop": (65, 193), "setdomainname": (171, 162), "sethostname": (170, 161), "setns": (308, 268),
    "settimeofday": (164, 170), "shmat": (30, 196), "shmctl": (31, 195), "shmget": (29, 194), "splice": (275, 76),
    "statmount": (457, 457), "swapoff": (168, 225), "swapon": (167, 224), "sysfs": (139, None),
    "syslog": (103, 116), "umount2": (166, 39), "unshare": (272, 97), "userfaultfd": (323, 282),
    "uselib": (134, None), "ustat": (136, None), "vhangup": (153, 58),
}
_COLUMN = {"x86_64": 0, "aarch64": 1}.get(MACHINE)

# An address that nobody can map: a call that gets as far as reading it fails with EFAULT, and does nothing.
NOWHERE = 1

# What a refusal looks like: by the kernel's own rules or by the filter, which also has ENOSYS to say.
REFUSALS = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EROFS)

NEW = {
    "mount": 0x00020000, "cgroup": 0x02000000, "uts": 0x04000000, "ipc": 0x08000000, "user": 0x10000000,
    "pid": 0x20000000, "net": 0x40000000,
}
NEW_TIME = 0x00000080


class Missing(Exception):
    """This architecture has no such call."""


def number(name):
    value = _NUMBERS[name][_COLUMN] if _COLUMN is not None else None
    if value is None:
        raise Missing(f"{MACHINE} has no {name}")
    return value


def raw(value, *arguments):
    """The result of a call by number; OSError when it fails."""
    ctypes.set_errno(0)
    words = [argument if isinstance(argument, ctypes.c_void_p) else ctypes.c_long(argument) for argument in arguments]
    result = libc.syscall(ctypes.c_long(value), *words)
    if result == -1:
        problem = ctypes.get_errno()
        raise OSError(problem, os.strerror(problem))
    return result


def call(name, *arguments):
    return raw(number(name), *arguments)


def pointer(buffer):
    return ctypes.cast(buffer, ctypes.c_void_p)


def text(words):
    """A C string that lives as long as the process: for arguments."""
    buffer = ctypes.create_string_buffer(os.fsencode(words))
    _kept.append(buffer)
    return pointer(buffer)


_kept = []
