# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""An agent's output as a client was given it: pieces and gaps that have to join without a hole and without overlap."""
import base64


class Wrong(Exception):
    """A promise is broken. The text says which."""


class Pieces:
    """What was read of an agent's output, as it came: by offset, and each stream by itself."""

    def __init__(self):
        self.start, self.end = None, None
        self.streams = {}
        self.gaps = []

    def add(self, chunk):
        """A chunk of agent/logs, or the params of agent/output, asked for as base64."""
        data = base64.b64decode(chunk["dataBase64"])
        self._goes_on(chunk["offset"])
        self.streams.setdefault(chunk["stream"], []).append(data)
        self.end = chunk["offset"] + len(data)

    def gap(self, gap):
        """The params of agent/gap."""
        self._goes_on(gap["from"])
        if gap["to"] <= gap["from"]:
            raise Wrong(f"a gap from {gap['from']} to {gap['to']}")
        self.gaps.append((gap["from"], gap["to"]))
        self.end = gap["to"]

    def _goes_on(self, offset):
        if self.end is None:
            self.start = offset
        elif offset != self.end:
            raise Wrong(f"output goes on at {offset} where {self.end} was to come")

    def of(self, stream):
        return b"".join(self.streams.get(stream, []))

    @property
    def size(self):
        """Bytes that are there."""
        return sum(len(part) for parts in self.streams.values() for part in parts)

    def receive(self, connection):
        """Takes what a connection with this one subscription brings until that ends, and returns why it did."""
        while True:
            message = connection.next_streamed()
            if message["method"] == "agent/output":
                self.add(message["params"])
            elif message["method"] == "agent/gap":
                self.gap(message["params"])
            elif message["method"] == "subscription/ended":
                return message["params"]["reason"]

    @classmethod
    def stored(cls, call, agent):
        """What agent/logs has, from the oldest byte on. `call` is a connection's, or one like it."""
        pieces, since = cls(), 0
        while True:
            page = call("agent/logs", agent=agent, since=since, encoding="base64")
            for chunk in page["chunks"]:
                pieces.add(chunk)
            if page["next"] == since or page["next"] >= page["end"]:
                return pieces
            since = page["next"]
