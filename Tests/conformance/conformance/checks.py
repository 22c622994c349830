# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""The list of checks, and how they are run: side by side on one daemon, or with a daemon of their own, or alone."""
import concurrent.futures
import os
import time
import traceback

from supervisor.client import Lost, Refused
from supervisor.daemon import DaemonEnded
from supervisor.pieces import Wrong

from .stage import Stage

CHECKS = []


class Check:
    def __init__(self, body, config, alone):
        self.body, self.config, self.alone = body, config, alone
        self.name = f"{body.__module__.rsplit('.', 1)[1]}/{body.__name__}"
        self.promise = " ".join(body.__doc__.split())

    def run(self, shared):
        """What is wrong, in words; None if all holds."""
        try:
            if self.config is None:
                self.body(shared)
            else:
                with Stage.own(self.config) as stage:
                    self.body(stage)
                    stage.daemon.require_life()
            return None
        except (Wrong, Lost, Refused, TimeoutError, DaemonEnded) as problem:
            place = next((f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in
                          reversed(traceback.extract_tb(problem.__traceback__))
                          if frame.name == self.body.__name__), "")
            return " ".join(f"{problem} ({place})".split())
        except Exception:  # A fault of the check's own, to be seen whole.
            return traceback.format_exc()


def check(config=None, alone=False):
    """Makes a function a check. Its argument is a stage: the common one, or, with a `config` (text of the daemon's
    configuration, which may be empty), one with a daemon of its own. One that measures runs `alone`."""
    def take(body):
        CHECKS.append(Check(body, config, alone))
        return body
    return take


def require(condition, sentence):
    if not condition:
        raise Wrong(sentence)


def equal(found, expected, what):
    if found != expected:
        raise Wrong(f"{what} is {str(found)[:200]} instead of {str(expected)[:200]}")


def eventually(condition, sentence, seconds=60):
    """Returns what the condition came to be. The time is longer than anything takes, however busy the machine is."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise Wrong(f"not within {seconds} seconds: {sentence}")
        time.sleep(0.02)
    return value


def only_wire(stage):
    """A connection to a daemon that has no other: whoever looked whether it answers may be about to leave."""
    wire = stage.wire()
    eventually(lambda: wire.call("supervisor/status")["connections"] == 1, "nobody else is there")
    return wire


def run(chosen, shared, jobs, say, times=False):
    """Runs the checks and says what is wrong; returns how many hold not."""
    failures = 0

    def timed(one):
        begin = time.monotonic()
        return one.run(shared), time.monotonic() - begin

    def done(one, outcome):
        nonlocal failures
        problem, seconds = outcome
        if times:
            say(f"{seconds:.1f} s {one.name}")
        if problem:
            failures += 1
            say(f"{one.name}: {one.promise}: {problem}")

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        # Those that start a daemon take longest.
        together = sorted((one for one in chosen if not one.alone), key=lambda one: one.config is None)
        running = {pool.submit(timed, one): one for one in together}
        for future in concurrent.futures.as_completed(running):
            done(running[future], future.result())
    for one in chosen:
        if one.alone:
            done(one, timed(one))
    return failures
