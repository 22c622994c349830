# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""A daemon and what checks need around it: connections, agents, names that nobody else has."""
import contextlib
import itertools
import os
import threading

from supervisor.daemon import Daemon
from supervisor.scratch import Scratch

from .wire import Wire

PROFILES = {
    # What `shell` has, with a ring that is soon full.
    "small.yaml": "extends: shell\ndescription: A small ring\noutput: {ring: 1M}\n",
    "broken.yaml": "extends: shell\ndescription: Not as it should be\nfilesystems: {}\n",
    "apart.yaml": "extends: review\ndescription: An overlay\n",
}
# On pipes a command has no input of its own.
LAUNCHER = "description: A command with a pipe for its input\nprofile: shell\narguments: [\"${arguments}\"]\ninput: true\n"


class Stage:
    numbers = itertools.count(1)
    lock = threading.Lock()

    def __init__(self, scratch, daemon):
        self.scratch, self.daemon = scratch, daemon

    @classmethod
    @contextlib.contextmanager
    def own(cls, config="", ring=64 << 20):
        with Scratch("conformance", ring=ring) as scratch:
            for directory in ("profiles", "launchers"):
                os.mkdir(f"{scratch.path}/{directory}")
            for file, text in PROFILES.items():
                scratch.write(f"profiles/{file}", text)
            scratch.write("launchers/piped.yaml", LAUNCHER)
            with open(f"{scratch.path}/config.yaml", "a", encoding="utf-8") as file:
                file.write(f"profiles: [{scratch.path}/profiles]\nlaunchers: [{scratch.path}/launchers]\n{config}")
            stage = cls(scratch, Daemon(scratch))
            try:
                stage.daemon.wait_until_it_answers()
                yield stage
            finally:
                stage.daemon.end()
                # The kernel leaves directories of overlays that not even their owner may look into.
                for path, directories, _ in os.walk(scratch.state):
                    for directory in directories:
                        if not os.path.islink(f"{path}/{directory}"):
                            os.chmod(f"{path}/{directory}", 0o700)

    def next_daemon(self):
        """Another one on the same state, once the last has ended."""
        self.daemon = Daemon(self.scratch)
        self.daemon.wait_until_it_answers()

    def wire(self, seconds=60):
        return Wire(self.scratch.socket, seconds)

    def name(self, word="agent"):
        with Stage.lock:
            return f"{word}-{next(Stage.numbers)}"

    def directory(self):
        """A workspace that nobody else has."""
        path = f"{self.scratch.workspace}/{self.name('workspace')}"
        os.mkdir(path)
        return path

    def ask_start(self, wire, script, piped=False, **more):
        """Sends the request for an agent that runs a script for sh, without a terminal, with an input of its own
        only if `piped`, in a workspace of its own; returns the request's id."""
        command = ["/bin/sh", "-c", script]
        what = {"launcher": "piped", "arguments": command} if piped else {"command": command}
        request = {"name": self.name(), "profile": "shell", "tty": False, **what, **more}
        if "workspace" not in request:
            request["workspace"] = self.directory()
        return wire.ask("agent/start", **{key: value for key, value in request.items() if value is not None})

    def start(self, wire, script="exec sleep 600", **more):
        return wire.answer(self.ask_start(wire, script, **more))

    def ended(self, wire, script="exit 0", **more):
        """An agent that has run to its end."""
        return wire.call("agent/wait", agent=self.start(wire, script, **more)["id"])
