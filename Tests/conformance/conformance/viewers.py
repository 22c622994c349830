# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Several clients at one terminal: who writes, and which size it has."""
import os

from .agents import text_of
from .checks import check, equal, eventually, require



def is_me(writer, what):
    equal((writer["uid"], writer["pid"]), (os.getuid(), os.getpid()), what)


def echoing(stage, wire, **more):
    return stage.start(wire, "stty -echo; echo begun; exec cat", tty=True, **more)["id"]


def next_of(wire, method):
    """The params of the next notification of this kind."""
    while (note := wire.note())["method"] != method:
        pass
    return note["params"]


@check()
def one_writes(stage):
    """While a client is attached with write, others' input and writing are refused with who writes in data.writer; they
    watch, and the one's own connection writes. Once it leaves, in whatever way, others can."""
    with stage.wire() as one, stage.wire() as two:
        agent = echoing(stage, one)
        two.call("agent/input", agent=agent, data="0\n")
        writes = one.call("agent/attach", agent=agent, write=True)["subscription"]
        watches = two.call("agent/attach", agent=agent)["subscription"]
        for method, more in (("agent/input", {"data": "x"}), ("agent/attach", {"write": True})):
            error = two.refused("invalid_state", method, agent=agent, **more)
            is_me(error["data"]["writer"], "data.writer")
            equal(error["data"]["state"], "running", "data.state")
        one.call("agent/input", agent=agent, data="mine\n")
        eventually(lambda: "mine" in text_of(two, agent), "the writer's input arrives")
        # Who watches leaves, and nothing changes.
        two.call("agent/detach", subscription=watches)
        two.refused("invalid_state", "agent/input", agent=agent, data="x")
        one.call("agent/detach", subscription=writes)
        two.call("agent/input", agent=agent, data="yours\n")
        with stage.wire() as gone:
            gone.call("agent/attach", agent=agent, write=True)
            two.refused("invalid_state", "agent/input", agent=agent, data="x")
        # The end of its connection is heard in its time.
        eventually(lambda: "result" in two.message(two.ask("agent/input", agent=agent, data="again\n")),
                   "a writer's connection that is closed makes room for another")
        two.call("agent/kill", agent=agent)


@check()
def taken_over(stage):
    """Who takes over the writing writes; the one before is told by whom with agent/writer, once, and goes on watching.
    Input with takeOver takes it too, and leaves it to anybody."""
    with stage.wire() as one, stage.wire() as two, stage.wire() as three:
        agent = echoing(stage, one)
        first = one.call("agent/attach", agent=agent, since="now", write=True, takeOver=True)["subscription"]
        second = two.call("agent/attach", agent=agent, since="now", write=True, takeOver=True)["subscription"]
        told = next_of(one, "agent/writer")
        equal((told["subscription"], told["agent"]), (first, agent), "what it is told of")
        is_me(told["writer"], "who took it over")
        is_me(one.refused("invalid_state", "agent/input", agent=agent, data="x")["data"]["writer"], "data.writer")
        two.call("agent/input", agent=agent, data="after\n")
        while "after" not in next_of(one, "agent/output").get("data", ""):
            pass
        three.refused("invalid_state", "agent/input", agent=agent, data="x")
        three.call("agent/input", agent=agent, data="three\n", takeOver=True)
        equal(next_of(two, "agent/writer")["subscription"], second, "who is told")
        one.call("agent/input", agent=agent, data="anybody\n")
        eventually(lambda: all(word in text_of(one, agent) for word in ("after", "three", "anybody")), "all of it arrives")
        one.call("agent/kill", agent=agent)
        for wire in (one, two):
            while (note := wire.note())["method"] != "subscription/ended":
                equal(note["method"], "agent/output", "what comes besides")


class Shown:
    """An agent that tells the size of its terminal over and over, in a file."""

    def __init__(self, stage, wire, **more):
        self.wire, self.workspace = wire, stage.directory()
        self.agent = stage.start(wire, "while :; do stty size > next; mv next size; sleep 0.02; done", tty=True,
                                 workspace=self.workspace, size={"columns": 80, "rows": 24}, **more)["id"]
        self.becomes(80, 24)

    def now(self):
        try:
            with open(f"{self.workspace}/size", encoding="ascii") as file:
                return file.read().strip()
        except FileNotFoundError:
            return ""

    def becomes(self, columns, rows):
        eventually(lambda: self.now() == f"{rows} {columns}", f"its terminal has {columns} columns and {rows} rows, not "
                                                              f"{self.now()!r}", 20)
        eventually(lambda: self.wire.call("agent/screen", agent=self.agent)["size"] == {"columns": columns, "rows": rows},
                   f"its screen has {columns} columns and {rows} rows", 20)

    def stays(self, columns, rows):
        import time
        time.sleep(0.15)
        self.becomes(columns, rows)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.call("agent/kill", agent=self.agent)


def size(columns, rows):
    return {"size": {"columns": columns, "rows": rows}}


@check()
def the_writers_size(stage):
    """Under `writer`, which is the policy where none is given, the terminal has the size of the viewer who writes, and of
    no other; it stays when that leaves."""
    with stage.wire() as one, stage.wire() as two:
        for more in ({}, {"sizePolicy": "writer"}):
            with Shown(stage, one, **more) as shown:
                watches = one.call("agent/attach", agent=shown.agent, since="now", **size(100, 30))["subscription"]
                shown.stays(80, 24)
                writes = two.call("agent/attach", agent=shown.agent, since="now", write=True,
                                  **size(120, 40))["subscription"]
                shown.becomes(120, 40)
                equal(one.call("agent/viewport", subscription=watches, **size(90, 20)), {}, "the answer")
                shown.stays(120, 40)
                two.call("agent/viewport", subscription=writes, **size(110, 35))
                shown.becomes(110, 35)
                two.call("agent/detach", subscription=writes)
                shown.stays(110, 35)
                one.call("agent/attach", agent=shown.agent, since="now", write=True, **size(77, 22))
                shown.becomes(77, 22)
                two.call("agent/attach", agent=shown.agent, since="now", write=True, takeOver=True, **size(66, 21))
                shown.becomes(66, 21)


@check()
def the_largest_size(stage):
    """Under `largest` the terminal has the most columns and the most rows that any viewer has; it stays when the last of
    them leaves, and an agent that is run again has it too."""
    with stage.wire() as one, stage.wire() as two:
        with Shown(stage, one, sizePolicy="largest") as shown:
            first = one.call("agent/attach", agent=shown.agent, since="now", **size(60, 30))["subscription"]
            shown.becomes(60, 30)
            second = two.call("agent/attach", agent=shown.agent, since="now", **size(50, 50))["subscription"]
            shown.becomes(60, 50)
            two.call("agent/attach", agent=shown.agent, since="now")
            two.call("agent/viewport", subscription=second, **size(120, 20))
            shown.becomes(120, 30)
            one.call("agent/restart", agent=shown.agent)
            # What the earlier attempt said.
            os.unlink(f"{shown.workspace}/size")
            shown.becomes(120, 30)
            two.call("agent/detach", subscription=second)
            shown.becomes(60, 30)
            one.call("agent/detach", subscription=first)
            shown.stays(60, 30)


@check()
def a_pinned_size(stage):
    """Under `pinned` no viewer changes the terminal's size, and agent/resize does."""
    with stage.wire() as one:
        with Shown(stage, one, sizePolicy="pinned") as shown:
            writes = one.call("agent/attach", agent=shown.agent, since="now", write=True, **size(120, 40))["subscription"]
            one.call("agent/viewport", subscription=writes, **size(90, 30))
            shown.stays(80, 24)
            one.call("agent/resize", agent=shown.agent, columns=70, rows=20)
            shown.becomes(70, 20)


@check()
def viewports_are_a_viewers_own(stage):
    """A viewport is set of an agent/attach of one's own connection: not of another's, of events, or of one that has
    ended. Without a terminal it does nothing."""
    with stage.wire() as one, stage.wire() as two:
        agent = stage.start(one)["id"]
        attached = one.call("agent/attach", agent=agent, **size(100, 30))["subscription"]
        one.call("agent/viewport", subscription=attached, **size(90, 30))
        events = one.call("events/subscribe")["subscription"]
        one.refused("invalid_params", "agent/viewport", subscription=events, **size(90, 30))
        if events != attached:
            two.refused("invalid_params", "agent/viewport", subscription=attached, **size(90, 30))
        one.call("agent/detach", subscription=attached)
        eventually(lambda: "error" in one.message(one.ask("agent/viewport", subscription=attached, **size(90, 30))),
                   "one that has ended has no viewport")
        one.call("agent/kill", agent=agent)
