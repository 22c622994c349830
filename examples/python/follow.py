#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Starts an agent, shows its output as it comes, answers what it asks, and ends as it ends.

    follow.py [--socket PATH] [--answer TEXT] COMMAND [ARGUMENT ...]

The daemon may be restarted meanwhile, even killed: the agent runs on, and this goes on at the byte where it was.
"""
import argparse
import base64
import collections
import json
import os
import signal
import socket
import sys
import time
import uuid

# What stands at the end of an agent's output when it waits for a yes.
QUESTION = b"[y/N] "


class Refused(Exception):
    """The daemon's answer is an error. Its text is for people; `word`, such as `agent_not_found`, for programs."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.word = error["data"]["error"]


class Supervisor:
    """A connection: a line of JSON for each request, a line for each answer, and lines for what was subscribed to."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rb")
        self.last = 0
        self.waiting = collections.deque()

    def close(self):
        self.socket.close()

    def receive(self):
        line = self.lines.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError("the daemon has closed the connection")
        return json.loads(line)

    def call(self, method, **params):
        """Sends a request and returns its result. Notifications that come in between are kept."""
        self.last += 1
        request = {"jsonrpc": "2.0", "id": self.last, "method": method, "params": params}
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            message = self.receive()
            if "method" in message:
                self.waiting.append(message)
            elif "error" in message:
                raise Refused(message["error"])
            elif message["id"] == self.last:
                return message["result"]

    def notification(self):
        """The next one, as its method and its params."""
        message = self.waiting.popleft() if self.waiting else self.receive()
        return message["method"], message["params"]


class Follower:
    def __init__(self, command, answer):
        self.command, self.answer = command, answer
        # A start whose answer was lost can be sent again: the same key again means the same agent.
        self.key = str(uuid.uuid4())
        self.agent = None
        # How far the output has been shown, in bytes since the agent's first, and how it looked at its end.
        self.offset, self.tail = 0, b""

    def follow(self, supervisor):
        """Follows the agent to its end, and returns the agent."""
        if self.agent is None:
            started = supervisor.call("agent/start", command=self.command, workspace=os.getcwd(), requestKey=self.key)
            self.agent = started["id"]
        supervisor.call("agent/attach", agent=self.agent, since=self.offset, encoding="base64")
        # It may have asked before the connection broke. Had it got the answer, the terminal's echo of it would follow.
        if supervisor.call("agent/get", agent=self.agent)["output"]["end"] == self.offset:
            self.answer_if_asked(supervisor)
        while True:
            method, params = supervisor.notification()
            if method == "agent/output":
                self.show(base64.b64decode(params["dataBase64"]))
                self.answer_if_asked(supervisor)
            elif method == "agent/gap":
                print(f"[{params['to'] - params['from']} bytes are no longer stored]", file=sys.stderr)
                self.offset = params["to"]
            elif method == "subscription/ended" and params["reason"] == "shutdown":
                raise ConnectionError("the daemon ends")
            elif method == "subscription/ended":
                return supervisor.call("agent/wait", agent=self.agent)

    def show(self, data):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        self.offset += len(data)
        self.tail = (self.tail + data)[-len(QUESTION):]

    def answer_if_asked(self, supervisor):
        if self.tail == QUESTION:
            supervisor.call("agent/input", agent=self.agent, data=self.answer + "\r")


def main():
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
    default = os.environ.get("AGENT_SUPERVISOR_SOCKET", f"{runtime}/agent-supervisor/control.sock")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--socket", default=default)
    parser.add_argument("--answer", default="y")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    follower = Follower(options.command, options.answer)
    while True:
        supervisor = None
        try:
            supervisor = Supervisor(options.socket)
            end = follower.follow(supervisor)["exit"]
            break
        except Refused as refusal:
            sys.exit(f"follow: {refusal} ({refusal.word})")
        except OSError as problem:
            print(f"[{problem}; trying again]", file=sys.stderr)
            time.sleep(0.5)
        finally:
            if supervisor:
                supervisor.close()
    # As a shell would show it.
    sys.exit(end["code"] if end["code"] is not None else 128 + signal.Signals[end["signal"] or "SIGKILL"])


main()
