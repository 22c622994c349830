# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""How a request says which agent is meant."""
from .checks import check, equal, require


@check()
def by_id_name_and_prefix(stage):
    """An agent is meant by its id, in small letters too, by its name, or by a beginning of its id that is its alone."""
    with stage.wire() as wire:
        one, two = stage.ended(wire), stage.ended(wire)
        for agent in (one, two):
            equal(wire.call("agent/get", agent=agent["name"])["id"], agent["id"], "the agent by its name")
            equal(wire.call("agent/get", agent=agent["id"].lower())["id"], agent["id"], "the agent by its id in small letters")
            equal(wire.call("agent/get", agent=agent["id"][:25])["id"], agent["id"], "the agent by a prefix")


@check()
def ambiguous(stage):
    """A beginning that fits several is agent_ambiguous with all that fit; one of fewer than 6 characters fits none."""
    with stage.wire() as wire:
        one, two = stage.ended(wire), stage.ended(wire)
        # They were made within the seventeen minutes in which six digits stay the same, but for a border of those.
        prefix = one["id"][:6]
        if not two["id"].startswith(prefix):
            one, two = two, stage.ended(wire)
            prefix = one["id"][:6]
        matches = wire.refused("agent_ambiguous", "agent/get", agent=prefix)["data"]["matches"]
        require({one["id"], two["id"]} <= set(matches) or len(matches) == 64, f"of {prefix} these fit: {matches}")
        equal(matches, sorted(matches), "the order of the matches")
        equal(wire.refused("agent_not_found", "agent/get", agent=prefix[:5])["data"]["agent"], prefix[:5], "data.agent")


@check()
def not_found(stage):
    """Every method that takes an agent says agent_not_found, with what was asked for, of one that there is not."""
    more = {"agent/resize": {"columns": 80, "rows": 24}, "agent/signal": {"signal": "SIGINT"},
            "agent/input": {"data": "x"}}
    with stage.wire() as wire:
        gone = stage.ended(wire)
        wire.call("agent/remove", agent=gone["id"])
        for method in ("get", "input", "resize", "signal", "stop", "kill", "restart", "pause", "resume", "wait", "remove",
                       "logs", "attach", "usage", "changes", "apply", "discard", "screen"):
            method = f"agent/{method}"
            for agent in ("nobody", gone["id"], gone["name"]):
                error = wire.refused("agent_not_found", method, agent=agent, **more.get(method, {}))
                equal(error["data"]["agent"], agent, f"{method}: data.agent")
                require(agent in error["message"], f"{method}: the sentence does not say which: {error['message']}")
        wire.refused("agent_not_found", "events/list", agent="nobody")
        wire.refused("agent_not_found", "events/subscribe", agents=["nobody"])


@check()
def a_name_is_one_agents(stage):
    """A name is taken as long as its agent is there, also when it has ended, and free once that is removed."""
    with stage.wire() as wire:
        agent = stage.ended(wire)
        start = {"name": agent["name"], "profile": "shell", "tty": False, "command": ["/bin/true"]}
        equal(wire.refused("name_taken", "agent/start", **start)["data"]["name"], agent["name"], "data.name")
        wire.call("agent/remove", agent=agent["name"])
        again = wire.call("agent/start", **start)
        require(again["id"] != agent["id"], "an id was given twice")


@check()
def a_name_is_made_up(stage):
    """An agent that is given no name gets one."""
    with stage.wire() as wire:
        names = {stage.start(wire, "exit 0", name=None)["name"] for _ in range(3)}
        equal(len(names), 3, "how many names three agents have")


@check()
def one_start_of_many_has_the_name(stage):
    """Of starts under one name at the same time one succeeds, and the others are told that it is taken."""
    name = stage.name("contested")
    with stage.wire() as wire:
        messages = [wire.message(number) for number in
                    [stage.ask_start(wire, "exec sleep 600", name=name) for _ in range(8)]]
        words = [message.get("error", {}).get("data", {}).get("error") for message in messages]
        equal(sorted(words, key=str), [None] + ["name_taken"] * 7, "how they are answered")
        wire.call("agent/kill", agent=name)
