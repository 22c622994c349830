# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Lines: where they begin and end, how long they may be, what is not one."""
import json
import threading
import time

from supervisor.client import Lost

from .checks import check, equal, require
from .wire import MOST_REQUEST

LIST = b'{"jsonrpc":"2.0","id":%d,"method":"agent/list"}'


@check()
def nothing_has_to_be_said_first(stage):
    """A single line is answered, to a client that has said nothing before and half-closes after it, as socat does."""
    with stage.wire() as wire:
        wire.expect(1, "agent/list")
        wire.write(LIST % 1 + b"\n")
        wire.finish()
        wire.answer(1)
        wire.is_ended()


@check()
def bytes_one_at_a_time(stage):
    """A request that comes byte by byte is one request."""
    with stage.wire() as wire:
        wire.expect(7, "agent/list")
        for byte in LIST % 7 + b"\n":
            wire.write(bytes([byte]))
            time.sleep(0.0005)
        wire.answer(7)


@check()
def cut_inside_a_character(stage):
    """A character that two writes bring is one character."""
    with stage.wire() as wire:
        request = wire.form("agent/get", {"agent": "x"}, "né€😀")
        for cut in range(1, len(request)):
            wire.expect("né€😀", "agent/get") if cut > 1 else None
            wire.write(request[:cut])
            wire.write(request[cut:])
            wire.error("né€😀", "agent_not_found")


@check()
def many_in_one_write(stage):
    """Each of many requests in one write is answered."""
    with stage.wire() as wire:
        wire.write(b"".join(wire.form("agent/list") for _ in range(200)))
        for number in range(1, 201):
            wire.answer(number)


@check()
def carriage_returns_and_empty_lines(stage):
    """A line may end with CR and LF, and empty lines are nothing."""
    with stage.wire() as wire:
        for number in (1, 2):
            wire.expect(number, "agent/list")
        wire.write(b"\n\r\n\n" + LIST % 1 + b"\r\n" + b"\n" * 5000 + b"\r\n" * 5000 + LIST % 2 + b"\r\n\n")
        wire.finish()
        wire.answer(1)
        wire.answer(2)
        wire.is_ended()


@check()
def blanks_around_a_request(stage):
    """Blanks around a JSON text belong to it (RFC 8259, section 2)."""
    with stage.wire() as wire:
        wire.expect(1, "agent/list")
        wire.write(b" \t" + LIST % 1 + b" \t \n")
        wire.answer(1)


@check()
def blanks_alone_are_no_request(stage):
    """A line of nothing but blanks is not empty: it is no JSON."""
    with stage.wire() as wire:
        wire.write(b"  \n")
        wire.orphan("parse_error")


@check()
def last_line_without_its_end(stage):
    """The last line before a half-close needs no LF."""
    with stage.wire() as wire:
        wire.expect(1, "agent/list")
        wire.write(LIST % 1)
        wire.finish()
        wire.answer(1)
        wire.is_ended()


@check()
def half_close_without_a_word(stage):
    """A client that says nothing and half-closes is let go."""
    with stage.wire() as wire:
        wire.finish()
        wire.is_ended()


@check()
def half_a_line_and_half_close(stage):
    """Half a request before a half-close is no JSON, and this is said."""
    with stage.wire() as wire:
        wire.write((LIST % 1)[:20])
        wire.finish()
        wire.orphan("parse_error")
        wire.is_ended()


def padded(size):
    """A request of just this many bytes."""
    request = LIST[:-1] % 1 + b',"params":{"labels":{"a":"'
    return request + b"x" * (size - len(request) - 4) + b'"}}}'


@check()
def longest_line(stage):
    """A request line may have 1 MiB, its end not counted, whether that is LF or CR and LF."""
    for end in (b"\n", b"\r\n"):
        with stage.wire() as wire:
            for _ in range(2):
                wire.expect(1, "agent/list")
                request = padded(MOST_REQUEST)
                equal(len(request), MOST_REQUEST, "the request's length")
                wire.write(request + end)
                wire.answer(1)


@check()
def line_that_is_too_long(stage):
    """A request line of one byte more than 1 MiB is answered with invalid_request, and the connection closes."""
    for end in (b"\n", b"\r\n"):
        with stage.wire() as wire:
            wire.write(padded(MOST_REQUEST + 1) + end)
            wire.orphan("invalid_request")
            wire.is_ended()


@check()
def line_without_end(stage):
    """A line that does not end is refused as soon as it is too long, not when it ends; and what comes before it is
    answered."""
    with stage.wire() as wire:
        wire.expect(1, "agent/list")
        wire.write(LIST % 1 + b"\n" + b" " * (MOST_REQUEST + 2))
        wire.answer(1)
        wire.orphan("invalid_request")
        wire.is_ended()


@check()
def flood_after_refusal(stage):
    """A client that goes on writing after its line was refused reads the refusal all the same, and cannot go on for
    ever."""
    with stage.wire() as wire:
        def flood():
            try:
                for _ in range(1 << 14):
                    wire.write(b"x" * 65536)
            except (Lost, TimeoutError):
                return
        thread = threading.Thread(target=flood)
        thread.start()
        wire.orphan("invalid_request")
        thread.join(60)
        require(not thread.is_alive(), "a client that floods is listened to for ever")


BROKEN = {
    "a byte that is no UTF-8": b'{"jsonrpc":"2.0","id":1,"method":"a\xffb"}',
    "a character cut short": b'{"jsonrpc":"2.0","id":1,"method":"a\xe2\x82"}',
    "an overlong character": b'{"jsonrpc":"2.0","id":1,"method":"a\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"jsonrpc":"2.0","id":1,"method":"a\xed\xa0\x80"}',
    "a character beyond Unicode": b'{"jsonrpc":"2.0","id":1,"method":"a\xf5\x80\x80\x80"}',
    "half a surrogate pair": b'{"jsonrpc":"2.0","id":1,"method":"a\\ud800"}',
    "a surrogate pair the wrong way round": b'{"jsonrpc":"2.0","id":1,"method":"a\\udc00\\ud800"}',
    "a byte order mark": b'\xef\xbb\xbf' + LIST % 1,
    "UTF-16": (LIST % 1).decode().encode("utf-16-le").replace(b"\n", b" "),
    "NUL": b"\0", "NUL after a request": LIST % 1 + b"\0",
    "a control character in a string": b'{"jsonrpc":"2.0","id":1,"method":"a\tb"}',
    "a comment": LIST % 1 + b" // list", "two requests on a line": LIST % 1 + LIST % 2,
    "a comma too many": b'{"jsonrpc":"2.0","id":1,"method":"agent/list",}',
    "single quotes": b"{'jsonrpc':'2.0','id':1,'method':'agent/list'}",
    "a name without quotes": b'{jsonrpc:"2.0","id":1,"method":"agent/list"}',
    "NaN": b'{"jsonrpc":"2.0","id":NaN,"method":"agent/list"}',
    "a number with a zero before it": b'{"jsonrpc":"2.0","id":01,"method":"agent/list"}',
    "a number with a plus": b'{"jsonrpc":"2.0","id":+1,"method":"agent/list"}',
    "a number beyond a double": b'{"jsonrpc":"2.0","id":1e999,"method":"agent/list"}',
    "a number of 100,000 digits": b'{"jsonrpc":"2.0","id":' + b"9" * 100000 + b',"method":"agent/list"}',
    "hexadecimal": b'{"jsonrpc":"2.0","id":0x10,"method":"agent/list"}',
    "a word": b"list", "half a word": b"tru", "an HTTP request": b"GET / HTTP/1.1",
    "a string without end": b'"' + b"a" * 1000, "a backslash at the end": b'"\\',
    "an escape that is none": b'{"jsonrpc":"2.0","id":1,"method":"\\x41"}',
    "an escape cut short": b'{"jsonrpc":"2.0","id":1,"method":"\\u12"}',
    "arrays 500,000 deep": b"[" * 500000, "arrays 400,000 deep and closed": b"[" * 400000 + b"]" * 400000,
    "objects 150,000 deep": b'{"a":' * 150000,
    "parameters 65 deep": b'{"jsonrpc":"2.0","id":1,"method":"agent/list","params":' + b'{"a":' * 64 + b"1" +
                          b"}" * 65,
}


@check()
def what_is_not_json(stage):
    """What is not JSON in UTF-8 is answered with parse_error and no id, and the connection goes on."""
    with stage.wire() as wire:
        for what, line in BROKEN.items():
            wire.write(line + b"\n")
            try:
                wire.orphan("parse_error")
                wire.call("agent/list")
            except Exception as problem:
                raise type(problem)(f"{what}: {problem}") from None if isinstance(problem, (Lost, TimeoutError)) \
                    else problem


@check()
def what_is_no_request(stage):
    """JSON that is no request is answered with invalid_request, with the id if there is one that can be read."""
    nameless = ["[]", "[%s]" % (LIST % 1).decode(), "[[]]", "1", "null", "true", '"agent/list"', "{}", "1.5e3",
                '{"jsonrpc":"2.0"}', '{"jsonrpc":"2.0","method":5}', '{"jsonrpc":"2.0","id":1.5,"method":"agent/list"}',
                '{"jsonrpc":"2.0","id":1e2,"method":"agent/list"}', '{"jsonrpc":"2.0","id":null,"method":"agent/list"}',
                '{"jsonrpc":"2.0","id":true,"method":"agent/list"}', '{"jsonrpc":"2.0","id":[1],"method":"agent/list"}',
                '{"jsonrpc":"2.0","id":{},"method":"agent/list"}',
                '{"jsonrpc":"2.0","id":9223372036854775808,"method":"agent/list"}',
                '{"jsonrpc":"2.0","id":"%s","method":"agent/list"}' % ("x" * 257)]
    named = ['{"id":%d,"method":"agent/list"}', '{"jsonrpc":"1.0","id":%d,"method":"agent/list"}',
             '{"jsonrpc":2.0,"id":%d,"method":"agent/list"}', '{"jsonrpc":"2.0","id":%d}',
             '{"jsonrpc":"2.0","id":%d,"method":null}', '{"jsonrpc":"2.0","id":%d,"method":["agent/list"]}',
             '{"jsonrpc":"2.0","id":%d,"method":"agent/list","agent":"x"}', '{"jsonrpc":"2.0","id":%d,"result":{}}',
             '{"jsonrpc":"2.0","id":%d,"method":"agent/list","method":"agent/list"}',
             '{"jsonrpc":"2.0","jsonrpc":"2.0","id":%d,"method":"agent/list"}',
             '{"jsonrpc":"2.0","id":%d,"method":"agent/list","params":{},"params":{}}']
    with stage.wire() as wire:
        for line in nameless:
            wire.write(line.encode() + b"\n")
            wire.orphan("invalid_request")
        for number, line in enumerate(named):
            wire.expect(number, "agent/list")
            wire.write((line % number).encode() + b"\n")
            wire.error(number, "invalid_request")
        # Of two ids the first one is taken for it: an answer with neither could be matched to nothing.
        wire.expect(100, "agent/list")
        wire.write(b'{"jsonrpc":"2.0","id":100,"id":101,"method":"agent/list"}\n')
        wire.error(100, "invalid_request")
        wire.call("agent/list")


@check()
def parameters_that_are_no_object(stage):
    """Parameters are an object: anything else is invalid_params, and a method without any may be asked without."""
    with stage.wire() as wire:
        for text in ("[]", "[1]", "null", "1", '"x"', "true"):
            wire.expect("p", "agent/list")
            wire.write(b'{"jsonrpc":"2.0","id":"p","method":"agent/list","params":%s}\n' % text.encode())
            equal(wire.error("p", "invalid_params")["data"]["path"], "", "data.path")
        for members in ({}, {"params": {}}):
            wire.expect("p", "agent/list")
            wire.write(json.dumps({"jsonrpc": "2.0", "id": "p", "method": "agent/list", **members}).encode() + b"\n")
            wire.answer("p")


@check()
def names_written_with_escapes(stage):
    """A name is what its escapes say, in members and in values, and one said in two ways is there twice."""
    with stage.wire() as wire:
        wire.expect("é/\n", "agent/list")
        wire.write(b'{"\\u006asonrpc":"2.0","id":"\\u00e9\\/\\n","method":"agent\\/list","params":{}}\n')
        wire.answer("é/\n")
        wire.expect(2, "agent/get")
        wire.write(b'{"jsonrpc":"2.0","id":2,"method":"agent/get","params":{"agent":"a","\\u0061gent":"b"}}\n')
        equal(wire.error(2, "invalid_params")["data"]["path"], "agent", "data.path")


@check()
def gone_in_the_middle(stage):
    """Clients that vanish in the middle of a request, or of an answer, are nobody's loss."""
    for _ in range(50):
        with stage.wire() as wire:
            wire.write((LIST % 1)[:25])
    for _ in range(20):
        with stage.wire() as wire:
            wire.write(b"".join(wire.form("events/list", {}) for _ in range(30)))
    with stage.wire() as wire:
        wire.call("agent/list")
