# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""The daemon itself: who it is, how it is, its configuration, its end."""
import os

from .checks import check, equal, eventually, require


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
