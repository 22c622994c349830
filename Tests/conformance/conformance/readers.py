# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Clients that read slowly, or not at all, or more than anybody needs: they cost the daemon little and others nothing."""
import contextlib
import os
import subprocess
import sys
import threading
import time

from . import screens
from .checks import check, equal, require
from .output import chunk_bytes, written
from .streams import received

MIB = 1 << 20
# What one client may cost the daemon that subscribes once and reads nothing, and one that does its worst.
ONE_SUBSCRIPTION = 2 * MIB
THE_WORST = 8 * MIB
# One machine's noise, and an allocator that gives back late.
SLACK = 16 * MIB
# So many times an agent has the whole of a large screen moved: seconds of work.
HARD = 3000
# What tells an agent's place in the daemon's attention from the processor's being busy.
LEAST_FAIR = 25


def settled(daemon):
    """The daemon's memory once that does not grow any more."""
    last = daemon.resident()
    for _ in range(100):
        time.sleep(0.3)
        now = daemon.resident()
        if now <= last + MIB // 4:
            return now
        last = now
    return last


def cost(stage, count, begin, most):
    """Has `count` clients begin something and read nothing of it; each may take so much of the daemon's memory, and
    others have to be served meanwhile."""
    before = settled(stage.daemon)
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            wire = stack.enter_context(stage.wire())
            wire.socket.settimeout(1)
            try:
                begin(wire)
            except TimeoutError:
                pass  # It is not read from any more, as it has to be.
        after = settled(stage.daemon)
        with stage.wire() as other:
            other.call("agent/list")
    grown = after - before
    require(grown <= most * count + SLACK,
            f"{count} clients that read nothing cost the daemon {grown / MIB:.0f} MiB, {grown / count / MIB:.1f} each, "
            f"where {most / MIB:.0f} would be much")


def escapes(stage, wire):
    """An agent whose output takes six times its size in JSON."""
    return written(stage, wire, b"\x1b" * (24 * MIB))


@check(config="", alone=True)
def one_subscription_each(stage):
    """Clients that attach to much output and read nothing cost next to no memory each."""
    with stage.wire() as wire:
        agent = escapes(stage, wire)
    cost(stage, 60, lambda one: one.ask("agent/attach", agent=agent, since=0), ONE_SUBSCRIPTION)


@check(config="", alone=True)
def as_many_subscriptions_as_may_be(stage):
    """A client that attaches as often as it may and reads nothing costs a bounded amount."""
    with stage.wire() as wire:
        agent = escapes(stage, wire)

    def begin(one):
        for _ in range(64):
            one.ask("agent/attach", agent=agent, since=0)
    cost(stage, 6, begin, THE_WORST)


@check(config="", alone=True)
def as_many_answers_as_may_be(stage):
    """A client that asks for logs again and again and reads none costs a bounded amount."""
    with stage.wire() as wire:
        agent = escapes(stage, wire)

    def begin(one):
        for _ in range(300):
            one.ask("agent/logs", agent=agent)
    cost(stage, 6, begin, THE_WORST)


@check(config="", alone=True)
def as_many_events_as_may_be(stage):
    """A client that subscribes to all events as often as it may and reads none costs a bounded amount."""
    with stage.wire() as wire:
        for _ in range(40):
            stage.ended(wire)

    def begin(one):
        for _ in range(64):
            one.ask("events/subscribe", since=0)
    cost(stage, 6, begin, THE_WORST)


@check(config="", alone=True)
def snapshots_that_nobody_reads(stage):
    """Clients that attach to a large and colourful screen and read nothing of its snapshot cost next to no memory each."""
    with stage.wire() as wire:
        # As much as is given out with its colours.
        agent = screens.coloured(stage, wire, 140)
        data, _ = screens.snapshot(wire, wire.call("agent/attach", agent=agent, since="screen")["subscription"])
        require(len(data) > ONE_SUBSCRIPTION / 4, f"a snapshot of {len(data)} bytes shows nothing here")
    cost(stage, 30, lambda one: one.ask("agent/attach", agent=agent, since="screen"), ONE_SUBSCRIPTION)


@check(config="", alone=True)
def large_requests_are_not_kept(stage):
    """What a request said is not kept once it is answered, however long its subscription lasts."""
    def begin(one):
        for _ in range(70):
            one.ask("events/subscribe", types=[f"agent.{number}{'x' * 16000}" for number in range(64)])
    cost(stage, 3, begin, 2 * THE_WORST)


@check(config="", alone=True)
def lines_that_do_not_end(stage):
    """Clients that each begin a line of 1 MiB and never end it cost what they sent, and little more."""
    cost(stage, 40, lambda one: one.write(b" " * (MIB - 10)), 2 * MIB)


@check(config="")
def slow_and_dead_readers_of_a_noisy_agent(stage):
    """While an agent writes as fast as it can and its readers read a byte now and then, or nothing, everybody else is
    answered; the daemon's memory stays where it was; and who reads again is told what it missed."""
    with stage.wire() as wire, contextlib.ExitStack() as stack:
        agent = stage.start(wire, "exec yes 'a line of no great interest'", profile="small")["id"]
        before = stage.daemon.resident()
        dead = [stack.enter_context(stage.wire()) for _ in range(10)]
        slow = [stack.enter_context(stage.wire()) for _ in range(10)]
        for one in dead + slow:
            one.attached = one.ask("agent/attach", agent=agent, since="now", encoding="base64")
            one.ask("events/subscribe", since=0)
        begin = wire.call("agent/get", agent=agent)["output"]["end"]
        read = 0
        while wire.call("agent/get", agent=agent)["output"]["end"] < begin + 100 * MIB or read < 30:
            for one in slow:
                one.rest += one.socket.recv(1)  # Far from a line's end.
            read += 1
            time.sleep(0.02)
        grown = stage.daemon.resident() - before
        require(grown < 20 * ONE_SUBSCRIPTION + SLACK, f"the daemon grew by {grown / MIB:.0f} MiB for 20 readers")
        wire.call("agent/kill", agent=agent)
        for one in (dead[0], slow[0]):
            position, gaps = one.answer(one.attached)["offset"], 0
            while (note := one.note())["method"] != "subscription/ended":
                params = note["params"]
                if note["method"] == "agent/output":
                    equal(params["offset"], position, "the offset of a chunk")
                    position = params["offset"] + len(chunk_bytes(params))
                elif note["method"] == "agent/gap":
                    equal(params["from"], position, "where the gap begins")
                    position, gaps = params["to"], gaps + 1
            require(gaps > 0, "it is not told of a gap")
            equal(position, wire.call("agent/get", agent=agent)["output"]["end"], "where its output ends")


@check()
def a_reader_that_stops_and_goes_on(stage):
    """A client that stops reading for a while gets all of it afterwards, each byte once, while there is room in the
    ring."""
    data = os.urandom(4 * MIB)
    with stage.wire() as wire:
        agent = written(stage, wire, data)
        result = wire.ask("agent/attach", agent=agent, since=0, encoding="base64")
        time.sleep(0.5)
        found, reason = received(wire, wire.answer(result)["subscription"], 0)
        require(found == data and reason == "eof", f"{len(found)} bytes of {len(data)} came, and {reason}")


def median_of_others(stage, agent, seconds=2):
    """The median time of another client's agent/get, in seconds."""
    times = []
    with stage.wire(300) as wire:
        end = time.monotonic() + seconds
        while time.monotonic() < end or len(times) < 5:
            begin = time.perf_counter()
            wire.call("agent/get", agent=agent)
            times.append(time.perf_counter() - begin)
            time.sleep(0.005)
    return sorted(times)[len(times) // 2]


@contextlib.contextmanager
def greedy(stage, kind, agent):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "greedy.py")
    process = subprocess.Popen([sys.executable, path, stage.scratch.socket, kind, agent], stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        time.sleep(0.3)
        yield
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


@check(config="", alone=True)
def gigabytes_of_logs_delay_nobody(stage):
    """A client that asks for all logs in a pipeline delays another's agent/get little more than one that is attached to
    the same: both keep a processor busy, and neither is to stand before others in a queue."""
    with stage.wire(120) as wire:
        agent = written(stage, wire, b"".join(b"%015d\n" % number for number in range(1 << 22)))
        quiet = stage.start(wire)["id"]
    with greedy(stage, "attach", agent):
        attached = median_of_others(stage, quiet)
    with greedy(stage, "logs", agent):
        asking = median_of_others(stage, quiet)
    require(asking <= attached * LEAST_FAIR,
            f"agent/get takes {asking * 1000:.1f} ms beside a client that asks for logs, and {attached * 1000:.1f} ms "
            "beside one that is attached")


@check(config="", alone=True)
def costly_requests_delay_nobody(stage):
    """Requests made to be costly, by several clients at once, delay another's agent/get by no more than the work of a
    few of them: the tail of many short lines, and lists with very many labels."""
    with stage.wire(120) as wire:
        agent = written(stage, wire, b"\n" * (8 * MIB))
        quiet = stage.start(wire)["id"]
        for kind, method, params in (
                ("tails", "agent/logs", {"agent": agent, "tail": {"lines": 1 << 30}}),
                ("labels", "agent/list", {"labels": {f"label-{number}": "" for number in range(40000)}})):
            begin = time.perf_counter()
            wire.call(method, **params)
            alone = time.perf_counter() - begin
            stop = threading.Event()

            def ask():
                with stage.wire(300) as one:
                    waiting = [one.ask(method, **params) for _ in range(12)]
                    while not stop.is_set():
                        one.answer(waiting.pop(0))
                        waiting.append(one.ask(method, **params))
            threads = [threading.Thread(target=ask) for _ in range(2)]
            for thread in threads:
                thread.start()
            try:
                time.sleep(0.5)
                other = median_of_others(stage, quiet)
            finally:
                stop.set()
                for thread in threads:
                    thread.join(300)
            require(other <= alone * 6, f"agent/get takes {other * 1000:.0f} ms beside {kind}, each of which takes "
                                        f"{alone * 1000:.0f} ms")


@check(config="", alone=True)
def a_screen_that_is_hard_work_delays_nobody(stage):
    """While the daemon makes the screen of an agent that has made that hard work, all else is answered, to its owner too:
    lists, logs, output as it comes, and other agents' screens."""
    # On a machine that is through before all else is answered, more is needed.
    require(any(is_overtaken(stage, HARD << doubled) for doubled in range(5)),
            "all else is answered only after that screen, however much work it is")


def is_overtaken(stage, work):
    """Whether all else is answered before a screen that takes so much work."""
    hard = b"\x1b[?69h\x1b[2;999s" + b"\x1b[2S" * work
    with stage.wire() as wire, stage.wire(300) as looking, stage.wire() as attaching:
        agent = screens.written(stage, wire, hard, size=(1000, 1000))
        other = stage.start(wire, "echo here; exec sleep 600", tty=True)["id"]
        look = looking.ask("agent/screen", agent=agent)
        attaching.ask("agent/attach", agent=agent, since="screen")
        for _ in range(3):
            wire.call("agent/list")
            wire.call("events/list")
            wire.call("agent/logs", agent=other)
            wire.call("agent/get", agent=agent, include=["policy"])
            attached = wire.call("agent/attach", agent=other, since=0)["subscription"]
            equal(wire.note()["params"]["data"], "here\r\n", "the output of another agent")
            wire.call("agent/detach", subscription=attached)
            wire.streamed.clear()
        wire.call("agent/screen", agent=other)
        overtaken = looking.quiet(0.01)
        looking.message(look)
        return overtaken


@check(config="", alone=True)
def memory_of_a_tail(stage):
    """The tail of more lines than there are takes no memory by the line."""
    with stage.wire(120) as wire:
        agent = written(stage, wire, b"\n" * (16 * MIB))
        before = stage.daemon.resident()
        most = before
        number = wire.ask("agent/logs", agent=agent, tail={"lines": 1 << 40})
        with stage.wire(120) as other:
            done = threading.Event()

            def watch():
                nonlocal most
                while not done.is_set():
                    most = max(most, stage.daemon.resident() or 0)
                    time.sleep(0.005)
            thread = threading.Thread(target=watch)
            thread.start()
            try:
                wire.answer(number)
                other.call("agent/list")
            finally:
                done.set()
                thread.join()
        require(most - before < 2 * SLACK, f"the tail of 16 MiB of empty lines took {(most - before) / MIB:.0f} MiB")
