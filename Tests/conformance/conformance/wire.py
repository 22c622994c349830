# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""The socket, byte for byte: whatever is to be written, and every line that comes, looked at before anybody uses it."""
import collections
import json
import socket
import struct
import threading
import time

from supervisor.client import Lost, Refused
from supervisor.pieces import Wrong

from . import messages

MOST_LINE = 256 * 1024
MOST_REQUEST = 1024 * 1024


class Ledger:
    """What has been shown so far, by whichever check."""

    def __init__(self):
        self.lock = threading.Lock()
        self.answered, self.refused, self.strict, self.failed = set(), set(), set(), set()

    def note(self, kind, word):
        with self.lock:
            getattr(self, kind).add(word)


ledger = Ledger()


def reject_repeated(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is there twice")
    return found


def parse(line):
    """A line from the daemon as a value, if it is what every line has to be."""
    if len(line) > MOST_LINE:
        raise Wrong(f"the daemon sent a line of {len(line)} bytes, more than {MOST_LINE}: {line[:100]!r} …")
    try:
        message = json.loads(line.decode("utf-8"), object_pairs_hook=reject_repeated)
    except ValueError as problem:
        raise Wrong(f"the daemon sent a line that is not JSON ({problem}): {line[:100]!r}") from None
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise Wrong(f"the daemon sent something else than a JSON-RPC 2.0 object: {line[:100]!r}")
    return message


class Wire:
    """One connection, for one thread."""

    def __init__(self, path, seconds=60):
        """`seconds` is how long the daemon may say nothing while something is waited for."""
        self.last, self.asked = 0, {}
        self.lines, self.rest = collections.deque(), b""
        self.answers, self.streamed = {}, collections.deque()
        # What answers nothing that could be read.
        self.orphans = collections.deque()
        self.socket = socket.socket(socket.AF_UNIX)
        # Where more clients come than the kernel keeps for the daemon to accept, a connect that may not block fails at
        # once; this one waits.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", seconds, 0))
        try:
            self.socket.connect(path)
        except OSError as problem:
            self.socket.close()
            raise Lost(f"cannot connect to {path}: {problem}") from None
        self.socket.settimeout(seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def write(self, data):
        try:
            self.socket.sendall(data)
        except TimeoutError:
            raise TimeoutError("the daemon does not read") from None
        except OSError as problem:
            raise Lost(f"cannot write: {problem}") from None

    def finish(self):
        """Says no more, and goes on listening."""
        self.socket.shutdown(socket.SHUT_WR)

    def line(self, most=1 << 18):
        """The next line as it is, without its end; None once the daemon has closed the connection. No more than `most`
        bytes are read at a time."""
        while not self.lines:
            try:
                part = self.socket.recv(most)
            except TimeoutError:
                raise TimeoutError(f"the daemon has said nothing for {self.socket.gettimeout():.0f} seconds") from None
            except OSError as problem:
                raise Lost(f"the connection broke: {problem}") from None
            if not part:
                if self.rest:
                    raise Wrong(f"the daemon closed the connection in the middle of a line: {self.rest[:100]!r}")
                return None
            *lines, self.rest = (self.rest + part).split(b"\n")
            self.lines.extend(lines)
        return self.lines.popleft()

    def receive(self):
        """The next message, held against its shape and put where it belongs; None at the end."""
        line = self.line()
        if line is None:
            return None
        message = parse(line)
        if "method" in message:
            messages.record(jsonrpc=messages.text, method=messages.text, params=messages.anything)(message)
            method = message["method"]
            if method not in messages.NOTIFICATIONS:
                raise Wrong(f"a notification {method} that Tests/conformance does not know")
            messages.NOTIFICATIONS[method](message["params"], method)
            if method == "agent/output":
                messages.check_chunk(message["params"])
            self.streamed.append(message)
            return message
        if set(message) not in ({"jsonrpc", "id", "result"}, {"jsonrpc", "id", "error"}):
            raise Wrong(f"an answer with the members {', '.join(sorted(message))}")
        word = None
        if "error" in message:
            word = messages.check_error(message["error"])
            ledger.note("refused", word)
        if message["id"] is None:
            self.orphans.append(message)
            return message
        methods = self.asked.get(self._key(message["id"]))
        if not methods:
            raise Wrong(f"an answer to {message['id']!r}, which nobody asks or which is answered already")
        method = methods.popleft()
        if word:
            ledger.note("failed", (method, word))
        if "result" in message:
            if method not in messages.RESULTS:
                raise Wrong(f"method {method} has no conformance check: its result's shape is to stand in "
                            "Tests/conformance/conformance/messages.py")
            messages.RESULTS[method](message["result"], method)
            for chunk in message["result"]["chunks"] if method == "agent/logs" else []:
                messages.check_chunk(chunk)
            ledger.note("answered", method)
        message["method"] = method
        self.answers.setdefault(self._key(message["id"]), collections.deque()).append(message)
        return message

    @staticmethod
    def _key(identity):
        """1 and "1" are two ids."""
        return type(identity).__name__, identity

    def expect(self, identity, method):
        """An answer to this id is to come, to a request that was written as bytes."""
        self.asked.setdefault(self._key(identity), collections.deque()).append(method)

    def form(self, method, params=None, identity=None):
        """The bytes of a request that is to be answered, with a new id if none is given."""
        if identity is None:
            self.last += 1
            identity = self.last
        self.expect(identity, method)
        request = {"jsonrpc": "2.0", "id": identity, "method": method}
        if params is not None:
            request["params"] = params
        return json.dumps(request, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"

    def ask(self, method, **params):
        """Sends a request and returns its id."""
        self.write(self.form(method, params))
        return self.last

    def message(self, identity):
        """The answer to an id, whichever it is."""
        key = self._key(identity)
        while not self.answers.get(key):
            if self.receive() is None:
                raise Lost(f"the daemon closed the connection and has not answered {identity!r}")
        return self.answers[key].popleft()

    def answer(self, identity):
        """The result."""
        message = self.message(identity)
        if "error" in message:
            raise Refused(message["method"], message["error"])
        return message["result"]

    def call(self, method, **params):
        return self.answer(self.ask(method, **params))

    def error(self, identity, word):
        """The error, which has to have this word."""
        message = self.message(identity)
        if "error" not in message:
            raise Wrong(f"{message['method']} is answered with a result where {word} was to come: "
                        f"{str(message['result'])[:120]}")
        error = message["error"]
        if error["data"]["error"] != word:
            raise Wrong(f"{message['method']} is refused with {error['data']['error']} where {word} was to come: "
                        f"{error['message'][:200]}")
        return error

    def refused(self, word, method, **params):
        return self.error(self.ask(method, **params), word)

    def either(self, identity):
        """The answer to an id, or an error that answers none, as to a line that is no JSON: whichever comes."""
        key = self._key(identity)
        while not self.answers.get(key) and not self.orphans:
            if self.receive() is None:
                raise Lost(f"the daemon closed the connection and has not answered {identity!r}")
        if self.answers.get(key):
            return self.answers[key].popleft()
        self.asked[key].clear()
        return self.orphans.popleft()

    def orphan(self, word):
        """An error that answers no id."""
        while not self.orphans:
            if self.receive() is None:
                raise Lost(f"the daemon closed the connection without {word}")
        error = self.orphans.popleft()["error"]
        if error["data"]["error"] != word:
            raise Wrong(f"{error['data']['error']} came where {word} was to come: {error['message'][:200]}")
        return error

    def note(self):
        """The next notification."""
        while not self.streamed:
            if self.receive() is None:
                raise Lost("the daemon closed the connection")
        return self.streamed.popleft()

    def is_ended(self):
        """Reads on to the end of the connection: nothing else may come."""
        if (message := self.receive()) is not None:
            raise Wrong(f"after the end came {str(message)[:200]}")
        return True

    def quiet(self, seconds=0.2):
        """Whether nothing comes for a moment."""
        deadline = time.monotonic() + seconds
        before = self.socket.gettimeout()
        try:
            while (left := deadline - time.monotonic()) > 0:
                self.socket.settimeout(left)
                if self.receive() is not None:
                    return False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(before)
        return True
