# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""How much one client and one user's clients may have: what is too much is limit_reached, with the limit's name, and what
is given back makes room."""
from supervisor.client import Lost, Refused

from .checks import check, equal, eventually, only_wire, require
from .wire import MOST_REQUEST

WAITS = 48
CONNECTIONS, REQUESTS, SUBSCRIPTIONS, BYTES = 12, 40, 20, 4 << 20
# More than the daemon's own ups and downs.
SLACK = 16 << 20
LIMITS = (f"clients: {{connections: 20, per_user: {{connections: {CONNECTIONS}, requests: {REQUESTS}, "
          f"subscriptions: {SUBSCRIPTIONS}, request_bytes: {BYTES}}}}}\n")


@check()
def waits_of_one_connection(stage):
    """48 requests of a connection may wait for agents; one more is limit_reached (`waits`), all else is answered as ever,
    one that is given up with rpc.cancel makes room, and another connection has its own."""
    with stage.wire() as wire, stage.wire() as other:
        agent = stage.start(other)["id"]
        waits = [wire.ask("agent/wait", agent=agent) for _ in range(WAITS)]
        for method, more in (("agent/wait", {}), ("agent/stop", {}), ("agent/kill", {}), ("agent/restart", {}),
                             ("agent/remove", {})):
            equal(wire.refused("limit_reached", method, agent=agent, **more)["data"]["limit"], "waits", "data.limit")
        equal(wire.error(stage.ask_start(wire, "exit 0"), "limit_reached")["data"]["limit"], "waits", "data.limit")
        equal(wire.refused("limit_reached", "supervisor/drain")["data"]["limit"], "waits", "data.limit")
        equal(wire.call("agent/get", agent=agent)["state"], "running", "the state of the agent")
        other.refused("timed_out", "agent/wait", agent=agent, timeout="1ms")
        wire.call("rpc.cancel", id=waits[0])
        wire.error(waits[0], "cancelled")
        waits[0] = wire.ask("agent/wait", agent=agent)
        wire.refused("limit_reached", "agent/wait", agent=agent)
        other.call("agent/kill", agent=agent)
        for wait in waits:
            equal(wire.answer(wait)["exit"]["reason"], "killed", "the reason")
        wire.call("agent/wait", agent=agent)


@check()
def waits_that_nobody_hears_of(stage):
    """Notifications that wait for agents count as well, and one too many is not answered."""
    with stage.wire() as wire, stage.wire() as other:
        agent = stage.start(other)["id"]
        line = b'{"jsonrpc":"2.0","method":"agent/wait","params":{"agent":"%s"}}\n' % agent.encode()
        wire.write(line * (WAITS + 20))
        equal(wire.refused("limit_reached", "agent/wait", agent=agent)["data"]["limit"], "waits", "data.limit")
        other.call("agent/kill", agent=agent)
        eventually(lambda: "result" in wire.message(wire.ask("agent/wait", agent=agent)), "they make room")


def refused(wire, limit, method, **params):
    error = wire.refused("limit_reached", method, **params)
    equal(error["data"]["limit"], limit, "data.limit")
    require(any(letter.isdigit() for letter in error["message"]), f"it does not say how many: {error['message']}")


@check(config=LIMITS)
def connections_of_one_user(stage):
    """A user's connections are so many; one more is told why not and let go, and one that is closed makes room."""
    crowd = [only_wire(stage), *(stage.wire() for _ in range(CONNECTIONS - 1))]
    for wire in crowd:
        wire.call("agent/list")
    with stage.wire() as more:
        equal(more.orphan("limit_reached")["data"]["limit"], "connections", "data.limit")
        more.is_ended()
    crowd.pop().socket.close()

    def served():
        try:
            with stage.wire() as wire:
                return wire.call("agent/list")
        except (Lost, Refused):
            return None
    eventually(served, "one that is closed makes room for another")
    for wire in crowd:
        wire.call("agent/list")
        wire.socket.close()


@check(config=LIMITS)
def requests_of_one_user(stage):
    """A user's requests in flight are so many, on all connections together; what is answered makes room."""
    with stage.wire() as one, stage.wire() as two:
        agent = stage.start(one)["id"]
        waits = [one.ask("agent/wait", agent=agent) for _ in range(REQUESTS)]
        # Behind them, so that they are counted.
        equal(one.error(one.ask("agent/get", agent=agent), "limit_reached")["data"]["limit"], "requests", "data.limit")
        refused(two, "requests", "agent/get", agent=agent)
        one.socket.close()
        eventually(lambda: "result" in two.message(two.ask("agent/get", agent=agent)), "those of one that has gone make room")
        equal(len(waits), REQUESTS, "how many waited")
        two.call("agent/kill", agent=agent)


@check(config=LIMITS)
def subscriptions_of_one_user(stage):
    """A user's subscriptions are so many, on all connections together; one that is ended makes room."""
    with stage.wire() as one, stage.wire() as two:
        agent = stage.start(one)["id"]
        names = [one.call("events/subscribe", types=[])["subscription"] for _ in range(SUBSCRIPTIONS)]
        refused(two, "subscriptions", "agent/attach", agent=agent)
        refused(one, "subscriptions", "events/subscribe")
        one.call("agent/detach", subscription=names[0])
        two.call("agent/attach", agent=agent)
        two.call("agent/kill", agent=agent)


def refusals(asked):
    """What those are told that there is no room for, by who is told: `asked` is what each has asked under which id. There is
    room for four."""
    found = {}

    def all_but_four():
        for wire in asked.keys() - found.keys():
            wire.socket.settimeout(0.05)
            try:
                message = wire.either(asked[wire])
            except TimeoutError:
                continue
            data = message["error"]["data"]
            equal((data["error"], data["limit"]), ("limit_reached", "request_bytes"), "the refusal")
            found[wire] = message
        return len(found) >= len(asked) - 4
    eventually(all_but_four, "those that there is no room for are told")
    require(len(found) < len(asked), "none of them was given room")
    return found


@check(config=LIMITS, alone=True)
def bytes_of_one_user(stage):
    """What a user's clients have sent and is not answered yet, lines that have only begun too, is so many bytes, and takes
    no more memory than that."""
    before = stage.daemon.resident()
    with stage.wire() as other:
        crowd = [stage.wire() for _ in range(CONNECTIONS - 2)]
        for wire in crowd:
            wire.expect(1, "unfinished")
            try:
                wire.write(b'{"jsonrpc":"2.0","id":1,"method":"' + b"x" * (BYTES // 5))
            except Lost:
                pass
        refusals(dict.fromkeys(crowd, 1))
        other.call("agent/list")
        grown = stage.daemon.resident() - before
        require(grown < BYTES + SLACK, f"the daemon has grown by {grown >> 20} MiB")
        for wire in crowd:
            wire.socket.close()


@check(config=LIMITS)
def bytes_of_lines_that_wait(stage):
    """A whole line that waits until its connection has room for it counts as well: one that there is no room for is
    refused, the others are answered in their turn."""
    with stage.wire() as other:
        agent = stage.start(other)["id"]
        crowd = [stage.wire() for _ in range(CONNECTIONS - 2)]
        waits, asked = {}, {}
        for wire in crowd:
            waits[wire] = wire.ask("agent/wait", agent=agent)
            line = wire.form("agent/list")
            asked[wire] = wire.last
            # Beside the wait, a connection has no room for it.
            try:
                wire.write(line[:-1].ljust(MOST_REQUEST - 1) + b"\n")
            except Lost:
                pass
        refused = refusals(asked)
        other.call("agent/kill", agent=agent)
        for wire in crowd:
            wire.socket.settimeout(60)
            # One without an id closes the connection: it came in the middle of the line.
            if wire not in refused or refused[wire]["id"] is not None:
                equal(wire.answer(waits[wire])["exit"]["reason"], "killed", "the reason")
            if wire not in refused:
                require("agents" in wire.answer(asked[wire]), "a line that has waited is not answered")
            wire.socket.close()
