# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Being attached: output as it comes, from any offset, to its end."""
import random

from .checks import check, equal, eventually, require
from .output import chunk_bytes, written


def received(wire, subscription, offset):
    """All bytes of one subscription up to its end, which have to join, and why it ended."""
    found, reason = b"", None
    while reason is None:
        note = wire.note()
        params = note["params"]
        if params["subscription"] != subscription:
            continue
        if note["method"] == "agent/output":
            equal(params["offset"], offset, "the offset of a chunk")
            data = chunk_bytes(params)
            offset += len(data)
            found += data
        elif note["method"] == "subscription/ended":
            reason = params["reason"]
        else:
            require(False, f"{note['method']} came in between")
    return found, reason


@check()
def attached_from_any_offset(stage):
    """A client that is attached from an offset gets every byte from there on, then eof, and then nothing."""
    data = bytes(random.Random(3).randrange(256) for _ in range(100000))
    with stage.wire() as wire:
        agent = written(stage, wire, data)
        for since in (None, 0, 1, 99, 50000, 99999, 100000):
            for encoding in ("text", "base64"):
                result = wire.call("agent/attach", agent=agent, encoding=encoding,
                                   **({} if since is None else {"since": since}))
                equal(result["offset"], since or 0, "the offset")
                found, reason = received(wire, result["subscription"], since or 0)
                equal(reason, "eof", "why it ended")
                require(found == data[since or 0:], f"the bytes from {since} on are others than were written")
        result = wire.call("agent/attach", agent=agent, since="now")
        equal(result["offset"], len(data), "the offset of now")
        equal(received(wire, result["subscription"], len(data)), (b"", "eof"), "what comes from now on")
        require(wire.quiet(), "something came after the end")
        wire.refused("invalid_params", "agent/attach", agent=agent, since=len(data) + 1)


@check()
def the_answer_comes_first(stage):
    """The answer to agent/attach comes before all that follows from it, pipelined or not."""
    with stage.wire() as wire:
        agent = written(stage, wire, b"x" * 1000)
        asked = [wire.ask("agent/attach", agent=agent) for _ in range(30)]
        seen, ended = set(), set()
        while len(ended) < 30:
            message = wire.receive()
            if "result" in message:
                seen.add(message["result"]["subscription"])
            else:
                subscription = message["params"]["subscription"]
                require(subscription in seen, f"{message['method']} of {subscription} came before its answer")
                require(subscription not in ended, f"{message['method']} of {subscription} came after its end")
                if message["method"] == "subscription/ended":
                    ended.add(subscription)
        equal(len(seen), len(asked), "how many subscriptions there were")


@check()
def output_as_it_comes(stage):
    """What an agent writes comes at once to all who are attached, with its stream; characters stay whole."""
    with stage.wire() as wire, stage.wire() as other:
        agent = stage.start(wire, "while read line; do printf \"$line\"; done", piped=True)["id"]
        for one in (wire, other):
            one.call("agent/attach", agent=agent, since="now")
        for piece, text in (("hello", "hello"), ("\\\\342\\\\202", ""), ("\\\\254", "€"), ("x", "x")):
            wire.call("agent/input", agent=agent, data=piece + "\n")
            for one in (wire, other):
                if text:
                    params = one.note()["params"]
                    equal((params["data"], params["stream"]), (text, "stdout"), "what came")
                else:
                    require(one.quiet(0.3), "the beginning of a character came by itself")
        wire.call("agent/input", agent=agent, eof=True)
        for one in (wire, other):
            equal(one.note()["params"]["reason"], "eof", "why it ended")


@check()
def detached(stage):
    """agent/detach ends a subscription with `detached`, which comes before the answer, and nothing of it after."""
    with stage.wire() as wire:
        agent = stage.start(wire, "while :; do echo x; done")["id"]
        subscription = wire.call("agent/attach", agent=agent)["subscription"]
        wire.note()
        equal(wire.call("agent/detach", subscription=subscription), {}, "the answer")
        last = wire.streamed.pop()
        equal((last["method"], last["params"]), ("subscription/ended", {"subscription": subscription,
                                                                        "reason": "detached"}), "the last of it")
        require(wire.quiet(), "output came after the end")
        wire.refused("invalid_params", "agent/detach", subscription=subscription)
        # Events are left by the same way.
        subscription = wire.call("events/subscribe")["subscription"]
        wire.call("agent/detach", subscription=subscription)
        equal(wire.streamed.pop()["params"], {"subscription": subscription, "reason": "detached"}, "the last of it")
        wire.call("agent/kill", agent=agent)


@check()
def subscriptions_are_a_connections_own(stage):
    """A subscription ends with its connection and cannot be ended from another."""
    with stage.wire() as wire, stage.wire() as other:
        agent = stage.start(wire)["id"]
        subscription = wire.call("agent/attach", agent=agent)["subscription"]
        other.refused("invalid_params", "agent/detach", subscription=subscription)
        wire.call("agent/kill", agent=agent)
        equal(wire.note()["params"]["reason"], "eof", "why it ended")


@check()
def attached_over_a_restart(stage):
    """Output goes on over a restart of the agent: who is attached from an offset gets all of it."""
    with stage.wire() as wire:
        agent = stage.start(wire, "echo run; read line", piped=True)["id"]
        wire.call("agent/input", agent=agent, eof=True)
        wire.call("agent/wait", agent=agent)
        wire.call("agent/restart", agent=agent)
        result = wire.call("agent/attach", agent=agent, since=2)
        eventually(lambda: wire.call("agent/get", agent=agent)["output"]["end"] == 8, "it writes again")
        wire.call("agent/kill", agent=agent)
        equal(received(wire, result["subscription"], 2), (b"n\nrun\n", "eof"), "what came")


@check()
def removed_while_attached(stage):
    """Who is attached to an agent that is removed is told so, or that it ended."""
    with stage.wire() as wire, stage.wire() as other:
        agent = stage.start(wire)["id"]
        wire.call("agent/attach", agent=agent)
        other.call("agent/remove", agent=agent, force=True)
        require(wire.note()["params"]["reason"] in ("eof", "removed"), "another reason")


@check()
def most_subscriptions(stage):
    """More subscriptions than a connection may have are limit_reached with the limit's name; one that is ended makes
    room for another."""
    with stage.wire() as wire:
        agent = stage.start(wire)["id"]
        subscriptions = []
        for _ in range(2000):
            message = wire.message(wire.ask("agent/attach", agent=agent))
            if "error" in message:
                break
            subscriptions.append(message["result"]["subscription"])
        else:
            require(False, "2000 subscriptions on one connection")
        equal((message["error"]["data"]["error"], message["error"]["data"]["limit"]), ("limit_reached", "subscriptions"),
              "the error")
        equal(len(set(subscriptions)), len(subscriptions), "how many names the subscriptions have")
        equal(wire.refused("limit_reached", "events/subscribe")["data"]["limit"], "subscriptions", "data.limit")
        wire.call("agent/detach", subscription=subscriptions[0])
        wire.call("events/subscribe")
        wire.call("agent/kill", agent=agent)
        for _ in range(len(subscriptions)):
            wire.note()


@check(config="")
def the_end_of_the_daemon(stage):
    """Who is subscribed when the daemon is told to end hears `shutdown`; the next daemon goes on at any offset and any
    seq, with the agent's exit."""
    import signal

    from supervisor.client import Lost
    with stage.wire() as wire:
        agent = stage.start(wire, "echo a; read line; echo b; exit 9", piped=True)["id"]
        wire.call("agent/attach", agent=agent)
        equal(wire.note()["params"]["data"], "a\n", "the output")
        seq = wire.call("supervisor/status")["seq"]
        wire.call("events/subscribe", since=seq)
        stage.daemon.process.send_signal(signal.SIGTERM)
        reasons = {}
        try:
            while (message := wire.receive()) is not None:
                if message.get("method") == "subscription/ended":
                    reasons[message["params"]["subscription"]] = message["params"]["reason"]
        except Lost:
            pass
        equal(sorted(reasons.values()), ["shutdown", "shutdown"], "what subscribers heard")
        equal(stage.daemon.process.wait(), 0, "the daemon's exit status")
    stage.next_daemon()
    with stage.wire() as wire:
        result = wire.call("agent/attach", agent=agent, since=1)
        subscription = wire.call("events/subscribe", since=seq)["subscription"]
        wire.call("agent/input", agent=agent, data="\n")
        equal(wire.call("agent/wait", agent=agent)["exit"]["code"], 9, "the exit code")
        found, types, last = b"", [], seq
        while not types or types[-1] != "agent.exited":
            note = wire.note()
            if note["method"] == "agent/output":
                equal(note["params"]["offset"], 1 + len(found), "the offset")
                found += chunk_bytes(note["params"])
            elif note["method"] == "event":
                equal((note["params"]["subscription"], note["params"]["seq"] > last), (subscription, True), "the event")
                last = note["params"]["seq"]
                types.append(note["params"]["type"])
        equal((result["offset"], found), (1, b"\nb\n"), "the output from 1 on")
        require("agent.adopted" in types, f"the events: {types}")
