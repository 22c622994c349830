# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""The daemon itself: who it is, how it is, its configuration, its end."""
import os
import re

from .checks import check, equal, eventually, only_wire, require


@check()
def who_is_who(stage):
    """initialize agrees on a version, says who the client is by the kernel's word, and names every method once; without
    a common version it is unsupported_here."""
    with stage.wire() as wire:
        client = {"name": "conformance", "version": "1"}
        result = wire.call("initialize", protocolVersions=[99, 1], client=client)
        peer = result["peer"]
        equal((peer["uid"], peer["gid"], peer["role"]), (os.getuid(), os.getgid(), "admin"), "the peer")
        methods = result["capabilities"]["methods"]
        equal(len(set(methods)), len(methods), "how many methods there are")
        for versions in ([], [2], [-1, 0]):
            error = wire.refused("unsupported_here", "initialize", protocolVersions=versions, client=client)
            equal(error["data"]["feature"], "protocolVersions", "data.feature")
        # It is optional, and may come late or twice.
        wire.call("initialize", protocolVersions=[1], client=client)


@check()
def every_method_answers(stage):
    """Every method that initialize names is there."""
    with stage.wire() as wire:
        methods = wire.call("initialize", protocolVersions=[1], client={"name": "x", "version": "1"})
        for method in methods["capabilities"]["methods"]:
            wire.refused("invalid_params", method, thereIsNoSuchParameter=1)


@check(config="")
def status(stage):
    """supervisor/status says which daemon this is and what it has."""
    with stage.wire() as wire, stage.wire() as other:
        other.call("supervisor/status")
        stage.start(wire)
        stage.ended(wire)
        result = wire.call("supervisor/status")
        equal((result["pid"], result["socket"], result["stateDirectory"], result["mode"], result["connections"],
               result["agents"]),
              (stage.daemon.pid, stage.scratch.socket, stage.scratch.state, "user", 2, {"running": 1, "exited": 1}),
              "the status")
        require(result["resources"]["memory"] > 1 << 20, f"the daemon's memory is {result['resources']}")
        require(result["retained"]["agents"] == 1, f"what is retained is {result['retained']}")
        before = result["seq"]
        stage.ended(wire)
        require(wire.call("supervisor/status")["seq"] > before, "seq does not grow")


SAMPLE = re.compile(r'([a-z_]+)(\{[a-z]+="[^"\\]*"(?:,[a-z]+="[^"\\]*")*\})? (\S+)')


def figures(wire):
    """The samples of supervisor/metrics by name and labels; each has to be of a family that was declared before."""
    *lines, last, end = wire.call("supervisor/metrics")["text"].split("\n")
    equal((last, end), ("# EOF", ""), "the last line")
    found, family, kind, families = {}, None, None, set()
    for line in lines:
        if line.startswith("#"):
            _, what, name, text = line.split(" ", 3)
            if what == "TYPE":
                require(name not in families, f"{name} is there twice")
                families.add(name)
                family, kind = name, text
            equal(name, family, f"whose {what} it is")
            continue
        match = SAMPLE.fullmatch(line)
        require(match, f"no sample of OpenMetrics: {line}")
        suffixes = {"counter": ("_total",), "info": ("_info",), "histogram": ("_bucket", "_count", "_sum")}.get(kind, ("",))
        require(match[1] in [family + suffix for suffix in suffixes], f"a {kind} {family} has {match[1]}")
        key = match[1] + (match[2] or "")
        require(key not in found, f"{key} is there twice")
        found[key] = float(match[3])
    return found


@check(config="")
def metrics(stage):
    """supervisor/metrics answers text of OpenMetrics whose numbers are those of what happened."""
    with only_wire(stage) as wire:
        before = figures(wire)
        stage.start(wire)
        stage.ended(wire, "kill -KILL $$")
        wire.refused("agent_not_found", "agent/get", agent="nobody")
        wire.refused("method_not_found", "no/such")
        after = figures(wire)
        for key, more in (("agents{state=\"running\"}", 1), ("agents{state=\"exited\"}", 1), ("agents_created_total", 2),
                          ("starts_total", 2), ("exits_total{reason=\"signaled\"}", 1), ("connections", 0),
                          ("requests_total{method=\"agent/start\",outcome=\"ok\"}", 2),
                          ("requests_total{method=\"agent/get\",outcome=\"agent_not_found\"}", 1),
                          ("requests_total{method=\"unknown\",outcome=\"method_not_found\"}", 1),
                          ("request_duration_seconds_count{method=\"agent/wait\"}", 1), ("retained_agents", 1)):
            key = "agent_supervisor_" + key
            equal(after.get(key, 0) - before.get(key, 0), more, f"by how much {key} has grown")
        require(after["process_open_fds"] > 3 and after["process_resident_memory_bytes"] > 1 << 20, "its own process")


@check()
def doctor(stage):
    """supervisor/doctor finds what agents need, as it must where agents run, and says each thing once."""
    with stage.wire(120) as wire:
        checks = wire.call("supervisor/doctor")["checks"]
        names = [one["name"] for one in checks]
        equal(len(set(names)), len(names), "how many checks there are")
        require({"kernel", "user-namespaces", "seccomp"} <= set(names), f"the checks are {names}")
        problems = [one for one in checks if one["status"] == "problem"]
        equal(problems, [], "the problems")


@check(config="")
def reloaded(stage):
    """supervisor/reload takes the configuration anew; one that is wrong is profile_invalid with its place, and changes
    nothing."""
    with stage.wire() as wire:
        equal(wire.call("supervisor/reload"), {}, "the answer")
        with open(f"{stage.scratch.path}/config.yaml", encoding="utf-8") as file:
            text = file.read()
        stage.scratch.write("config.yaml", text + "agents: {running: many}\n")
        error = wire.refused("profile_invalid", "supervisor/reload")
        equal((os.path.basename(error["data"]["file"]), error["data"]["line"]), ("config.yaml", text.count("\n") + 1),
              "where it is wrong")
        stage.start(wire)
        stage.scratch.write("config.yaml", text + "agents: {running: 1}\n")
        wire.call("supervisor/reload")
        equal(stage.start(wire)["state"], "queued", "the state of one agent more than may run")


@check(config="")
def drained(stage):
    """supervisor/drain has nothing new started, is answered when the last agent has ended, or at once, and can be taken
    back or given up."""
    with stage.wire() as wire, stage.wire() as other:
        agent = stage.start(wire)["id"]
        equal(wire.call("supervisor/drain", wait=False), {"draining": True, "running": 1}, "the answer")
        equal(wire.call("supervisor/status")["draining"], True, "draining")
        other.error(stage.ask_start(other, "exit 0"), "draining")
        other.refused("draining", "agent/restart", agent=agent)
        drain = wire.ask("supervisor/drain")
        require(wire.quiet(), "a drain was answered while an agent runs")
        other.call("rpc.cancel", id=drain)
        wire.call("rpc.cancel", id=drain)
        wire.error(drain, "cancelled")
        drain = wire.ask("supervisor/drain")
        other.call("agent/kill", agent=agent)
        equal(wire.answer(drain), {"draining": True, "running": 0}, "the answer")
        equal(wire.call("supervisor/drain", enabled=False), {"draining": False, "running": 0}, "the answer")
        other.call("agent/restart", agent=agent)
        # Taken back while somebody waits for it.
        drain = wire.ask("supervisor/drain")
        eventually(lambda: other.call("supervisor/status").get("draining"), "it drains")
        other.call("supervisor/drain", enabled=False)
        equal(wire.answer(drain)["draining"], False, "draining")
