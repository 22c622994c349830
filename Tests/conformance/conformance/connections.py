# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Many clients at once, and clients that may not be any."""
import os
import stat
import subprocess

from supervisor.client import Lost

from .agents import text_of
from .checks import check, equal, eventually, require
from .wire import Wire

CLIENTS = 1000
# By the configuration that is there without one.
MOST_OF_ONE_USER = 1024
# What a process does that is not to be served: it prints what it hears.
OUTSIDER = """
import socket, sys
one = socket.socket(socket.AF_UNIX)
one.settimeout(60)
one.connect(sys.argv[1])
try:
    one.sendall(b'{"jsonrpc":"2.0","id":1,"method":"agent/list"}\\n')
except BrokenPipeError:
    pass
while part := one.recv(65536):
    sys.stdout.write(part.decode())
"""


def refusal_of(text):
    """What an outsider was told, held against what it may be told."""
    import json

    from . import messages
    from .wire import ledger
    lines = text.splitlines()
    equal(len(lines), 1, f"how many lines came before the connection was closed ({text[:300]!r})")
    message = json.loads(lines[0])
    require("error" in message and message["id"] is None, f"it was answered: {lines[0][:200]}")
    word = messages.check_error(message["error"])
    ledger.note("refused", word)
    equal(word, "permission_denied", "the error")
    return message["error"]["message"]


@check(config="")
def a_thousand_clients(stage):
    """A thousand clients of one user are served at once; of those over 1024 each is told that there are too many, and how
    many there may be, and let go; and when some have gone, others are served."""
    served = [stage.wire() for _ in range(CLIENTS)]
    for number, wire in [(wire.ask("agent/list"), wire) for wire in served]:
        wire.answer(number)
    asked = [(wire, wire.ask("supervisor/status")) for wire in served]
    counts = {wire.answer(number)["connections"] for wire, number in asked}
    equal(counts, {CLIENTS}, "how many there are by the daemon's word")
    refused = 0
    for _ in range(MOST_OF_ONE_USER + 5 - CLIENTS):
        wire = stage.wire()
        try:
            number = wire.ask("agent/list")
        except Lost:
            # Let go before it had its say; what it was told can still be read.
            number = None
        while not wire.answers and not wire.orphans and wire.receive() is not None:
            pass
        if wire.orphans:
            error = wire.orphan("limit_reached")
            equal(error["data"]["limit"], "connections", "data.limit")
            require(str(MOST_OF_ONE_USER) in error["message"], f"it does not say how many: {error['message']}")
            wire.is_ended()
            wire.socket.close()
            refused += 1
        else:
            wire.answer(number)
            served.append(wire)
    equal((len(served), refused), (MOST_OF_ONE_USER, 5), "how many were served, and refused")
    for wire in served[10:]:
        wire.socket.close()

    def serves():
        with stage.wire() as wire:
            return wire.call("supervisor/status")["connections"] == 11
    eventually(serves, "it serves others once some have gone")
    for wire in served[:10]:
        wire.call("agent/list")
        wire.socket.close()


@check(config="")
def clients_come_and_go(stage):
    """Clients that come and go leave nothing behind in the daemon, whatever they left unfinished."""
    with stage.wire() as wire:
        agent = stage.start(wire)["id"]
        wire.call("agent/get", agent=agent)
        before = eventually(lambda: stage.daemon.descriptors(), "its descriptors can be counted")
        for number in range(600):
            with stage.wire() as one:
                if number % 4 == 1:
                    one.write(b'{"jsonrpc"')
                elif number % 4 == 2:
                    one.ask("agent/wait", agent=agent)
                elif number % 4 == 3:
                    one.ask("agent/attach", agent=agent)
        eventually(lambda: wire.call("supervisor/status")["connections"] == 1, "all connections are gone")
        # Threads' own and the database's readers come once and stay.
        eventually(lambda: stage.daemon.descriptors() <= before + 16, "their descriptors are closed")


@check()
def a_peer_in_a_jail(stage):
    """A process in a jail is refused, whichever way it got at the socket, and told why."""
    workspace = stage.directory()
    os.link(stage.scratch.socket, f"{workspace}/door")
    with stage.wire() as wire:
        agent = stage.ended(wire, "", workspace=workspace,
                            command=["/usr/bin/env", "python3", "-c", OUTSIDER, f"{workspace}/door"])
        said = text_of(wire, agent["id"])
        if agent["exit"]["code"] != 0:
            # Not even connected: that is as good.
            require("Errno 13" in said or "Errno 1]" in said or "refused" in said, f"it ended otherwise: {said[-300:]}")
            return
        require("jail" in refusal_of(said), "it is not told why")


@check()
def the_socket_is_its_owners(stage):
    """A user's socket is nobody else's: by its mode, and by who the kernel says is there where the mode is none."""
    mode = stat.S_IMODE(os.stat(stage.scratch.socket).st_mode)
    equal(oct(mode), oct(0o600), "the socket's mode")
    if os.getuid() != 0:
        return
    import tempfile
    with tempfile.TemporaryDirectory(dir="/var/tmp") as open_to_all:
        os.chmod(open_to_all, 0o755)
        os.link(stage.scratch.socket, f"{open_to_all}/door")
        os.chmod(f"{open_to_all}/door", 0o666)
        try:
            other = subprocess.run(["/usr/bin/env", "python3", "-c", OUTSIDER, f"{open_to_all}/door"], user=47124, group=47124,
                                   extra_groups=[], stdout=subprocess.PIPE, text=True, cwd="/", check=True, env={"PATH": "/usr/local/bin:/usr/bin:/bin"})
        finally:
            os.chmod(f"{open_to_all}/door", 0o600)
    refusal_of(other.stdout)


@check()
def short_lived_clients(stage):
    """A client that has its say and is gone at once is answered if it still can be, and harms nobody."""
    for _ in range(100):
        one = Wire(stage.scratch.socket)
        one.write(one.form("agent/list"))
        one.socket.close()
    with stage.wire() as wire:
        wire.call("agent/list")
