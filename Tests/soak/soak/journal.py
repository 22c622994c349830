# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""The events, followed through every end of the daemon, and held against the lives that agents had."""
import threading
import traceback

from supervisor.client import Lost
from supervisor.pieces import Wrong

FINAL = ("agent.exited", "agent.failed")


class Journal(threading.Thread):
    """Follows events from the first on. Each comes exactly once, by the number after the one before."""

    def __init__(self, stage):
        super().__init__(name="journal", daemon=True)
        self.stage, self.events = stage, []
        self.subscriptions = 0

    def run(self):
        while not self.stage.closing.is_set():
            try:
                with self.stage.connect() as connection:
                    self.collect(connection, self.events, None)
            except (Lost, TimeoutError):
                pass
            except Wrong as problem:
                return self.stage.fail(str(problem))
            except Exception:  # Nothing may go unsaid.
                return self.stage.fail(f"following events: {traceback.format_exc()}")

    def collect(self, connection, events, until):
        """Adds what comes to `events`; returns after the event of the number `until`, or when the subscription ends."""
        connection.call("events/subscribe", since=events[-1]["seq"] if events else 0)
        self.subscriptions += 1
        while until is None or not events or events[-1]["seq"] < until:
            message = connection.next_streamed()
            if message["method"] != "event":
                return
            event = {key: value for key, value in message["params"].items() if key != "subscription"}
            before = events[-1]["seq"] if events else 0
            if event["seq"] != before + 1:
                raise Wrong(f"the event after {before} is {event}")
            events.append(event)

    def check(self, connection, slots):
        """At the end, when nothing happens any more: what was followed is what is stored, and says of each agent what
        happened to it."""
        newest = connection.call("supervisor/status")["seq"]
        stored = []
        self.collect(connection, stored, newest)
        followed = self.events[:len(stored)]
        if followed != stored[:len(followed)]:
            at = next(index for index, pair in enumerate(zip(followed, stored)) if pair[0] != pair[1])
            raise Wrong(f"the event {stored[at]} was {followed[at]} when it was followed")
        by_agent = {}
        for event in stored:
            if event["agent"]:
                by_agent.setdefault(event["agent"], []).append(event)
        lived = {agent: life for slot in slots for agent, life in slot.lived.items()}
        interrupted = {agent for slot in slots for agent in slot.interrupted}
        for agent in by_agent.keys() - lived.keys() - interrupted:
            raise Wrong(f"there are events of an agent {agent} that nobody started: {by_agent[agent]}")
        for agent in lived.keys() | interrupted:
            check_story(agent, by_agent.get(agent, []), lived.get(agent))
        return len(stored)


def check_story(agent, events, life):
    """What happened to one agent. `life` is nothing for one that never ran."""
    types = [event["type"] for event in events]
    ends = [event for event in events if event["type"] in FINAL]
    told = f"the events of agent {agent} are {types}"
    if types[:1] != ["agent.created"] or types.count("agent.created") != 1:
        raise Wrong(f"{told}: it has to be created, first and once")
    if len(ends) != 1:
        raise Wrong(f"{told}: it has to end once")
    if types[-1:] != ["agent.removed"] or types.count("agent.removed") != 1:
        raise Wrong(f"{told}: it has to be removed, last and once")
    if types.count("agent.started") > 1 or types.count("agent.stopping") > 1:
        raise Wrong(f"{told}: nothing may happen twice")
    if "agent.started" in types and types.index("agent.started") > types.index(ends[0]["type"]):
        raise Wrong(f"{told}: it has to start before it ends")
    if "agent.lost" in types:
        raise Wrong(f"{told}: its shim was always there")
    if life is None:
        if ends[0]["type"] != "agent.failed":
            raise Wrong(f"{told}: it never ran")
        return
    said = {key: ends[0]["data"].get(key) for key in ("code", "signal", "reason")}
    if ends[0]["type"] != "agent.exited" or said != life.exit:
        raise Wrong(f"{told}, and the last says {ends[0]['data']} instead of {life.exit}")
