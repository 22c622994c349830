# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Stored output: every byte has an offset, and an answer says which it has and where to go on."""
import base64
import random

from .checks import check, equal, eventually, require


def chunk_bytes(chunk):
    return chunk["data"].encode() if "data" in chunk else base64.b64decode(chunk["dataBase64"])


def joined(page, since):
    """The bytes of an answer to agent/logs that was asked for from an offset on, which have to join without a hole."""
    position, found = since, b""
    for chunk in page["chunks"]:
        data = chunk_bytes(chunk)
        require(data, "an empty chunk")
        equal(chunk["offset"], position, "the offset of a chunk")
        position += len(data)
        found += data
    equal(page["next"], position, "next")
    return found


def everything(wire, agent, **more):
    found, since = b"", 0
    while True:
        page = wire.call("agent/logs", agent=agent, since=since, **more)
        found += joined(page, since)
        if page["next"] >= page["end"]:
            return found
        require(page["next"] > since, "an answer without a byte, before the end")
        since = page["next"]


def written(stage, wire, data, **more):
    """An agent that wrote just these bytes, and has ended."""
    workspace = stage.directory()
    with open(f"{workspace}/data", "wb") as file:
        file.write(data)
    return stage.ended(wire, "exec cat data", workspace=workspace, **more)["id"]


@check()
def every_byte_has_its_offset(stage):
    """From whatever offset and with whatever limit one asks, one gets just the bytes from there on."""
    data = bytes(random.Random(1).randrange(256) for _ in range(5000))
    with stage.wire() as wire:
        agent = written(stage, wire, data)
        for encoding in ("base64", "text"):
            equal(everything(wire, agent, encoding=encoding), data, "all of it")
            equal(everything(wire, agent, encoding=encoding, limit=97), data, "all of it in small parts")
        chance = random.Random(2)
        for _ in range(150):
            since, until = sorted(chance.randrange(5001) for _ in range(2))
            page = wire.call("agent/logs", agent=agent, since=since, until=until, encoding="base64")
            equal((joined(page, since), page["start"], page["end"]), (data[since:until], 0, 5000), f"{since} to {until}")
            limit = chance.randrange(1, 500)
            page = wire.call("agent/logs", agent=agent, since=since, limit=limit, encoding="base64")
            equal(joined(page, since), data[since:since + limit], f"{limit} bytes from {since}")


@check()
def text_and_base64(stage):
    """A chunk is text where it is UTF-8, and base64 where it is not or where that was asked for; both hold the bytes as
    they are, controls and NUL and all."""
    controls = bytes(range(128)) + "é€😀".encode()
    with stage.wire() as wire:
        agent = written(stage, wire, controls)
        page = wire.call("agent/logs", agent=agent)
        require(all("data" in chunk for chunk in page["chunks"]), "UTF-8 came as base64")
        equal(joined(page, 0), controls, "the bytes")
        page = wire.call("agent/logs", agent=agent, encoding="base64")
        require(all("dataBase64" in chunk for chunk in page["chunks"]), "text came where base64 was asked for")
        equal(joined(page, 0), controls, "the bytes")
        for bad in (b"\xff", b"a\x80b", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"ok\xe2\x82"):
            agent = written(stage, wire, bad)
            page = wire.call("agent/logs", agent=agent)
            require(any("dataBase64" in chunk for chunk in page["chunks"]), f"{bad!r} came as text")
            equal(joined(page, 0), bad, "the bytes")


@check()
def characters_stay_whole(stage):
    """A character is never split across two chunks while more may follow, however its bytes came and wherever an answer
    ends."""
    text = ("é€😀" * 30000).encode()
    with stage.wire() as wire:
        agent = written(stage, wire, text)
        for limit in (None, 1000, 1001, 7, 4):
            since = 0
            while since < min(len(text), 200 * limit if limit else len(text)):
                page = wire.call("agent/logs", agent=agent, since=since, **({"limit": limit} if limit else {}))
                require(all("data" in chunk for chunk in page["chunks"]), f"a character was split at a limit of {limit}")
                joined(page, since)
                require(page["next"] > since, f"no progress with a limit of {limit}")
                since = page["next"]
        # Byte by byte, with time between, so that each is stored by itself.
        script = "for b in '\\303' '\\251' '\\342' '\\202' '\\254' x; do printf $b; sleep 0.05; done; printf '\\342'"
        agent = stage.ended(wire, script)["id"]
        page = wire.call("agent/logs", agent=agent)
        equal("".join(chunk["data"] for chunk in page["chunks"] if "data" in chunk), "é€x", "the text")
        equal(page["chunks"][-1].get("dataBase64"), "4g==", "the beginning of a character that nothing follows")


@check()
def a_limit_below_a_character(stage):
    """Who asks for fewer bytes than a character has gets on all the same."""
    text = "€uro €".encode()
    with stage.wire() as wire:
        agent = written(stage, wire, text)
        for limit in (1, 2):
            equal(everything(wire, agent, limit=limit), text, f"all of it, {limit} at a time")


@check()
def streams_are_told_apart(stage):
    """A chunk says which stream it was written to; offsets count both together."""
    with stage.wire() as wire:
        agent = stage.ended(wire, "echo out; sleep 0.2; echo err >&2; sleep 0.2; echo more")["id"]
        chunks = wire.call("agent/logs", agent=agent)["chunks"]
        equal([(chunk["stream"], chunk["data"], chunk["offset"]) for chunk in chunks],
              [("stdout", "out\n", 0), ("stderr", "err\n", 4), ("stdout", "more\n", 8)], "the chunks")
        agent = stage.ended(wire, "echo out; echo err >&2", tty=True)["id"]
        chunks = wire.call("agent/logs", agent=agent)["chunks"]
        equal({chunk["stream"] for chunk in chunks}, {"tty"}, "the streams")
        equal("".join(chunk["data"] for chunk in chunks), "out\r\nerr\r\n", "the output")


@check()
def tails(stage):
    """tail starts so many bytes or lines before the end; a last line without end counts."""
    lines = [f"line {number}\n" for number in range(1000)]
    with stage.wire() as wire:
        agent = written(stage, wire, "".join(lines).encode())
        for count in (0, 1, 3, 999, 1000, 5000):
            page = wire.call("agent/logs", agent=agent, tail={"lines": count})
            found = "".join(chunk["data"] for chunk in page["chunks"])
            equal(found, "".join(lines[len(lines) - min(count, 1000):]), f"the last {count} lines")
        whole = "".join(lines).encode()
        for count in (0, 1, 10, len(whole), len(whole) + 5):
            page = wire.call("agent/logs", agent=agent, tail={"bytes": count}, encoding="base64")
            equal(joined(page, max(0, len(whole) - count)), whole[max(0, len(whole) - count):], f"the last {count} bytes")
        agent = written(stage, wire, b"a\nb\nc")
        page = wire.call("agent/logs", agent=agent, tail={"lines": 2})
        equal("".join(chunk["data"] for chunk in page["chunks"]), "b\nc", "the last two lines")


@check()
def since_a_time(stage):
    """since and until may be times: of the first byte that came then or later."""
    with stage.wire() as wire:
        agent = stage.ended(wire, "echo one; sleep 0.3; echo two; sleep 0.3; echo three")["id"]
        chunks = wire.call("agent/logs", agent=agent)["chunks"]
        equal(len(chunks), 3, "how many chunks there are")
        equal([chunk["time"] for chunk in chunks], sorted(chunk["time"] for chunk in chunks), "the order of times")

        def texts(**more):
            return [chunk["data"] for chunk in wire.call("agent/logs", agent=agent, **more)["chunks"]]
        # Times are written in milliseconds and known in nanoseconds, so the one of a chunk may lie just before it.
        equal(texts(since=chunks[1]["time"]), ["two\n", "three\n"], "since the second")
        equal(texts(until=chunks[2]["time"]), ["one\n", "two\n"], "until the third")
        equal(texts(since=chunks[1]["time"], until=chunks[2]["time"]), ["two\n"], "between them")
        equal(texts(since="2100-01-01T00:00:00Z"), [], "since a time to come")
        equal(texts(since="1980-01-01T00:00:00+01:00"), ["one\n", "two\n", "three\n"], "since long ago")


@check()
def end_of_output(stage):
    """eof is said of an agent that has ended, once all is read, and never before."""
    with stage.wire() as wire:
        agent = stage.start(wire, "echo a; read line; echo b", piped=True)["id"]
        eventually(lambda: wire.call("agent/logs", agent=agent)["end"] == 2, "it writes")
        page = wire.call("agent/logs", agent=agent)
        equal((page["next"], page["eof"]), (2, False), "an answer while it runs")
        page = wire.call("agent/logs", agent=agent, since=100)
        equal((page["chunks"], page["next"], page["eof"]), ([], 2, False), "from behind the end")
        wire.call("agent/input", agent=agent, data="\n")
        wire.call("agent/wait", agent=agent)
        equal(wire.call("agent/logs", agent=agent, limit=1)["eof"], False, "eof with bytes to come")
        page = wire.call("agent/logs", agent=agent, since=2)
        equal((page["next"], page["end"], page["eof"]), (4, 4, True), "the last answer")
        silent = stage.ended(wire, "exit 0")["id"]
        equal(wire.call("agent/logs", agent=silent), {"chunks": [], "next": 0, "start": 0, "end": 0, "eof": True},
              "the output of one that wrote nothing")


@check()
def what_the_ring_has_dropped(stage):
    """Of a ring that is full the oldest is gone: start says what is still there, and reading begins there."""
    block = b"".join(b"%015d\n" % number for number in range(1 << 12))
    total = len(block) * 64
    with stage.wire() as wire:
        workspace = stage.directory()
        with open(f"{workspace}/block", "wb") as file:
            file.write(block)
        agent = stage.ended(wire, "for i in 1 2 3 4 5 6 7 8; do for j in 1 2 3 4 5 6 7 8; do cat block; done; done",
                            profile="small", workspace=workspace)
        output = agent["output"]
        equal(output["end"], total, "the end")
        require(0 < output["start"] < total - (1 << 19), f"the ring of 1 MiB starts at {output['start']} of {total}")
        page = wire.call("agent/logs", agent=agent["id"], encoding="base64")
        equal((page["start"], page["end"], page["chunks"][0]["offset"]), (output["start"], total, output["start"]),
              "the first answer")
        since, found = output["start"], b""
        while since < total:
            page = wire.call("agent/logs", agent=agent["id"], since=since, encoding="base64")
            found += joined(page, since)
            since = page["next"]
        expected = (block * 64)[output["start"]:]
        require(found == expected, "the bytes that are left are not those that were written")
        # Attached to the whole of it, one is told of the gap first.
        attached = wire.call("agent/attach", agent=agent["id"], since=0, encoding="base64")
        equal(attached["offset"], 0, "the offset")
        gap = wire.note()
        equal((gap["method"], gap["params"]["from"], gap["params"]["to"]), ("agent/gap", 0, output["start"]), "the gap")
        while (note := wire.note())["method"] == "agent/output":
            pass
        equal(note["params"]["reason"], "eof", "why it ended")
        equal(wire.call("agent/attach", agent=agent["id"])["offset"], output["start"], "where one is attached without since")
