# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Clients that mean harm, within what any client may send: the daemon lives, stays small, and serves the others."""
import json
import random
import time

from supervisor.client import Lost

from .checks import check, equal, require
from .strictness import PARAMS, sound
from .wire import MOST_REQUEST

LONG = "x" * 400000
# One character, as people count, of any number of bytes.
MARKED = "a" + "\u0301" * 200000


@check(config="")
def the_tail_of_endless_lines(stage):
    """The tail of as many lines as an integer can say is all there is."""
    with stage.wire() as wire:
        agent = stage.ended(wire, "printf 'one\\ntwo\\n'")["id"]
        for count in (2**31, 2**62, 2**63 - 1):
            page = wire.call("agent/logs", agent=agent, tail={"lines": count})
            equal("".join(chunk["data"] for chunk in page["chunks"]), "one\ntwo\n", "the output")


ECHOES = [
    ("agent/list", {LONG: 1}), ("agent/list", {MARKED: 1}), ("agent/list", {"labels": {MARKED: 1}}),
    ("agent/list", {"states": [LONG]}), ("agent/list", {"states": [MARKED]}), ("agent/list", {"after": LONG}),
    ("agent/list", {"after": MARKED}), ("agent/get", {"agent": LONG}), ("agent/get", {"agent": MARKED}),
    ("agent/get", {"agent": "a", "include": [LONG]}),
    ("agent/signal", {"agent": "a", "signal": LONG}), ("agent/signal", {"agent": "a", "signal": MARKED}),
    ("agent/wait", {"agent": "a", "timeout": LONG}), ("agent/wait", {"agent": "a", "timeout": MARKED}),
    ("agent/logs", {"agent": "a", "encoding": LONG}), ("agent/logs", {"agent": "a", "since": LONG}),
    ("agent/logs", {"agent": "a", "since": MARKED}), ("agent/attach", {"agent": "a", "since": LONG}),
    ("agent/input", {"agent": "a", "keys": [LONG]}), ("agent/input", {"agent": "a", "keys": [MARKED]}),
    ("agent/input", {"agent": "a", "dataBase64": MARKED}), ("agent/changes", {"agent": "a", "paths": ["/" + LONG]}),
    ("agent/changes", {"agent": "a", "paths": ["/" + MARKED]}), ("agent/detach", {"subscription": LONG}),
    ("agent/detach", {"subscription": MARKED}), ("rpc.cancel", {"id": LONG}),
    ("initialize", {"protocolVersions": [1], "client": {"name": LONG, "version": MARKED}}),
    ("initialize", {"protocolVersions": [], "client": {"name": LONG, "version": MARKED}}),
    ("events/subscribe", {"agents": [LONG]}), ("events/list", {"agent": MARKED}),
    *[("agent/start", {"profile": "shell", "tty": False, "command": ["/bin/true"], **more}) for more in (
        {"command": ["/" + LONG]}, {"command": [LONG]}, {"command": ["/" + MARKED]}, {"command": ["/bin/true", LONG]},
        {"profile": "/" + LONG}, {"profile": LONG}, {"profile": "/" + MARKED}, {"workspace": "/" + LONG},
        {"workspace": "/" + MARKED}, {"workspace": LONG}, {"name": LONG}, {"name": MARKED}, {"launcher": LONG},
        {"launcher": MARKED}, {"env": {LONG: ""}}, {"env": {LONG + "=": ""}}, {"env": {MARKED + "=": ""}},
        {"labels": {LONG: ""}}, {"labels": {MARKED: ""}}, {"limits": {"memory": LONG}}, {"limits": {"memory": MARKED}},
        {"limits": {LONG: 1}}, {"limits": {"io": {LONG: MARKED}}}, {"network": {"allow": [LONG]}},
        {"restart": {"policy": LONG}}, {"restart": {"policy": MARKED}}, {"restart": {"initial": MARKED}},
        {"timeouts": {"wall": LONG}}, {"resume": LONG}, {"requestKey": LONG}, {"prompt": LONG})],
]


@check(config="")
def long_texts_in_requests(stage):
    """Whatever a request says, and whatever an answer repeats of it, no line from the daemon is longer than 256 KiB."""
    problems = []
    with stage.wire() as wire:
        for method, params in [*ECHOES, (LONG, {}), (MARKED, {})]:
            number = wire.ask(method, **params)
            try:
                wire.message(number)
            except Exception as problem:
                if not isinstance(problem, (AssertionError, KeyError)) and "sent a line of" in str(problem):
                    problems.append(f"{method[:20]} {json.dumps(params, ensure_ascii=False)[:60].replace(LONG[:20], 'x')}")
                    continue
                raise
        for envelope in ({LONG: 1}, {MARKED: 1}, {"id": MARKED}):
            wire.write(json.dumps({"jsonrpc": "2.0", "method": "agent/list", **envelope},
                                  ensure_ascii=False).encode() + b"\n")
            try:
                wire.orphan("invalid_request")
            except Exception as problem:
                if "sent a line of" not in str(problem):
                    raise
                problems.append(f"a request with {str(envelope)[:30]}")
        wire.call("agent/list")
    require(not problems, f"{len(problems)} are answered with a longer line: {'; '.join(problems)}")


@check(config="", alone=True)
def characters_that_are_hard_to_compare(stage):
    """A name of very many combining characters, out of their order, is read in a time that grows with its length: four
    times the length takes no more than about four times as long."""
    def seconds(count):
        line = ('{"jsonrpc":"2.0","id":1,"method":"agent/list","params":{"a%s":1}}\n' % ("\u0301\u0323" * count)).encode()
        best = None
        for _ in range(3):
            with stage.wire(120) as wire:
                wire.expect(1, "agent/list")
                begin = time.perf_counter()
                wire.write(line)
                while not wire.line():
                    pass
                took = time.perf_counter() - begin
            best = took if best is None else min(best, took)
        return best
    short, long = seconds(4000), seconds(16000)
    # 16 where it grows with the square; the wire itself takes its part.
    require(long < short * 9, f"a name of 64 KB takes {long * 1000:.0f} ms, and one of 16 KB {short * 1000:.0f} ms")


@check(config="")
def very_many_elements(stage):
    """Requests with as many elements as fit a line are answered."""
    with stage.wire() as wire:
        agent = stage.ended(wire)["id"]
        room = MOST_REQUEST - 200
        for method, params in (
                ("events/subscribe", {"agents": [agent] * (room // 32)}),
                ("events/subscribe", {"types": ["a"] * (room // 6)}),
                ("agent/list", {"states": ["exited"] * (room // 12)}),
                ("agent/list", {"labels": {f"{number:x}": "" for number in range(room // 14)}}),
                ("agent/get", {"agent": agent, "include": ["policy"] * (room // 12)}),
                ("initialize", {"protocolVersions": [1] * (room // 4), "client": {"name": "x", "version": "1"}}),
                ("agent/input", {"agent": agent, "keys": ["tab"] * (room // 8)}),
                ("agent/changes", {"agent": agent, "paths": ["a"] * (room // 6)}),
                ("agent/start", {"command": ["a"] * (room // 6)}),
                ("agent/start", {"command": ["/bin/true"], "env": {f"A{number:x}": "" for number in range(room // 16)}})):
            wire.message(wire.ask(method, **params))


def mutated(chance, line):
    """The line with something done to it."""
    line = bytearray(line)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(line))
        what = chance.randrange(6)
        if what == 0:
            line[at] = chance.randrange(256)
        elif what == 1:
            del line[at:at + chance.randrange(1, 12)]
        elif what == 2:
            line[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 8)))
        elif what == 3:
            line[at:at] = chance.choice([b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\u0000", b"\\ud800", b"1e309",
                                         b"-", b"null", b"9223372036854775807", b"\xef\xbb\xbf", b"\n", b"\r"])
        elif what == 4:
            other = chance.randrange(len(line))
            line[at:at] = line[min(at, other):max(at, other)]
        else:
            line = line[:at]
        if not line:
            return b"\n"
    return bytes(line).replace(b"\n", b"") + b"\n" if chance.random() < 0.9 else bytes(line) + b"\n"


@check(config="")
def requests_gone_wrong(stage):
    """Requests with something wrong in them, thousands of all methods at random, end neither the daemon nor the
    connection, and a sound one is answered after them."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    try:
        with stage.wire() as start:
            stage.ended(start, "echo it was", name="nobody", tty=True)
        # What these would begin is not to be begun by chance.
        methods = [method for method in PARAMS if method not in ("agent/start", "supervisor/drain", "supervisor/doctor")]
        values = [0, -1, 1, 2**63 - 1, -2**63, 1.5, 1e300, "", "nobody", "\u0000", "é\u0301", [], {}, [[]], None, True,
                  "500ms", "1970-01-01T00:00:00Z", [""], {"a": None}]
        for _ in range(30):
            with stage.wire() as wire:
                for _ in range(300):
                    method = chance.choice(methods)
                    params = sound(method)
                    for member in chance.sample(sorted(PARAMS[method]), min(len(PARAMS[method]), chance.randrange(3))):
                        outer, _, inner = member.partition(".")
                        value = chance.choice(values)
                        params[outer] = {inner: value} if inner else value
                    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params},
                                      ensure_ascii=False).encode() + b"\n"
                    wire.write(mutated(chance, line) if chance.random() < 0.6 else line)
                wire.write(b'\n{"jsonrpc":"2.0","id":"last","method":"agent/list","params":{"limit":1}}\n')
                lines = []
                while not lines or lines[-1].get("id") != "last":
                    line = wire.line()
                    require(line is not None, "the connection is closed after requests with something wrong in them")
                    lines.append(json.loads(line))
                require("result" in lines[-1], f"the sound request after the others is answered with {lines[-1]}")
                words = {line["error"]["data"]["error"] for line in lines if "error" in line}
                require("internal_error" not in words,
                        f"internal_error: {[l['error'] for l in lines if l.get('error', {}).get('code') == -32603][:1]}")
            stage.daemon.require_life()
    except Exception as problem:
        raise type(problem)(f"--seed {seed}: {problem}") if len(problem.args) == 1 else problem


@check(config="")
def half_requests_and_resets(stage):
    """Connections that break off at any place, with answers unread, end nothing and leave nothing."""
    import socket
    import struct
    chance = random.Random(4)
    with stage.wire() as wire:
        agent = stage.ended(wire, "seq 100000")["id"]
        for _ in range(300):
            one = stage.wire()
            line = one.form(chance.choice(["agent/logs", "agent/attach", "agent/get"]), {"agent": agent})
            try:
                one.write(line * chance.randrange(1, 20))
                one.write(line[:chance.randrange(len(line))])
                if chance.random() < 0.5:
                    one.socket.recv(chance.randrange(1, 4096))
                if chance.random() < 0.3:
                    one.socket.shutdown(chance.choice([socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR]))
                one.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except (Lost, OSError):
                pass
            one.socket.close()
        from .checks import eventually
        eventually(lambda: wire.call("supervisor/status")["connections"] == 1, "all of them are gone")


@check(config="")
def a_stalled_client_and_its_events(stage):
    """A client that sends requests for ever and reads no answer is not read from any more, and others are served."""
    with stage.wire(5) as one, stage.wire() as other:
        line = b'{"jsonrpc":"2.0","id":1,"method":"supervisor/status"}\n'
        sent = 0
        try:
            while sent < 64 << 20:
                one.write(line * 1000)
                sent += len(line) * 1000
            require(False, f"the daemon took {sent >> 20} MiB of requests whose answers nobody reads")
        except TimeoutError:
            pass
        other.call("agent/list")
