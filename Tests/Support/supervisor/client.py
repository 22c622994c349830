# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""The control socket as it is: a line of JSON to the daemon, lines of JSON from it."""
import collections
import json
import socket


class Lost(Exception):
    """The connection is gone, as when the daemon was killed. Whether the last request was carried out is unknown."""


class Refused(Exception):
    """The daemon's answer is an error: `word` for a program, the text for a person."""

    def __init__(self, method, error):
        self.method, self.code, self.data = method, error["code"], error.get("data") or {}
        self.word, self.message = self.data.get("error", ""), error["message"]
        super().__init__(f"{method}: {self.message} ({self.word})")


class Connection:
    """One connection, for one thread. Requests are answered in turn; what comes unasked is kept in `streamed`."""

    def __init__(self, path, seconds=None):
        """`seconds` is how long the daemon may say nothing while something is waited for: one that hangs is a failure,
        not a test that never ends."""
        self._begin(socket.socket(socket.AF_UNIX), seconds)
        try:
            self.socket.connect(path)
        except OSError as problem:
            self.socket.close()
            raise Lost(f"cannot connect to {path}: {problem}") from None

    def _begin(self, connection, seconds):
        self.last, self.rest = 0, b""
        self.lines = collections.deque()
        self.streamed = collections.deque()
        self.socket = connection
        self.socket.settimeout(seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, method, **params):
        """Sends a request and returns its id, without waiting for the answer."""
        self.last += 1
        request = {"jsonrpc": "2.0", "id": self.last, "method": method, "params": params}
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
        except TimeoutError:
            raise
        except OSError as problem:
            raise Lost(f"{method} could not be sent: {problem}") from None
        return self.last

    def receive(self):
        """The next line, whatever it is."""
        while not self.lines:
            try:
                part = self.socket.recv(1 << 18)
            except TimeoutError:
                raise TimeoutError(
                    f"the daemon has said nothing for {self.socket.gettimeout():.0f} seconds") from None
            except OSError as problem:
                raise Lost(f"the connection broke: {problem}") from None
            if not part:
                raise Lost("the daemon has closed the connection")
            *lines, self.rest = (self.rest + part).split(b"\n")
            self.lines.extend(lines)
        return json.loads(self.lines.popleft())

    def answer(self, request, method=""):
        """The result that answers a request of this id."""
        while True:
            message = self.receive()
            if "method" in message:
                self.streamed.append(message)
            elif message["id"] == request or message["id"] is None:
                if "error" in message:
                    raise Refused(method, message["error"])
                return message["result"]

    def call(self, method, **params):
        return self.answer(self.send(method, **params), method)

    def next_streamed(self):
        """The next notification."""
        while not self.streamed:
            message = self.receive()
            if "method" in message:
                self.streamed.append(message)
        return self.streamed.popleft()

    def agents(self, **params):
        """All agents, however many answers that takes."""
        found, page = [], self.call("agent/list", **params)
        while True:
            found += page["agents"]
            if not page.get("next"):
                return found
            page = self.call("agent/list", **params, after=page["next"])
