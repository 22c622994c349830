# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Parameters: what a method does not know, what is there twice, of another type or out of range is named and refused."""
import json

from .checks import check, equal, require
from .wire import ledger

# Values that a member of a kind cannot have.
KINDS = {
    "reference": [None, 5, True, [], {}, "", "a b", "-a", "é", "a/b", "x" * 65, "a\u0000"],
    "name": [5, True, [], {}, "", "a b", ".a", "x" * 65, "01JDABCDEFGHJKMNPQRSTVWXYZ"],
    "id": [5, True, [], {}, "", "01JDABC", "81JDABCDEFGHJKMNPQRSTVWXYZ", "01JDABCDEFGHJKMNPQRSTVWXYU"],
    "text": [5, 1.5, True, [], {}],
    "texts": [5, True, "a", {}, [5], ["a", None], [["a"]]],
    "boolean": [0, 1, "true", [], {}],
    "count": [-1, 1.5, "1", True, [], {}, 2**63, 1e300],
    "positive": [0, -1, 1.5, "1", True, [], {}, 2**63],
    "duration": [5, 1.5, True, [], {}, "", "5", "s", "-5s", "+5s", "5 s", "1.5s", "5w", "9999999999999999999s", "4000d",
                 "٥s"],
    "bytes": [-1, 1.5, True, [], {}, "", "M", "-1", "1.5G", "5P", "5 M", "99999999999999999999", "9999999999T"],
    "number": ["1", True, [], {}],
    "dimension": [0, -1, 1.5, 65536, "80", True, [], {}, 2**63],
    "mapping": [5, True, "a", [], {"a": 5}, {"a": None}, {"a": {}}],
    "object": [5, True, "a", []],
    "states": [5, True, "running", {}, [5], ["dead"], ["Running"]],
    "signal": [None, 2, True, [], {}, "", "INT ", "sigint", "SIGNOT", "SIG0", "SIG65", "SIGRTMIN+31", "RTMIN+-1"],
    "keys": [5, True, "enter", {}, ["nokey"], [""], [5], ["ctrl-"], ["ctrl-aa"], ["alt-"], ["alt-alt-a"], ["Enter"]],
    "base64": [5, True, [], {}, "*", "a", "YQ", "YQ=", "YQ==\n", "Y Q=="],
    "since": [-1, 1.5, True, [], {}, "then", "Now", "", 2**63],
    "position": [-1, 1.5, True, [], {}, "now", "", "2026-13-01T00:00:00Z", "2026-11-20", "2026-11-20T19:21:05",
                 "9999-12-31T23:59:59Z", "2026-02-29T00:00:00Z", "2026-11-20T19:21:05.0000000001Z", 2**63],
    "encoding": [5, True, [], {}, "utf-8", "Text", ""],
    "parts": [5, True, "policy", {}, ["all"], [5]],
    "versions": [None, 5, "1", {}, ["1"], [1.5], [None]],
    "identity": [None, 1.5, True, [], {}, "x" * 257, 2**63],
    "policy": [5, True, [], {}, "sometimes", ""],
    "sizes": [5, True, [], {}, "smallest", "Writer", ""],
    "configuration": [None, 5, True, [], {}, "", "a b", "A", ".a", "-a", "../a", "a/b", "é", "x" * 65, "a\u0000"],
    "subscription": [None, 5, True, [], {}],
}
# `!` is one that has to be there. What stands below a dot is a member's member.
AGENT = {"agent": "!reference"}
SIZE = {"size": "object", "size.columns": "!dimension", "size.rows": "!dimension"}
PARAMS = {
    "initialize": {"protocolVersions": "!versions", "client": "!object", "client.name": "!text",
                   "client.version": "!text"},
    "agent/start": {
        "launcher": "text", "command": "texts", "arguments": "texts", "prompt": "text", "name": "name",
        "profile": "text", "workspace": "text", "env": "mapping", "tty": "boolean", **SIZE, "sizePolicy": "sizes", "labels": "mapping", "limits": "object",
        "limits.memory": "bytes", "limits.swap": "bytes", "limits.cpu": "number", "limits.pids": "positive",
        "limits.files": "positive", "limits.tmp": "bytes", "network": "object", "network.allow": "!texts",
        "restart": "object", "restart.policy": "policy", "restart.initial": "duration", "restart.max": "duration",
        "restart.factor": "number", "restart.jitter": "number", "restart.limit": "count",
        "restart.window": "duration", "restart.resetAfter": "duration", "timeouts": "object",
        "timeouts.wall": "duration", "timeouts.idle": "duration", "timeouts.start": "duration",
        "timeouts.grace": "duration", "resume": "text", "requestKey": "text"},
    "agent/list": {"states": "states", "labels": "mapping", "all": "boolean", "after": "id", "limit": "positive"},
    "agent/get": {**AGENT, "include": "parts"},
    "agent/input": {**AGENT, "data": "text", "dataBase64": "base64", "keys": "keys", "eof": "boolean",
                    "takeOver": "boolean"},
    "agent/resize": {**AGENT, "columns": "!dimension", "rows": "!dimension"},
    "agent/signal": {**AGENT, "signal": "!signal"},
    "agent/stop": {**AGENT, "grace": "duration"},
    "agent/kill": AGENT, "agent/restart": AGENT, "agent/pause": AGENT, "agent/resume": AGENT, "agent/usage": AGENT,
    "agent/wait": {**AGENT, "timeout": "duration"},
    "agent/remove": {**AGENT, "force": "boolean"},
    "agent/logs": {**AGENT, "since": "position", "until": "position", "tail": "object", "tail.bytes": "count",
                   "tail.lines": "count", "limit": "positive", "encoding": "encoding"},
    "agent/attach": {**AGENT, "since": "since", "encoding": "encoding", "write": "boolean", "takeOver": "boolean",
                     **SIZE},
    "agent/detach": {"subscription": "!subscription"},
    "agent/changes": {**AGENT, "paths": "texts", "diff": "boolean", "offset": "count", "diffOffset": "count"},
    "agent/apply": {**AGENT, "paths": "texts", "includeProtected": "boolean"},
    "agent/discard": {**AGENT, "paths": "texts"},
    "events/list": {"since": "count", "limit": "positive", "agent": "reference"},
    "events/subscribe": {"since": "count", "agents": "texts", "types": "texts"},
    "agent/screen": {**AGENT, "row": "count"},
    "agent/viewport": {"subscription": "!subscription", **SIZE, "size": "!object"},
    "profile/list": {}, "profile/get": {"profile": "!configuration"},
    "profile/check": {"profile": "!configuration", "text": "text"}, "launcher/list": {},
    "supervisor/status": {}, "supervisor/reload": {}, "supervisor/doctor": {}, "supervisor/metrics": {},
    "rpc.discover": {},
    "supervisor/drain": {"enabled": "boolean", "wait": "boolean"},
    "rpc.cancel": {"id": "!identity"},
}
# Parameters with all that has to be there. No agent is called so: what is refused too late is agent_not_found.
SOUND = {
    "initialize": {"protocolVersions": [1], "client": {"name": "x", "version": "1"}},
    "agent/start": {"profile": "no-such-profile", "command": ["/bin/true"]},
    "agent/resize": {"agent": "nobody", "columns": 80, "rows": 24},
    "agent/signal": {"agent": "nobody", "signal": "SIGINT"},
    "agent/input": {"agent": "nobody", "data": "x"},
    "agent/detach": {"subscription": "s1"},
    "agent/viewport": {"subscription": "s1", "size": {"columns": 80, "rows": 24}},
    "profile/get": {"profile": "shell"}, "profile/check": {"profile": "shell"},
    "rpc.cancel": {"id": 1},
}
# What a member needs beside it.
BESIDE = {
    ("agent/start", "arguments"): {"command": None, "launcher": "command"},
    ("agent/input", "keys"): {"data": None}, ("agent/input", "dataBase64"): {"data": None},
    ("agent/start", "size"): {"size": {"columns": 80, "rows": 24}},
    ("agent/attach", "size"): {"size": {"columns": 80, "rows": 24}},
    ("initialize", "client"): {"client": {"name": "x", "version": "1"}},
    ("agent/start", "network"): {"network": {"allow": []}},
}


def sound(method, member=None):
    params = dict(SOUND.get(method, {"agent": "nobody"} if "agent" in PARAMS[method] and
                            PARAMS[method]["agent"].startswith("!") else {}))
    for name, value in BESIDE.get((method, (member or "").split(".")[0]), {}).items():
        params.pop(name, None)
        if value is not None:
            params[name] = value
    return params


def with_member(method, member, value):
    params = sound(method, member)
    outer, _, inner = member.partition(".")
    if inner:
        params[outer] = {**params.get(outer, {}), inner: value}
    else:
        params[outer] = value
    return params


def refused_at(wire, method, params, member):
    """Returns whether it was refused as it has to be, naming the member or a part of it."""
    try:
        error = wire.error(wire.ask(method, **params), "invalid_params")
    except Exception as problem:
        raise type(problem)(f"{method} with {json.dumps(params)[:200]}: {problem}") if len(problem.args) == 1 \
            else problem
    path = error["data"]["path"]
    require(path == member or path.startswith((member + ".", member + "[")),
            f"{method} with {json.dumps(params)[:200]} is refused because of {path!r} instead of {member}")
    require(path.split(".")[-1].split("[")[0] in error["message"],
            f"{method}: the sentence does not name {path}: {error['message'][:200]}")


@check()
def unknown_members(stage):
    """A member that a method does not know is invalid_params and named, at every level."""
    with stage.wire() as wire:
        for method, members in PARAMS.items():
            for unknown in ("unknown", "Agent", "agent ", "é"):
                refused_at(wire, method, {**sound(method), unknown: 1}, unknown)
            for outer in {member.split(".")[0] for member in members if "." in member}:
                value = sound(method, outer).get(outer, {})
                refused_at(wire, method, {**sound(method, outer), outer: {**value, "unknown": None}},
                           f"{outer}.unknown")
            ledger.note("strict", method)


@check()
def repeated_members(stage):
    """A member that is there twice is invalid_params and named, for every member of every method, and deeper."""
    with stage.wire() as wire:
        for method, members in PARAMS.items():
            for member in members:
                outer, _, inner = member.partition(".")
                one = f'"{inner}":1,"{inner}":1' if inner else None
                body = f'"{outer}":{{{one}}}' if inner else f'"{outer}":1,"{outer}":1'
                wire.expect("twice", method)
                wire.write(f'{{"jsonrpc":"2.0","id":"twice","method":"{method}","params":{{{body}}}}}\n'.encode())
                equal(wire.error("twice", "invalid_params")["data"]["path"], member, f"{method}: data.path")


@check()
def missing_members(stage):
    """A member that has to be there and is not is invalid_params and named."""
    with stage.wire() as wire:
        for method, members in PARAMS.items():
            for member, kind in members.items():
                outer, _, inner = member.partition(".")
                if not kind.startswith("!"):
                    continue
                params = sound(method, member)
                if inner:
                    params[outer] = {key: value for key, value in params.get(outer, {}).items() if key != inner}
                else:
                    del params[outer]
                refused_at(wire, method, params, member)


@check()
def wrong_types_and_ranges(stage):
    """A value of the wrong type, form or range is invalid_params and named: every member of every method, with every
    kind of value that it cannot have."""
    with stage.wire() as wire:
        for method, members in PARAMS.items():
            for member, kind in members.items():
                for value in KINDS[kind.lstrip("!")]:
                    if value is None and not kind.startswith("!"):
                        continue
                    refused_at(wire, method, with_member(method, member, value), member)


LONG = "x" * 300
REFUSED = [
    ("agent/start", {}, "launcher"),
    ("agent/start", {"command": []}, "command"),
    ("agent/start", {"command": [""]}, "command"),
    ("agent/start", {"command": ["a\0b"]}, "command"),
    ("agent/start", {"command": ["a"], "arguments": ["b"]}, "arguments"),
    ("agent/start", {"launcher": "../x"}, "launcher"),
    ("agent/start", {"launcher": ""}, "launcher"),
    ("agent/start", {"command": ["a"], "profile": "../x"}, "profile"),
    ("agent/start", {"command": ["a"], "profile": ""}, "profile"),
    ("agent/start", {"command": ["a"], "workspace": "x"}, "workspace"),
    ("agent/start", {"command": ["a"], "workspace": ""}, "workspace"),
    ("agent/start", {"command": ["a"], "workspace": "/a\0"}, "workspace"),
    ("agent/start", {"command": ["a"], "requestKey": ""}, "requestKey"),
    ("agent/start", {"command": ["a"], "requestKey": "x" * 129}, "requestKey"),
    ("agent/start", {"command": ["a"], "env": {"": "x"}}, "env"),
    ("agent/start", {"command": ["a"], "env": {"A=B": "x"}}, "env.A=B"),
    ("agent/start", {"command": ["a"], "env": {"A": "x\0"}}, "env.A"),
    ("agent/start", {"command": ["a"], "labels": {"a b": "x"}}, "labels.a b"),
    ("agent/start", {"command": ["a"], "labels": {"a": "x" * 257}}, "labels.a"),
    ("agent/start", {"command": ["a"], "labels": {f"l{n}": "" for n in range(33)}}, "labels"),
    ("agent/start", {"command": ["a"], "limits": {"cpu": 0}}, "limits.cpu"),
    ("agent/start", {"command": ["a"], "limits": {"cpu": -1}}, "limits.cpu"),
    ("agent/start", {"command": ["a"], "restart": {"factor": 0.5}}, "restart.factor"),
    ("agent/start", {"command": ["a"], "restart": {"factor": 11}}, "restart.factor"),
    ("agent/start", {"command": ["a"], "restart": {"jitter": 1.5}}, "restart.jitter"),
    ("agent/start", {"command": ["a"], "restart": {"jitter": -1}}, "restart.jitter"),
    ("agent/start", {"command": ["a"], "restart": {"limit": 101}}, "restart.limit"),
    ("agent/start", {"command": ["a"], "restart": {"initial": "0s"}}, "restart.initial"),
    ("agent/start", {"command": ["a"], "restart": {"max": "0s"}}, "restart.max"),
    ("agent/input", {"agent": "nobody"}, "data"),
    ("agent/input", {"agent": "nobody", "eof": False}, "data"),
    ("agent/input", {"agent": "nobody", "data": "a", "keys": ["enter"]}, "data"),
    ("agent/input", {"agent": "nobody", "data": "a", "dataBase64": "YQ=="}, "data"),
    ("agent/input", {"agent": "nobody", "dataBase64": "", "keys": []}, "data"),
    ("agent/logs", {"agent": "nobody", "tail": {}}, "tail"),
    ("agent/logs", {"agent": "nobody", "tail": {"lines": 1, "bytes": 1}}, "tail"),
    ("agent/logs", {"agent": "nobody", "since": 0, "tail": {"lines": 1}}, "tail"),
    ("agent/changes", {"agent": "nobody", "paths": []}, "paths"),
    *[(f"agent/{method}", {"agent": "nobody", "paths": [path]}, "paths")
      for method in ("changes", "apply", "discard") for path in ("", "/etc", "..", "a/../b", "../a", "a/..", "a\0b")],
    ("agent/attach", {"agent": "nobody", "takeOver": True}, "takeOver"),
    ("agent/attach", {"agent": "nobody", "write": False, "takeOver": True}, "takeOver"),
    ("agent/viewport", {"subscription": "s999", "size": {"columns": 80, "rows": 24}}, "subscription"),
    ("agent/detach", {"subscription": "s999"}, "subscription"),
    ("agent/detach", {"subscription": ""}, "subscription"),
    ("events/subscribe", {"since": 2**63 - 1}, "since"),
    ("events/subscribe", {"agents": [""]}, "agents[0]"),
    ("events/subscribe", {"agents": ["nobody"] * 1001}, "agents"),
    ("events/subscribe", {"types": ["agent.exited"] * 65}, "types"),
]


@check()
def what_types_cannot_say(stage):
    """What is of the right type and makes no sense is invalid_params and named, too."""
    with stage.wire() as wire:
        for method, params, member in REFUSED:
            refused_at(wire, method, params, member)


@check()
def extremes_are_answered(stage):
    """The largest and the oddest values that are allowed are answered, with a result or a refusal."""
    most = 2**63 - 1
    with stage.wire() as wire:
        agent = stage.ended(wire, "printf 'one\\ntwo\\n'")["id"]
        for method, params in [
            ("agent/logs", {"since": most}), ("agent/logs", {"until": most}), ("agent/logs", {"limit": most}),
            ("agent/logs", {"since": most, "until": 0}), ("agent/logs", {"since": 0, "until": 0}),
            ("agent/logs", {"tail": {"bytes": most}}),
            ("agent/logs", {"tail": {"bytes": 0}}), ("agent/logs", {"tail": {"lines": 0}}),
            ("agent/logs", {"since": "1677-09-22T00:00:00Z"}), ("agent/logs", {"since": "2262-04-11T00:00:00Z"}),
            ("agent/logs", {"until": "1970-01-01T00:00:00-23:59"}),
            ("agent/wait", {"timeout": "3650d"}), ("agent/wait", {"timeout": "0s"}), ("agent/stop", {"grace": "3650d"}),
        ]:
            wire.call(method, agent=agent, **params)
        wire.refused("invalid_params", "agent/attach", agent=agent, since=most)
        wire.call("events/list", since=most)
        wire.call("events/list", limit=most)
        wire.call("agent/list", limit=most)
        equal(wire.call("agent/list", after="7ZZZZZZZZZZZZZZZZZZZZZZZZZ")["agents"], [], "what is listed after the last id")
        for narrow in ({"limits": {"memory": most}}, {"limits": {"tmp": most}}, {"limits": {"pids": most}},
                       {"limits": {"cpu": 1e308}}, {"limits": {"cpu": 5e-324}}, {"limits": {"files": most}},
                       {"limits": {"memory": 0}}, {"limits": {"swap": "8388607T"}},
                       {"timeouts": {"wall": "3650d", "idle": "3650d", "start": "3650d", "grace": "3650d"}},
                       {"timeouts": {"wall": "1ms"}}, {"timeouts": {"grace": "0s"}},
                       {"restart": {"initial": "3650d", "max": "3650d", "factor": 10, "window": "3650d"}},
                       {"size": {"columns": 65535, "rows": 65535}, "tty": True}):
            message = wire.message(stage.ask_start(wire, "exit 0", **narrow))
            if "result" in message:
                wire.call("agent/remove", agent=message["result"]["id"], force=True)


@check()
def null_is_absent(stage):
    """A member that need not be there may be null."""
    with stage.wire() as wire:
        wire.call("agent/list", states=None, labels=None, all=None, after=None, limit=None)
        wire.call("events/list", since=None, limit=None, agent=None)
