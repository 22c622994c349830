# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Events: a number for each, read from any on, as they come or in pages."""
from .checks import check, equal, require


def listed(wire, **more):
    found, since = [], more.pop("since", 0)
    while True:
        page = wire.call("events/list", since=since, **more)
        found += page["events"]
        require(page["next"] >= since, "next goes back")
        since = page["next"]
        if not page["more"]:
            return found, since


@check()
def a_life_in_events(stage):
    """What becomes of an agent is in its events, in order, with who asked for it."""
    with stage.wire() as wire:
        agent = stage.start(wire)["id"]
        wire.call("agent/pause", agent=agent)
        wire.call("agent/resume", agent=agent)
        wire.call("agent/stop", agent=agent)
        wire.call("agent/restart", agent=agent)
        wire.call("agent/remove", agent=agent, force=True)
        events, _ = listed(wire, agent=agent)
        types = [event["type"] for event in events]
        expected = ["agent.created", "agent.started", "agent.paused", "agent.resumed", "agent.stopping",
                    "agent.exited", "agent.restarting", "agent.starting", "agent.started", "agent.exited", "agent.removed"]
        rest = iter(types)
        require(all(kind in rest for kind in expected), f"the events are {types} instead of {expected}")
        equal({event["agent"] for event in events}, {agent}, "whose events they are")
        seqs = [event["seq"] for event in events]
        equal(seqs, sorted(set(seqs)), "the numbers")
        import os
        created = events[0]["data"]["peer"]
        equal((created["uid"], created["pid"]), (os.getuid(), os.getpid()), "who asked for it")


@check()
def pages_of_events(stage):
    """events/list answers in pages from any number on: none is lost, none comes twice, and next is where to go on."""
    with stage.wire() as wire:
        agent = stage.ended(wire)["id"]
        every, last = listed(wire, agent=agent)
        for limit in (1, 2, 3):
            equal(listed(wire, agent=agent, limit=limit)[0], every, f"what pages of {limit} hold")
        for event in every:
            equal([one["seq"] for one in listed(wire, agent=agent, since=event["seq"])[0]],
                  [one["seq"] for one in every if one["seq"] > event["seq"]], "what comes after one")
        require(last >= every[-1]["seq"], "next is before the last event")
        equal(listed(wire, agent=agent, since=last)[0], [], "what comes after the last")
        equal(listed(wire, agent=agent[:-1] + ("0" if agent[-1] != "0" else "1"))[0], [], "of an agent that never was")


@check()
def subscribed_from_any_number(stage):
    """events/subscribe brings all events after a number, those that are there and those that come, once each and in
    order, and only those asked for."""
    with stage.wire() as wire, stage.wire() as other:
        before = wire.call("supervisor/status")["seq"]
        first = stage.ended(other)["id"]
        subscriptions = {
            wire.call("events/subscribe", since=before, agents=[first])["subscription"]: ("since", []),
            wire.call("events/subscribe", since=before, agents=[first], types=["agent.exited"])["subscription"]: ("type", []),
            wire.call("events/subscribe", since=before, agents=[])["subscription"]: ("none", []),
            wire.call("events/subscribe", agents=[first])["subscription"]: ("now", []),
        }
        other.call("agent/restart", agent=first)
        other.call("agent/wait", agent=first)
        other.call("agent/remove", agent=first)
        ended = set()
        while len(ended) < 3:
            params = wire.note()["params"]
            name, found = subscriptions[params["subscription"]]
            found.append(params)
            if params["type"] == "agent.removed" or (name == "type" and len(found) == 2):
                ended.add(name)
        require(wire.quiet(0.2), "more came")
        found = {name: [(one["seq"], one["type"]) for one in events] for name, events in subscriptions.values()}
        stored = [(event["seq"], event["type"]) for event in listed(other, agent=first)[0]]
        equal(found["since"], stored, "the events since the number")
        equal(found["type"], [one for one in stored if one[1] == "agent.exited"], "the events of one type")
        equal(found["none"], [], "the events of no agent")
        equal(found["now"], stored[-len(found["now"]):], "the events from now on")
        require(0 < len(found["now"]) < len(stored), "a subscription without since begins with the next event")


@check()
def numbers_that_are_to_come(stage):
    """A number behind the newest is refused by events/subscribe, and the newest is not."""
    with stage.wire() as wire:
        seq = wire.call("events/subscribe")["seq"]
        require(seq >= 1, "there are no events")
        error = wire.refused("invalid_params", "events/subscribe", since=seq + 10**6)
        equal(error["data"]["path"], "since", "data.path")


@check()
def types_to_come(stage):
    """A type of event that this daemon does not know may be asked for."""
    with stage.wire() as wire:
        wire.call("events/subscribe", types=["agent.reborn"])
