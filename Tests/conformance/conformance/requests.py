# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Requests and their answers: ids, order, notifications, half-closed connections, what is given up."""
import json

from supervisor.client import Refused

from .checks import check, equal, eventually, require


@check()
def ids_of_all_kinds(stage):
    """An id is an integer or a string, and comes back as it was."""
    with stage.wire() as wire:
        for identity in (0, 1, -1, 2**63 - 1, -2**63, 2**53 + 1, "", "1", "x" * 256, "é", "\u0000\n\"\\", "null",
                         "😀" * 64, "a/b"):
            wire.write(wire.form("agent/list", None, identity))
            wire.answer(identity)


@check()
def numbers_and_strings_are_two_ids(stage):
    """1 and "1" are two ids, also while both are pending."""
    with stage.wire() as wire:
        agent = stage.start(wire)["id"]
        wire.write(wire.form("agent/wait", {"agent": agent}, 1) + wire.form("agent/wait", {"agent": agent}, "1"))
        wire.call("rpc.cancel", id="1")
        wire.error("1", "cancelled")
        require(wire.quiet(), "cancelling \"1\" also ended the wait of 1")
        wire.call("agent/kill", agent=agent)
        wire.answer(1)


@check()
def the_same_id_twice(stage):
    """Requests with the same id, also in flight together, are answered each."""
    with stage.wire() as wire:
        agent = stage.start(wire)["id"]
        wire.write(wire.form("agent/wait", {"agent": agent}, 5) * 1 + wire.form("agent/get", {"agent": agent}, "x") +
                   wire.form("agent/get", {"agent": agent}, "x") + wire.form("agent/get", {"agent": "nobody"}, "x"))
        kinds = sorted("error" in wire.message("x") for _ in range(3))
        equal(kinds, [False, False, True], "whether the three answers are errors")
        wire.call("agent/kill", agent=agent)
        wire.answer(5)


@check()
def thousands_in_a_pipeline(stage):
    """Of thousands of requests sent without waiting each is answered exactly once, whatever the order."""
    with stage.wire(120) as wire:
        agent = stage.ended(wire)["id"]
        kinds = [("agent/get", {"agent": agent}), ("agent/list", {"limit": 1}), ("supervisor/status", {}),
                 ("agent/get", {"agent": "nobody"})]
        requests = [wire.form(*kinds[number % 4], number) for number in range(1000, 5000)]
        import threading
        # Nobody has to read while it writes, and a daemon that waits for it would wait for ever.
        thread = threading.Thread(target=wire.write, args=[b"".join(requests)])
        thread.start()
        for number in range(1000, 5000):
            message = wire.message(number)
            equal("error" in message, number % 4 == 3, f"whether the answer to {number} is an error")
        thread.join()
        require(wire.quiet(), "more answers came than requests were sent")


@check()
def a_slow_answer_holds_up_no_other(stage):
    """Answers come when they are there: one that waits keeps no other back."""
    with stage.wire() as wire:
        agent = stage.start(wire)["id"]
        wait = wire.ask("agent/wait", agent=agent)
        wire.call("agent/get", agent=agent)
        wire.call("agent/kill", agent=agent)
        wire.answer(wait)


@check()
def typed_in_order(stage):
    """Input, pipelined in small pieces, reaches the agent in its order, with no answer waited for."""
    with stage.wire() as wire:
        agent = stage.start(wire, "cat", piped=True)["id"]
        pieces = [f"{number}\n" for number in range(1500)]
        asked = [wire.ask("agent/input", agent=agent, data=piece) for piece in pieces[:-1]]
        asked.append(wire.ask("agent/input", agent=agent, data=pieces[-1], eof=True))
        for number, piece in zip(asked, pieces):
            equal(wire.answer(number), {"accepted": len(piece)}, "what was accepted")
        equal(wire.call("agent/wait", agent=agent)["exit"]["code"], 0, "the exit code")
        text, since = "", 0
        while True:
            page = wire.call("agent/logs", agent=agent, since=since)
            text += "".join(chunk["data"] for chunk in page["chunks"])
            if page["eof"]:
                break
            since = page["next"]
        equal(text, "".join(pieces), "what the agent read")


@check()
def notifications_get_no_answer(stage):
    """A request without id is carried out and answered with nothing, whether it succeeds, fails, or has the wrong
    parameters."""
    with stage.wire() as wire:
        name = stage.name()
        for request in ({"method": "agent/get", "params": {"agent": "nobody"}}, {"method": "agent/list"},
                        {"method": "no/such"}, {"method": "agent/get", "params": {"agent": 5}},
                        {"method": "agent/get"}, {"method": "agent/list", "params": {"x": 1}},
                        {"method": "agent/start", "params": {"name": name, "profile": "shell", "tty": False,
                                                             "command": ["/bin/true"]}}):
            wire.write(json.dumps({"jsonrpc": "2.0", **request}).encode() + b"\n")
        require(wire.quiet(0.3), "a notification was answered")

        def ended():
            try:
                return wire.call("agent/get", agent=name)["state"] == "exited"
            except Refused:
                return False
        eventually(ended, "the agent that a notification starts runs and ends")


@check()
def notifications_with_malformed_parameters(stage):
    """A request without id gets no answer either where its parameters are no object, or say a thing twice: JSON-RPC 2.0
    has the client unaware of such errors (section 4.1)."""
    with stage.wire() as wire:
        for params in ("[]", "5", '{"agent":"a","agent":"b"}'):
            wire.write(b'{"jsonrpc":"2.0","method":"agent/get","params":%s}\n' % params.encode())
            require(wire.quiet(), f"a notification with the parameters {params} was answered")


@check()
def half_closed_and_owed(stage):
    """A client that half-closes gets the answers that it is owed, also those that take time, and then the end."""
    with stage.wire() as wire, stage.wire() as other:
        agent = stage.start(wire)["id"]
        waits = [wire.ask("agent/wait", agent=agent) for _ in range(5)]
        wire.finish()
        require(wire.quiet(), "a wait was given up because the client half-closed")
        other.call("agent/kill", agent=agent)
        for wait in waits:
            equal(wire.answer(wait)["exit"]["reason"], "killed", "the reason")
        wire.is_ended()


@check()
def half_closed_and_attached(stage):
    """A client that half-closes goes on getting what it subscribed to."""
    with stage.wire() as wire, stage.wire() as other:
        agent = stage.start(wire, "read line; echo got $line", piped=True)["id"]
        wire.call("agent/attach", agent=agent)
        wire.finish()
        other.call("agent/input", agent=agent, data="it\n")
        equal(wire.note()["params"]["data"], "got it\n", "the output")
        equal(wire.note()["params"]["reason"], "eof", "why it ended")
        wire.is_ended()


@check()
def gone_while_it_waits(stage):
    """A client that goes away while its answer is pending leaves the agent and everybody else alone, and what it has
    begun goes on."""
    with stage.wire() as wire:
        agent = stage.start(wire, "trap 'sleep 0.3; exit 6' INT; while :; do sleep 0.05; done")["id"]
        for method in ("agent/wait", "agent/wait", "agent/attach"):
            with stage.wire() as gone:
                gone.ask(method, agent=agent)
        eventually(lambda: wire.call("agent/usage", agent=agent)["wallMilliseconds"] > 200, "its trap is set")
        with stage.wire() as gone:
            gone.ask("agent/stop", agent=agent, grace="30s")
            eventually(lambda: wire.call("agent/get", agent=agent)["state"] == "stopping", "it is being stopped")
        equal(wire.call("agent/wait", agent=agent)["exit"], {"code": 6, "signal": None, "reason": "stopped"}, "the end")


@check()
def gone_while_it_starts(stage):
    """A client that lost its connection over a start asks again with the same requestKey, and there is one agent, which
    runs once."""
    for _ in range(5):
        name = stage.name()
        start = {"name": name, "requestKey": name, "script": "echo here", "workspace": stage.directory()}
        with stage.wire() as gone:
            stage.ask_start(gone, **start)
        with stage.wire() as wire:
            agent = wire.call("agent/wait", agent=stage.start(wire, **start)["id"])
            equal((agent["attempt"], agent["exit"]["code"], agent["output"]["end"]), (1, 0, 5), "the agent")


@check()
def cancelled(stage):
    """rpc.cancel ends a pending wait, stop and start with `cancelled`, and what was begun goes on."""
    with stage.wire() as wire:
        agent = stage.start(wire, "trap '' INT TERM HUP; while :; do sleep 0.1; done")["id"]
        wait = wire.ask("agent/wait", agent=agent)
        wire.call("rpc.cancel", id=wait)
        wire.error(wait, "cancelled")
        equal(wire.call("agent/get", agent=agent)["state"], "running", "the state after a wait was given up")
        stop = wire.ask("agent/stop", agent=agent, grace="600s")
        wire.call("rpc.cancel", id=stop)
        wire.error(stop, "cancelled")
        agent = wire.call("agent/get", agent=agent)
        equal((agent["state"], agent["desired"]), ("stopping", "stopped"), "the agent after a stop was given up")
        wire.call("agent/kill", agent=agent["id"])
        # A start that is cancelled before it is answered: either of the two answers may have been first.
        name = stage.name()
        start = stage.ask_start(wire, "exit 3", name=name)
        wire.call("rpc.cancel", id=start)
        message = wire.message(start)
        require("result" in message or message["error"]["data"]["error"] == "cancelled",
                f"a start that was given up is answered with {message}")

        # Given up early enough, it was not begun.
        message = wire.message(wire.ask("agent/wait", agent=name))
        if "result" in message:
            equal(message["result"]["exit"]["code"], 3, "the code of the agent whose start was given up")


@check()
def cancelled_by_string_id(stage):
    """rpc.cancel finds a request by a string as well, and every request that has the id."""
    with stage.wire() as wire:
        agent = stage.start(wire)["id"]
        wire.write(wire.form("agent/wait", {"agent": agent}, "w") + wire.form("agent/wait", {"agent": agent}, "w"))
        wire.call("rpc.cancel", id="w")
        wire.error("w", "cancelled")
        wire.error("w", "cancelled")


@check()
def nothing_to_cancel(stage):
    """To cancel what nothing waits under is no error: an id never used, one answered, the own one, another client's."""
    with stage.wire() as wire, stage.wire() as other:
        agent = stage.start(wire)["id"]
        wire.write(wire.form("agent/wait", {"agent": agent}, 77))
        for identity in (12345, "never"):
            wire.call("rpc.cancel", id=identity)
        wire.write(wire.form("rpc.cancel", {"id": 99}, 99))
        wire.answer(99)
        other.call("rpc.cancel", id=77)
        require(wire.quiet(), "another client's wait was cancelled")
        wire.call("agent/kill", agent=agent)
        wire.answer(77)


@check()
def many_waits_hold_up_nothing(stage):
    """However many answers a client waits for, it is heard: further requests are answered, waits with limit_reached, and a
    pending one can be cancelled."""
    with stage.wire(20) as wire, stage.wire() as other:
        agent = stage.start(other)["id"]
        waits = [wire.ask("agent/wait", agent=agent) for _ in range(300)]
        try:
            wire.call("agent/get", agent=agent)
            wire.call("rpc.cancel", id=waits[0])
            wire.error(waits[0], "cancelled")
            equal(wire.error(waits[-1], "limit_reached")["data"]["limit"], "waits", "data.limit")
        finally:
            other.call("agent/kill", agent=agent)


@check()
def unknown_methods(stage):
    """A method that there is not is method_not_found, and names are exact."""
    with stage.wire() as wire:
        for method in ("", "agent", "agent/", "agent/Get", " agent/get", "agent/get ", "agent.get", "rpc.", "rpc.nothing",
                       "é", "\0", "a" * 100000, "agent/get\n"):
            wire.refused("method_not_found", method)
