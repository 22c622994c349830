# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Terminals for `agentctl attach`: tmux each, of one pane, in which one attaches, detaches and attaches again."""
import os
import shlex
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "Support", "terminal"))

from terminal import Terminal, Wrong, eventually, require  # noqa: E402

from screen import Redrawing, Tmux  # noqa: E402
from shown import differences  # noqa: E402
from supervisor import processes  # noqa: E402
from supervisor.daemon import Daemon  # noqa: E402


class Stage:
    """A daemon, which may be killed, and its agents."""

    def __init__(self, scratch, stack):
        self.scratch, self.stack = scratch, stack
        self.begin()

    def begin(self):
        self.daemon = self.stack.enter_context(Daemon(self.scratch)).wait_until_it_answers()
        self.connection = self.daemon.connect()

    def kill(self):
        self.daemon.end()
        self.connection.close()
        self.begin()

    def call(self, method, **params):
        return self.connection.call(method, **params)

    def models(self):
        """The processes that keep a screen."""
        return [pid for pid in processes.children().get(self.daemon.pid, [])
                if processes.words(pid)[:1] == [b"agent-screen"]]


# tmux keeps the place of 1049's cursor apart, and takes it back also where no alternate screen shows (docs/screen.md). The
# recorded programs have begun at the beginning, so everybody's is there.
AT_FIRST = b"\x1b[H\x1b[?1049h\x1b[?1049l"


class Viewer(Tmux):
    """A terminal whose user attaches to one agent as often as `attach` says so. It stays as the last time left it."""

    def __init__(self, scratch, agent, size, *words):
        self.go = f"{scratch.path}/run/go-{Viewer.count}"
        Viewer.count += 1
        os.mkfifo(self.go)
        attach = shlex.join([f"{scratch.programs}/agentctl", "attach", *words, agent])
        first = AT_FIRST.decode().replace("\x1b", "\\033")
        loop = f"printf '{first}'; exec 3<>{self.go}; while read -r word <&3; do {attach}; echo \"[status $?]\"; done"
        super().__init__(*size, command=loop, environment={
            **scratch.environment, "AGENT_SUPERVISOR_SOCKET": scratch.socket})
        self.unnamed = self.state()["pane_title"]
        self.begun = 0

    count = 0

    @property
    def attached(self):
        with open(self.heard, "rb") as heard:
            return heard.read().count(b"[status ") < self.begun

    def attach(self):
        self.begun += 1
        with open(self.go, "w", encoding="ascii") as file:
            file.write("go\n")

    def detach(self):
        if self.attached:
            self.keys("C-]", "C-]")
        self.wait_until_detached()

    def wait_until_detached(self):
        eventually(lambda: not self.attached, f"agentctl ends: {self.text()}")

    def text(self):
        return self.tmux("capture-pane", "-p").decode()

    def settle(self):
        """What it is given is what it is given: nobody knows how much that will be."""

    def require_fit(self, when):
        """After detaching it is as a shell wants it."""
        eventually(lambda: "[status 0]" in self.text(), f"{when}, the terminal shows what a shell writes: {self.text()}")
        state = self.state()
        found = {name: state[name] for name, value in Terminal.MODES.items() if state[name] != value}
        require(not found, f"{when}, the terminal has these modes: {found}")


class Same:
    """That terminals come to show the same, whatever the program has named and drawn."""

    def __init__(self, title, program, look):
        """`program` is agent-screen, and `look` asks what `agent/screen` answers."""
        # Of terminals that nobody has named.
        self.unnamed = title
        self.program, self.look = program, look
        self.redrawing = None
        # Differences that are none, as `differences` takes them.
        self.besides = []
        self.count = self.texts = 0

    def resized(self, size):
        if self.redrawing:
            self.redrawing.close()
        self.redrawing = Redrawing(self.program, size)

    def output(self, data):
        """What the program writes."""
        if self.redrawing:
            self.redrawing.output(data)

    def wait(self, witness, newcomer, when):
        """`witness` was there from the start."""
        found, is_compared = [], False

        def same():
            nonlocal found, is_compared
            expected, shown = witness.state(), newcomer.state()
            # docs/screen.md: a title that no program has given is the viewer's, and after a resize the main screen's text
            # is not wrapped anew.
            if expected["pane_title"] == self.unnamed:
                shown["pane_title"] = expected["pane_title"]
            is_drawn = not self.redrawing or self.redrawing.has_ended(self.look())
            is_compared = is_drawn or expected["alternate_on"] == "1"
            found = list(differences(expected, shown, self.besides if is_compared else ["lines"]))
            return not found

        try:
            eventually(same, "the same")
        except Wrong:
            raise Wrong("\n  ".join([f"{when}, what they show is not the same:", *found[:12]])) from None
        self.count += 1
        self.texts += is_compared


__all__ = ["AT_FIRST", "Same", "Stage", "Tmux", "Viewer", "Wrong", "eventually", "require"]
