# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Another agent of the same owner, in a jail of its own, at the same time."""
import os
import signal
import socket

from . import kernel
from .checks import Group, facts

group = Group("other-agents")


def its_process():
    """Its main process by the host's number, if that is what is seen under it here."""
    pid = facts.other_agent["pid"]
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        if facts.other_agent["words"].encode() not in file.read():
            raise ProcessLookupError(3, "another process")
    return pid


@group.attack("process")
def _():
    return its_process() and "seen"


@group.attack("processes-by-their-words")
def _():
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    words = file.read()
            except OSError:
                continue
            if facts.other_agent["words"].encode() in words:
                return f"{name} is it"


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


@group.attack("root")
def _():
    return os.listdir(f"/proc/{its_process()}/root")


@group.attack("workspace")
def _():
    with open(facts.other_agent["workspace"] + "/secret", encoding="utf-8") as file:
        return file.read()


@group.attack("workspace-listed")
def _():
    return os.listdir(facts.other_agent["workspace"])


@group.attack("workspace-write")
def _():
    os.close(os.open(facts.other_agent["workspace"] + "/secret", os.O_WRONLY))
    return "opened"


@group.attack("state-directory")
def _():
    return os.listdir(facts.other_agent["directory"])


@group.attack("keeper")
def _():
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(2)
    one.connect(facts.other_agent["directory"] + "/shim.sock")
    return "connected to its shim"


@group.attack("output")
def _():
    for directory, _, names in os.walk(facts.other_agent["directory"] + "/output"):
        for name in names:
            with open(f"{directory}/{name}", "rb") as file:
                return file.read(16)


@group.attack("shared-memory")
def _():
    return "other-agent" in os.listdir("/dev/shm")


@group.attack("temporary-files")
def _():
    return "other-agent" in os.listdir("/tmp")


@group.attack("home")
def _():
    return "other-agent" in os.listdir(os.environ["HOME"])


@group.attack("abstract-socket")
def _():
    one = socket.socket(socket.AF_UNIX)
    one.connect("\0" + facts.other_agent["abstract_name"])
    return "connected"


@group.attack("loopback")
def _():
    one = socket.socket()
    one.settimeout(2)
    one.connect(("127.0.0.1", facts.other_agent["port"]))
    return "connected"


@group.attack("message-queue")
def _():
    return kernel.call("mq_open", kernel.text("other-agent-" + str(os.getuid())), os.O_RDONLY, 0, 0) >= 0 and "opened"
