# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""The daemon that keeps the agents, and this agent's own keeper: their sockets, files and processes."""
import fcntl
import os
import signal
import socket

from . import kernel
from .checks import Group, facts

group = Group("daemon")


def connected(path):
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(3)
    one.connect(path)
    return one


@group.attack("socket")
def _():
    return connected(facts.daemon["socket"]) and "connected"


@group.attack("socket-answers")
def _():
    one = connected(facts.daemon["socket"])
    one.sendall(b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocol_versions":[1],"client":{"name":"x",'
                b'"version":"1"}}}\n')
    return one.recv(4096)


@group.attack("socket-directory")
def _():
    return os.listdir(os.path.dirname(facts.daemon["socket"]))


@group.attack("state-directory")
def _():
    return os.listdir(facts.daemon["state"])


for name in ("supervisord.sqlite", "supervisord.lock"):

    @group.attack(name.replace(".", "-"))
    def _(name=name):
        with open(f"{facts.daemon['state']}/{name}", "rb") as file:
            return file.read(16) or "opened"


@group.attack("database-for-writing")
def _():
    os.close(os.open(facts.daemon["state"] + "/supervisord.sqlite", os.O_RDWR))
    return "opened"


@group.attack("lock-taken")
def _():
    descriptor = os.open(facts.daemon["state"] + "/supervisord.lock", os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return "locked"
    except BlockingIOError:
        return "could be waited for"


@group.attack("state-created")
def _():
    path = f"{facts.daemon['state']}/containment-{os.getpid()}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    os.unlink(path)
    return "created"


@group.attack("own-keeper")
def _():
    return connected(facts.daemon["agent"] + "/shim.sock") and "connected"


@group.attack("own-output-rewritten")
def _():
    for directory, _, names in os.walk(facts.daemon["agent"]):
        for name in names:
            os.close(os.open(f"{directory}/{name}", os.O_RDWR | os.O_NONBLOCK))
            return f"{directory}/{name}"


@group.attack("own-exit-forged")
def _():
    path = facts.daemon["agent"] + "/containment"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    os.unlink(path)
    return "a file can be made beside exit.json"


@group.attack("configuration")
def _():
    return os.listdir(facts.daemon["configuration"])


@group.attack("profiles-rewritten")
def _():
    os.close(os.open(facts.daemon["profiles"] + "/base.yaml", os.O_WRONLY))
    return "opened"


@group.attack("programs-rewritten")
def _():
    for name in ("jail", "jail-profile", "supervisord", "agentctl"):
        os.close(os.open(f"{facts.daemon['programs']}/{name}", os.O_RDONLY))
        return f"{name} is there"


def its_process():
    pid = facts.daemon["pid"]
    with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
        if not file.read().startswith("supervisord"):
            raise ProcessLookupError(3, "another process")
    return pid


@group.attack("process")
def _():
    return its_process() and "seen"


@group.attack("signal")
def _():
    os.kill(its_process(), signal.SIGCONT)
    return "signalled"


@group.attack("trace")
def _():
    return kernel.call("ptrace", 0x4206, its_process(), 0, 0) == 0 and "traced"


@group.attack("environment")
def _():
    with open(f"/proc/{its_process()}/environ", "rb") as file:
        return file.read(64)


@group.attack("keeper-in-sight")
def _():
    # The keeper is the parent of the jail's first process, outside.
    with open("/proc/1/stat", encoding="utf-8") as file:
        parent = int(file.read().split(") ")[1].split()[1])
    return parent != 0 and f"the first process has a parent here: {parent}"


@group.attack("keeper-by-socket-name")
def _():
    with open("/proc/self/net/unix", encoding="utf-8") as file:
        return [line.split()[-1] for line in file if "shim.sock" in line or "control.sock" in line]
