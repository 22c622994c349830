# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""The environment is built from nothing, and the host's name and number are not in it."""
import os
import socket

from .checks import Group, facts

group = Group("environment")
KNOWN = {
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TERM", "PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE",
    "CREDENTIALS_DIRECTORY", "COLUMNS", "LINES",
}


@group.attack("secret-inherited")
def _():
    return facts.leaked_variable in os.environ and "it is there"


@group.attack("secret-in-own-block")
def _():
    with open("/proc/self/environ", "rb") as file:
        return facts.leaked_variable.encode() in file.read() and "it is there"


@group.attack("more-than-given")
def _():
    return sorted(set(os.environ) - KNOWN - set(facts.get("given_variables", [])))


@group.attack("runtime-directory")
def _():
    return [name for name in ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "DISPLAY",
                              "WAYLAND_DISPLAY", "DOCKER_HOST", "NOTIFY_SOCKET", "LISTEN_FDS", "KUBECONFIG")
            if name in os.environ]


@group.attack("hostname")
def _():
    return socket.gethostname() == facts.hostname and "the host's"


@group.attack("hostname-file")
def _():
    with open("/etc/hostname", encoding="utf-8") as file:
        return file.read().strip() == facts.hostname and "the host's"


@group.attack("hosts-file")
def _():
    with open("/etc/hosts", encoding="utf-8") as file:
        return facts.hostname in file.read().split() and "the host's name is in it"


@group.attack("machine-number")
def _():
    if os.path.exists("/sys/class/dmi/id/product_uuid"):
        return "the machine's own"
    with open("/etc/machine-id", encoding="ascii") as file:
        return file.read().strip() == facts.machine_number and "the host's"


@group.attack("personality")
def _():
    with open("/proc/self/personality", encoding="ascii") as file:
        return int(file.read(), 16) and "inherited"


@group.attack("umask")
def _():
    mask = os.umask(0)
    os.umask(mask)
    return mask == facts.umask and "the starter's"


@group.attack("niceness-of-the-starter")
def _():
    return os.nice(0) < 0 and "before everybody else's"
