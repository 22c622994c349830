# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""What /proc says of processes. One that has ended meanwhile says nothing: None."""
import os

TICKS = os.sysconf("SC_CLK_TCK")


def read(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return None


def everyone():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def words(pid):
    """The command line. Empty for one that is a zombie."""
    text = read(pid, "cmdline")
    return [] if not text else text.rstrip(b"\0").split(b"\0")


def parent(pid):
    text = read(pid, "stat")
    return None if text is None else int(text.rsplit(b") ", 1)[1].split()[1])


def children():
    """The processes that each process has started and that live."""
    found = {}
    for pid in everyone():
        found.setdefault(parent(pid), []).append(pid)
    return found


def has_ended(pid):
    """Also of one that nobody has waited for yet."""
    text = read(pid, "stat")
    return text is None or text.rsplit(b") ", 1)[1][:1] in b"ZX"


def processor_time(pid):
    """Seconds, in user and kernel mode together."""
    text = read(pid, "stat")
    if text is None:
        return None
    fields = text.rsplit(b") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid):
    """Bytes."""
    text = read(pid, "statm")
    return None if text is None else int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return None


def waits(pid):
    """How often each of its threads has gone to sleep by itself, which is how often it was woken."""
    found = {}
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for thread in threads:
        for line in (read(pid, f"task/{thread}/status") or b"").splitlines():
            if line.startswith(b"voluntary_ctxt_switches:"):
                found[thread] = int(line.split()[1])
    return found


def memory(pid):
    """Bytes: `rss`, `pss` (what is shared divided among those that share it), `uss` (what nobody shares)."""
    text = read(pid, "smaps_rollup")
    if not text:
        return None
    figures = {}
    for line in text.splitlines()[1:]:
        name, value = line.split(b":")
        figures[name] = int(value.split()[0]) * 1024
    return {"rss": figures[b"Rss"], "pss": figures[b"Pss"],
            "uss": figures[b"Private_Clean"] + figures[b"Private_Dirty"]}


def carry(mark):
    """The processes with this text in their command line or, where that may be read, their environment."""
    mark = mark.encode()
    return [pid for pid in everyone()
            if pid != os.getpid() and not has_ended(pid)
            and (any(mark in word for word in words(pid)) or mark in (read(pid, "environ") or b""))]


def hold(directory, program):
    """The processes that execute this program and have a file or their directory below this one, as far as that can be
    seen."""
    found = []
    for pid in everyone():
        if not any(os.path.basename(word) == program.encode() for word in words(pid)[:1]):
            continue
        try:
            links = [f"/proc/{pid}/cwd", *(f"/proc/{pid}/fd/{name}" for name in os.listdir(f"/proc/{pid}/fd"))]
            if any(os.readlink(link).startswith(directory + "/") for link in links):
                found.append(pid)
        except OSError:
            pass
    return found
