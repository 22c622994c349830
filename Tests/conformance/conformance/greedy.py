# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""A client that asks for all it can get, as a program of its own, so that it takes no time from who measures.

    greedy.py SOCKET logs|attach AGENT
"""
import json
import re
import socket
import sys

DEPTH = 48


def asked(number, agent):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": "agent/logs", "params": {
        "agent": agent, "since": number * 131071 % (48 << 20), "encoding": "base64"}}).encode() + b"\n"


def main():
    path, kind, agent = sys.argv[1:]
    one = socket.socket(socket.AF_UNIX)
    one.connect(path)
    attach = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "agent/attach",
                         "params": {"agent": agent, "since": 0, "encoding": "base64"}}).encode() + b"\n"
    number = DEPTH
    one.sendall(attach if kind == "attach" else b"".join(asked(each, agent) for each in range(DEPTH)))
    print("begun", flush=True)
    while part := one.recv(1 << 20):
        if kind == "attach":
            for _ in re.findall(rb"subscription/ended", part):
                one.sendall(attach)
            continue
        for _ in range(part.count(b"\n")):
            number += 1
            one.sendall(asked(number, agent))


main()
