# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""A directory for one daemon and all that belongs to it, and the end of everything that was started there."""
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import threading
import time

from . import processes

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PROGRAMS = os.environ.get("AGENT_SUPERVISOR_BIN", os.path.join(ROOT, ".build", "release"))


class Scratch:
    """Where a daemon lives, with a home and directories of its own for everything that it would otherwise find at its
    user's. To be used in a `with`; it stays where it is when that ends with an exception, so that one can look."""

    def __init__(self, name, programs=PROGRAMS, ring=64 << 20, below="/var/tmp"):
        self.programs = os.path.abspath(programs)
        if not os.access(f"{self.programs}/supervisord", os.X_OK):
            raise SystemExit(f"{self.programs}/supervisord is missing; make build, or name another directory in "
                             "AGENT_SUPERVISOR_BIN")
        self.path = tempfile.mkdtemp(prefix=f"agent-supervisor-{name}-", dir=below)
        # A shim is told the size of its ring, and whoever may see its command line can: this makes ours known by it,
        # also where nothing else of them can be looked at.
        self.ring = ring + random.SystemRandom().randrange(1 << 19)
        self.home, self.state, self.workspace = f"{self.path}/home", f"{self.path}/state", f"{self.path}/work"
        self.socket, self.log = f"{self.path}/run/control.sock", f"{self.path}/daemon.log"
        for directory in (self.home, f"{self.path}/run", self.workspace):
            os.mkdir(directory, 0o700)
        # Of what runs in the jails, and of nothing else: whoever looks at our files has their path on a command line.
        self.mark = f"mark{random.SystemRandom().randrange(1 << 64):016x}"
        self.write("config.yaml", f"output: {{ring: {self.ring}}}\n")

    @property
    def agents(self):
        return f"{self.state}/agents"

    @property
    def database(self):
        return f"{self.state}/supervisord.sqlite"

    def write(self, name, text):
        path = f"{self.path}/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    @property
    def environment(self):
        return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self.home, "XDG_RUNTIME_DIR": f"{self.path}/run",
                "XDG_STATE_HOME": f"{self.path}/xdg-state", "XDG_CONFIG_HOME": f"{self.path}/xdg-config",
                "XDG_DATA_HOME": f"{self.path}/xdg-data", "XDG_CACHE_HOME": f"{self.path}/xdg-cache"}

    def jails(self):
        """All that is left of shims and jails' first processes of this daemon's, and what may look like it: children
        between their birth and their program."""
        ring = str(self.ring).encode()
        ours = {pid for pid in processes.everyone() if ring in processes.words(pid)[1:]}
        return sorted(ours.union(processes.hold(self.path, "jail")))

    def leftovers(self):
        """All processes that were started here, but for the daemon itself."""
        return sorted(set(self.jails()).union(processes.carry(self.mark)))

    def cgroup(self, agent):
        """The path of an agent's cgroup, whether it is there or not; nothing where the daemon makes none."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            found = re.findall(r"agents get cgroups below (\S+)", file.read())
        return f"{found[-1]}/agent-{agent}" if found else None

    def __enter__(self):
        # Whoever ends the test ends all of it. Only the first thread may say so.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda number, _: sys.exit(128 + number))
        return self

    def __exit__(self, kind, *_):
        left = self.end_everything()
        if kind is not None:
            print(f"what was there is kept in {self.path}")
        elif left:
            raise RuntimeError(f"processes {left} cannot be ended; what was there is kept in {self.path}")
        else:
            shutil.rmtree(self.path)

    def end_everything(self):
        """Ends what is left of agents, by pid, and their cgroups; returns what cannot be ended."""
        for _ in range(200):
            left = self.leftovers()
            if not left:
                self._remove_cgroups()
                return []
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            time.sleep(0.1)
        return left

    def _remove_cgroups(self):
        """Those that no daemon will remove any more."""
        if not os.path.isdir(self.agents):
            return
        agents = os.listdir(self.agents)
        below = os.path.dirname(self.cgroup("") or "") if agents else ""
        for agent in agents if below else []:
            try:
                os.rmdir(f"{below}/agent-{agent}")
            except OSError:
                pass
