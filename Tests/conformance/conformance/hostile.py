# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Clients that mean harm, within what any client may send: the daemon lives, stays small, and serves the others."""
import json
import random
import threading
import time

from supervisor.client import Lost
from supervisor.pieces import Wrong

from .checks import check, equal, require
from .strictness import PARAMS, sound
from .wire import MOST_REQUEST

# Of what is made up at random; `run --seed` sets it.
SEED = random.randrange(1 << 32)
LONG = "x" * 400000
# Characters, as people count, of as many bytes as there may be: a client that sends more marks in a row has to send
# base64.
MOST_MARKS = 128
MARKED = ("a" + "\u0301" * MOST_MARKS) * 1500


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
            except Wrong as problem:
                if "sent a line of" in str(problem):
                    problems.append(f"{method[:20]} {json.dumps(params, ensure_ascii=False)[:60].replace(LONG[:20], 'x')}")
                    continue
                raise
        for envelope in ({LONG: 1}, {MARKED: 1}, {"id": MARKED}):
            wire.write(json.dumps({"jsonrpc": "2.0", "method": "agent/list", **envelope},
                                  ensure_ascii=False).encode() + b"\n")
            try:
                wire.orphan("invalid_request")
            except Wrong as problem:
                if "sent a line of" not in str(problem):
                    raise
                problems.append(f"a request with {str(envelope)[:30]}")
        wire.call("agent/list")
    require(not problems, f"{len(problems)} are answered with a longer line: {'; '.join(problems)}")


@check(config="", alone=True)
def characters_that_are_hard_to_compare(stage):
    """Names of as many combining characters as there may be, out of their order, are read in a time that grows with their
    length: four times the length takes no more than about four times as long."""
    def seconds(count):
        name = ("a" + "\u0301\u0323" * (MOST_MARKS // 2)) * count
        line = ('{"jsonrpc":"2.0","id":1,"method":"agent/list","params":{"%s":1}}\n' % name).encode()
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
    short, long = seconds(800), seconds(3200)
    # 16 where it grows with the square; the wire itself takes its part.
    require(long < short * 9, f"a name of 822 KB takes {long * 1000:.0f} ms, and one of 206 KB {short * 1000:.0f} ms")


@check()
def characters_of_very_many_marks(stage):
    """A string with more than 128 combining marks in a row, wherever it stands and however it is written, is parse_error,
    and the connection goes on; 128 are none too many, and bytes travel as base64 in any number."""
    most, more = "a" + "\u0301" * MOST_MARKS, "a" + "\u0301\u0323" * (MOST_MARKS // 2) + "\u0301"
    with stage.wire() as wire:
        for request in ({"params": {"labels": {"x": more}}}, {"params": {"labels": {more: "x"}}}, {"params": {more: 1}},
                        {"id": more}, {"method": more}, {"params": {"labels": {"x": "a" + "\u0301" * 400000}}}):
            line = {"jsonrpc": "2.0", "id": 1, "method": "agent/list", **request}
            for ascii_only in (False, True):
                text = json.dumps(line, ensure_ascii=ascii_only).encode()
                if len(text) <= MOST_REQUEST:
                    wire.write(text + b"\n")
                    wire.orphan("parse_error")
        wire.call("agent/list", labels={"x": most})
        # An id has room for one less.
        wire.write(wire.form("agent/list", {}, most[:-1]))
        wire.answer(most[:-1])
        agent = stage.start(wire, "wc -c", piped=True)["id"]
        import base64
        data = more.encode() * 10
        equal(wire.call("agent/input", agent=agent, dataBase64=base64.b64encode(data).decode(), eof=True),
              {"accepted": len(data)}, "the answer")
        wire.call("agent/wait", agent=agent)
        equal(int(wire.call("agent/logs", agent=agent)["chunks"][0]["data"]), len(data), "what arrived")


@check(config="")
def very_many_elements(stage):
    """Requests with as many elements as there may be in a line, 65,536 values, are answered; more are parse_error."""
    with stage.wire() as wire:
        agent = stage.ended(wire)["id"]
        for count, is_read in ((60000, True), (66000, False)):
            for method, params in requests_of(agent, count):
                message = wire.either(wire.ask(method, **params))
                if is_read:
                    require(message["id"] is not None, f"{method} with {count} elements is answered with {message}")
                else:
                    equal(message["error"]["data"]["error"], "parse_error", f"{method} with {count} elements")
            wire.call("agent/list")


def requests_of(agent, count):
    """Requests with so many elements, each as long as a line has room for them."""
    return (
        ("events/subscribe", {"agents": ["abcdef"] * count}), ("events/subscribe", {"types": ["a"] * count}),
        ("agent/list", {"states": ["failed"] * count}),
        ("agent/list", {"labels": {f"{number:x}": "" for number in range(count)}}),
        ("agent/get", {"agent": agent, "include": ["policy"] * count}),
        ("initialize", {"protocolVersions": [1] * count, "client": {"name": "x", "version": "1"}}),
        ("agent/input", {"agent": agent, "keys": ["tab"] * count}),
        ("agent/changes", {"agent": agent, "paths": ["a"] * count}),
        ("agent/start", {"command": ["a"] * count}),
        ("agent/start", {"command": ["/bin/true"], "env": {f"A{number:x}": "" for number in range(count)}}))


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
    chance = random.Random(SEED)
    try:
        with stage.wire() as start:
            stage.ended(start, "echo it was", name="nobody", tty=True)
        # What these would begin is not to be begun by chance.
        methods = [method for method in PARAMS if method not in ("agent/start", "supervisor/drain", "supervisor/doctor")]
        values = [0, -1, 1, 2**63 - 1, -2**63, 1.5, 1e300, "", "nobody", "\u0000", "é\u0301", [], {}, [[]], None, True,
                  "500ms", "1970-01-01T00:00:00Z", [""], {"a": None}]
        for _ in range(30):
            with stage.wire() as wire:
                requests = []
                for _ in range(300):
                    method = chance.choice(methods)
                    params = sound(method)
                    for member in chance.sample(sorted(PARAMS[method]), min(len(PARAMS[method]), chance.randrange(3))):
                        outer, _, inner = member.partition(".")
                        value = chance.choice(values)
                        params[outer] = {inner: value} if inner else value
                    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params},
                                      ensure_ascii=False).encode() + b"\n"
                    requests.append(mutated(chance, line) if chance.random() < 0.6 else line)
                requests.append(b'\n{"jsonrpc":"2.0","id":"last","method":"agent/list","params":{"limit":1}}\n')
                # Who reads no answer while it writes is not read from.
                writing = threading.Thread(target=wire.write, args=[b"".join(requests)])
                writing.start()
                lines = []
                while not lines or lines[-1].get("id") != "last":
                    line = wire.line()
                    require(line is not None, "the connection is closed after requests with something wrong in them")
                    lines.append(json.loads(line))
                writing.join()
                require("result" in lines[-1], f"the sound request after the others is answered with {lines[-1]}")
                words = {line["error"]["data"]["error"] for line in lines if "error" in line}
                require("internal_error" not in words,
                        f"internal_error: {[l['error'] for l in lines if l.get('error', {}).get('code') == -32603][:1]}")
            stage.daemon.require_life()
    except Exception as problem:
        raise type(problem)(f"--seed {SEED}: {problem}") if len(problem.args) == 1 else problem


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
