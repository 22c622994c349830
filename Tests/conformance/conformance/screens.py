# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""What terminals show: as text, and as bytes that bring a viewer's terminal into the same state."""
import base64

from .checks import check, equal, eventually, require
from .output import chunk_bytes

BLANK = {"title": None, "cursor": {"row": 0, "column": 0, "visible": True, "shape": "block", "blinking": False},
         "modes": {"alternateScreen": False, "applicationCursorKeys": False, "applicationKeypad": False,
                   "bracketedPaste": False, "focusReporting": False, "mouse": "off", "mouseEncoding": "legacy",
                   "reverseVideo": False, "keyboardFlags": 0}}


def screen(wire, agent):
    """All rows, in however many answers, once all that the agent wrote so far is in it."""
    end = wire.call("agent/get", agent=agent)["output"]["end"]
    found = wire.call("agent/screen", agent=agent)
    require(found["offset"] >= end, f"the screen is of {found['offset']} bytes, {end} were written before")
    while (row := found.pop("next", None)) is not None:
        page = wire.call("agent/screen", agent=agent, row=row)
        equal(row, len(found["lines"]), "next")
        require(page["lines"], "a page without a row")
        found["lines"] += page["lines"]
        found["next"] = page.get("next")
    return found


def written(stage, wire, data, before="", after="exec sleep 600", size=(80, 24), **more):
    """An agent whose terminal got just these bytes, and which then goes on."""
    workspace = stage.directory()
    with open(f"{workspace}/data", "wb") as file:
        file.write(data)
    agent = stage.start(wire, f"stty -opost; {before} cat data; {after}", tty=True, workspace=workspace,
                        size=dict(zip(("columns", "rows"), size)), **more)["id"]
    eventually(lambda: wire.call("agent/get", agent=agent)["output"]["end"] >= len(data), "it has written")
    return agent


def snapshot(wire, subscription):
    """The bytes of a snapshot and the first of its pieces, which are all of the same place."""
    data, first = b"", None
    while True:
        note = wire.note()
        equal(note["method"], "agent/snapshot", "what comes before any output")
        piece = note["params"]
        first = first or piece
        equal((piece["subscription"], piece["offset"], piece["size"]), (subscription, first["offset"], first["size"]),
              "what a piece is of")
        data += base64.b64decode(piece["dataBase64"])
        if not piece["more"]:
            return data, first


def without_offset(found):
    return {member: value for member, value in found.items() if member != "offset"}


DRAWN = ("\x1b]2;a title\x07\x1b[?2004h\x1b[?1h\x1b=\x1b[?1002h\x1b[?1006h\x1b[?1004h\x1b[>5u\x1b[2J\x1b[2;5Hhere\x1b[31m"
         "\x1b[24;1Hé€😀 e\u0301\x1b[5;3H\x1b[4 q\x1b[?25l").encode()


@check()
def what_a_terminal_shows(stage):
    """agent/screen answers the text of all rows, the cursor, the title and the modes, after all output so far."""
    with stage.wire() as wire:
        agent = stage.start(wire, tty=True)["id"]
        found = wire.call("agent/screen", agent=agent)
        equal((found["lines"], found["offset"], found["size"]), ([""] * 24, 0, {"columns": 80, "rows": 24}),
              "the screen of one that wrote nothing")
        equal({member: found.get(member) for member in BLANK}, BLANK, "the rest of it")
        agent = written(stage, wire, DRAWN)
        found = screen(wire, agent)
        lines = [""] * 24
        lines[1], lines[23] = "    here", "é€😀 e\u0301"
        equal(found["lines"], lines, "the lines")
        equal((found["title"], found["offset"]), ("a title", len(DRAWN)), "title and offset")
        equal(found["cursor"], {"row": 4, "column": 2, "visible": False, "shape": "underline", "blinking": False},
              "the cursor")
        equal(found["modes"], {**BLANK["modes"], "bracketedPaste": True, "applicationCursorKeys": True,
                               "applicationKeypad": True, "mouse": "drag", "mouseEncoding": "sgr",
                               "focusReporting": True, "keyboardFlags": 5}, "the modes")
        equal(wire.call("agent/screen", agent=agent, row=23)["lines"], lines[23:], "the last row alone")
        equal(wire.call("agent/screen", agent=agent, row=2**63 - 1)["lines"], [], "rows that there are not")


@check()
def no_terminal_no_screen(stage):
    """An agent without a terminal has no screen: invalid_state, for agent/screen and for who attaches to it."""
    with stage.wire() as wire:
        agent = stage.start(wire)["id"]
        equal(wire.refused("invalid_state", "agent/screen", agent=agent)["data"]["state"], "running", "data.state")
        wire.refused("invalid_state", "agent/attach", agent=agent, since="screen")
        wire.call("agent/kill", agent=agent)


@check()
def screens_of_paused_and_ended_agents(stage):
    """A paused agent has a screen as any other, and an ended one keeps it; who attaches to an ended one gets the snapshot
    and then its end."""
    with stage.wire() as wire:
        agent = written(stage, wire, DRAWN)
        before = screen(wire, agent)
        wire.call("agent/pause", agent=agent)
        equal(screen(wire, agent), before, "the screen while it is paused")
        attached = wire.call("agent/attach", agent=agent, since="screen")["subscription"]
        _, first = snapshot(wire, attached)
        equal(first["offset"], before["offset"], "the snapshot's offset while it is paused")
        wire.call("agent/kill", agent=agent)
        equal(wire.note()["params"], {"subscription": attached, "reason": "eof"}, "what comes after the snapshot")
        equal(screen(wire, agent), before, "the screen after its end")
        attached = wire.call("agent/attach", agent=agent, since="screen")["subscription"]
        snapshot(wire, attached)
        equal(wire.note()["params"], {"subscription": attached, "reason": "eof"}, "what comes after the snapshot")


@check()
def the_largest_screen(stage):
    """A screen of 1000 rows and columns is answered in pages, and as a snapshot; of a larger terminal so much is kept."""
    lines = [f"{number:03d} " + "x" * 900 for number in range(1000)]
    with stage.wire() as wire:
        agent = written(stage, wire, "\r\n".join(lines).encode(), size=(1000, 1000))
        found = screen(wire, agent)
        equal(found["size"], {"columns": 1000, "rows": 1000}, "the size")
        require(found["lines"] == lines, "the lines are others than were written")
        data, _ = snapshot(wire, wire.call("agent/attach", agent=agent, since="screen")["subscription"])
        require(len(data) >= 1000 * 904, f"a snapshot of {len(data)} bytes")
        wire.call("agent/kill", agent=agent)
        agent = stage.start(wire, tty=True, size={"columns": 65535, "rows": 65535})["id"]
        equal(wire.call("agent/screen", agent=agent)["size"], {"columns": 1000, "rows": 1000}, "the size that is kept")
        wire.call("agent/kill", agent=agent)


def coloured(stage, wire, side):
    """An agent whose terminal has so many rows and columns, all of a colour of their own, with MODES set before."""
    lines = []
    for row in range(side):
        lines.append(f"\x1b[{row + 1}H" + "".join(
            f"\x1b[38;2;{column % 251};{row % 251};9;48;2;{row % 241};{column % 239};8mx" for column in range(side)))
    return written(stage, wire, MODES + "".join(lines).encode(), size=(side, side))


@check()
def a_screen_of_very_many_colours(stage):
    """A screen as large and colourful as can be, too much for a snapshot perhaps, is not lost for that: text, title and
    modes are there after somebody has attached to it."""
    with stage.wire() as wire:
        agent = coloured(stage, wire, 600)
        before = screen(wire, agent)
        require(before["lines"] == ["x" * 600] * 600, "what was written is not shown")
        has_its_modes(before)
        data, _ = snapshot(wire, wire.call("agent/attach", agent=agent, since="screen")["subscription"])
        has_its_modes(screen(wire, agent))
        require(screen(wire, agent) == before, "the screen is another after somebody has attached to it")
        require(b"set long ago" in data and b"?2004h" in data, "title and modes are not in the snapshot")
        wire.call("agent/kill", agent=agent)


@check()
def a_snapshot_makes_the_same_screen(stage):
    """The bytes of a snapshot, written to another terminal of its size, whatever that showed, make it show and be what
    the agent's is: text, cursor, title, modes, also below the alternate screen and in the middle of a sequence."""
    streams = {
        "drawn": DRAWN,
        "the alternate screen": b"below\r\n" * 5 + b"\x1b[?1049h\x1b[H\x1b[41mabove\x1b[?1h\x1b[3;7r\x1b(0qqq",
        "scrolled": b"".join(b"line %d\r\n" % number for number in range(200)),
        "a last column": b"\x1b[1;80Hx", "within a sequence": b"text\x1b[3", "within a character": b"text\xe2\x82",
    }
    rest = {"within a sequence": b"1;5Hred", "within a character": b"\xac!"}
    with stage.wire() as wire:
        for what, stream in streams.items():
            agent = written(stage, wire, stream)
            attached = wire.call("agent/attach", agent=agent, since="screen")["subscription"]
            data, _ = snapshot(wire, attached)
            both = []
            for source in (stream, b"\x1b[?1049h\x1b[7mwhat was there before" + data):
                other = written(stage, wire, source + rest.get(what, b""))
                both.append(without_offset(screen(wire, other)))
                wire.call("agent/kill", agent=other)
            equal(both[1], both[0], f"what a terminal with a snapshot shows ({what})")
            wire.call("agent/kill", agent=agent)
            eventually(lambda: wire.note()["method"] == "subscription/ended", "the end")


@check()
def output_goes_on_at_the_snapshots_offset(stage):
    """After the last piece of a snapshot comes the output, from exactly its offset on, also while the agent writes as fast
    as it can, and base64 where that was asked for."""
    with stage.wire() as wire:
        agent = stage.start(wire, "i=0; while :; do echo line $i; i=$((i+1)); done", tty=True)["id"]
        for encoding in ("text", "base64"):
            result = wire.call("agent/attach", agent=agent, since="screen", encoding=encoding)
            data, first = snapshot(wire, result["subscription"])
            require(data and first["offset"] >= result["offset"], f"the snapshot is of {first['offset']}, before the "
                                                                  f"{result['offset']} of the answer")
            position, found = first["offset"], b""
            while len(found) < 20000:
                note = wire.note()
                equal((note["method"], note["params"]["offset"]), ("agent/output", position), "what follows")
                found += chunk_bytes(note["params"])
                position = first["offset"] + len(found)
            wire.call("agent/detach", subscription=result["subscription"])
            wire.streamed.clear()
            stored = wire.call("agent/logs", agent=agent, since=first["offset"], limit=20000, encoding="base64")
            require(b"".join(map(chunk_bytes, stored["chunks"])) == found[:20000], "other output than is stored")
        wire.call("agent/kill", agent=agent)


MODES = b"\x1b]2;set long ago\x07\x1b[?1049h\x1b[?2004h\x1b[?1h"


def has_its_modes(found):
    equal((found.get("title"), found["modes"]), ("set long ago", {
        **BLANK["modes"], "alternateScreen": True, "bracketedPaste": True, "applicationCursorKeys": True}),
        "what was set before all of the output that is left")


@check(config="")
def modes_older_than_the_ring(stage):
    """Title and modes that a program set before all output that is stored are known all the same: to agent/screen, to a
    snapshot, after the daemon was killed, and after it ended."""
    import signal
    with stage.wire() as wire:
        agent = written(stage, wire, MODES + b"." * 400000, profile="small", after="sleep 1; for i in 1 2 3 4 5 6 7 "
                        "8 9 10 11 12; do tail -c 400000 data; sleep 0.3; done; printf '\\033[Hlast'; exec sleep 600")
        eventually(lambda: (output := wire.call("agent/get", agent=agent)["output"])["start"] > 3 << 20
                   and screen(wire, agent)["lines"][0].startswith("last"), "the ring has dropped the beginning")
        found = screen(wire, agent)
        has_its_modes(found)
        attached = wire.call("agent/attach", agent=agent, since="screen")["subscription"]
        data, _ = snapshot(wire, attached)
        require(all(part in data for part in (b"set long ago", b"?2004h", b"?1h", b"?1049h")), "not all is in the snapshot")
    for number in (signal.SIGKILL, signal.SIGTERM):
        stage.daemon.end(number)
        stage.next_daemon()
        with stage.wire() as wire:
            has_its_modes(screen(wire, agent))


@check(config="")
def modes_set_before_a_flood(stage):
    """The same of a program that then writes much more than the ring holds, faster than a screen is kept up to date, with
    nobody watching. (As fast as it can the ring may be full before the daemon has heard of it.)"""
    with stage.wire() as wire:
        agent = written(stage, wire, MODES, after="for i in $(seq 30); do head -c 4000000 /dev/zero | tr '\\0' .; sleep 0.1; "
                        "done; exec sleep 600")
        eventually(lambda: wire.call("agent/get", agent=agent)["output"]["end"] >= 120000000, "it has written")
        require(wire.call("agent/get", agent=agent)["output"]["start"] > len(MODES), "the ring holds all of it")
        has_its_modes(screen(wire, agent))


@check(config="")
def a_screen_outlives_the_daemon(stage):
    """An agent's screen is the same for the next daemon, after its end and while it runs, with the size that it was given."""
    with stage.wire() as wire:
        running, ended = written(stage, wire, DRAWN), written(stage, wire, DRAWN, after="exit 3")
        wire.call("agent/wait", agent=ended)
        wire.call("agent/resize", agent=running, columns=100, rows=30)
        before = {agent: eventually(lambda: screen(wire, agent), "there is a screen") for agent in (running, ended)}
        equal(before[running]["size"], {"columns": 100, "rows": 30}, "the size")
    stage.daemon.end()
    stage.next_daemon()
    with stage.wire() as wire:
        for agent, found in before.items():
            equal(screen(wire, agent), found, "the screen by the next daemon")


@check()
def a_restarted_agent_has_its_screen(stage):
    """The screen of an agent that is run again goes on with what the new attempt writes."""
    with stage.wire() as wire:
        agent = stage.ended(wire, "echo once more", tty=True)["id"]
        wire.call("agent/restart", agent=agent)
        wire.call("agent/wait", agent=agent)
        require("once more" in screen(wire, agent)["lines"], "what it wrote is not shown")
