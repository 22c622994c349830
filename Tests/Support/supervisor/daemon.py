# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""supervisord as a process, which can be killed and started again on the same state directory."""
import os
import signal
import subprocess
import time

from . import processes
from .client import Connection, Lost, Refused
from .scratch import ROOT


class DaemonEnded(Exception):
    """It ended by itself, and nobody asked it to."""


class Daemon:
    """One run of the daemon in a `Scratch`. To be used in a `with`, which ends it; agents run on."""

    def __init__(self, scratch, before=(), arguments=(), mode=("--user",), handed_over=()):
        """`before` is a command that executes the daemon, as prlimit does; its pid must become the daemon's. That
        command then hands over sockets, if any: it is given their numbers open."""
        self.scratch = scratch
        socket = [] if handed_over else ["--socket", scratch.socket]
        command = [*before, f"{scratch.programs}/supervisord", *mode, "--state-dir", scratch.state, *socket,
                   "--config", f"{scratch.path}/config.yaml", "--profiles",
                   f"{ROOT}/sandbox-profiles", "--launchers", f"{ROOT}/launchers", *arguments]
        with open(scratch.log, "ab") as log:
            self.began = time.monotonic()
            self.process = subprocess.Popen(command, env=scratch.environment, cwd="/", stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, pass_fds=handed_over)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def wait_until_it_answers(self, pause=0.02):
        """Returns itself once it takes connections."""
        while True:
            self.require_life()
            try:
                # While it is busy it answers late, but it answers.
                with Connection(self.scratch.socket, 300) as connection:
                    if connection.call("supervisor/status")["pid"] == self.pid:
                        return self
            except (Lost, Refused):
                pass
            time.sleep(pause)

    def require_life(self):
        if self.process.poll() is not None:
            raise DaemonEnded(f"the daemon ended with {self.process.returncode}: {self.last_words()}")

    @property
    def has_ended(self):
        return self.process.poll() is not None

    def last_words(self, lines=2):
        with open(self.scratch.log, encoding="utf-8", errors="replace") as file:
            return " / ".join(file.read().splitlines()[-lines:])

    def end(self, number=signal.SIGKILL):
        """Ends it, and returns its exit status as subprocess says it. Nothing if it had ended."""
        if self.process.poll() is None:
            os.kill(self.pid, number)
        return self.process.wait()

    def connect(self, seconds=300):
        return Connection(self.scratch.socket, seconds)

    @property
    def age(self):
        return time.monotonic() - self.began

    def resident(self):
        return processes.resident(self.pid)

    def descriptors(self):
        return processes.descriptors(self.pid)
