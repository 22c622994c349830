# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""What a check is, and how each is run: in a process of its own, so that none takes the others along."""
import errno
import json
import os
import select
import signal
import sys
import time
import traceback

from . import kernel


class Skip(Exception):
    """The check says nothing here, for this reason."""


class Facts:
    """What the test knows of the outside. A check that needs what was not given is skipped."""

    def __init__(self, values):
        self.values = values

    def __getattr__(self, name):
        try:
            return self.values[name]
        except KeyError:
            raise Skip(f"not told: {name}") from None

    def get(self, name, default=None):
        return self.values.get(name, default)


facts = Facts({})
ALL = []


class Check:
    def __init__(self, group, name, kind, body, seconds):
        self.id, self.group, self.kind, self.body, self.seconds = f"{group}.{name}", group, kind, body, seconds


class Group:
    def __init__(self, name):
        self.name = name

    def attack(self, name, seconds=120):
        """The function does what must not work. It raises OSError when that is refused, or returns a false value;
        what it returns else is what it got hold of."""
        return self._add(name, "attack", seconds)

    def need(self, name, seconds=300):
        """The function does what has to work, and raises when it does not."""
        return self._add(name, "need", seconds)

    def refused(self, name, call, *arguments):
        """A call that must not even be looked at: its arguments make it fail with another error if it is."""

        @self.attack(name)
        def body():
            return reaches(lambda: kernel.call(call, *arguments))

    def _add(self, name, kind, seconds):
        def add(body):
            check = Check(self.name, name, kind, body, seconds)
            assert all(check.id != other.id for other in ALL), check.id
            ALL.append(check)
            return body

        return add


def reaches(attempt):
    """What came of an attempt that got past everything that refuses it, if it did."""
    try:
        return f"returned {attempt()}"
    except OSError as problem:
        if problem.errno in kernel.REFUSALS:
            raise
        return "reached the kernel: " + errno.errorcode.get(problem.errno, str(problem.errno))


def outcome(check):
    """The result of a check in this process, and what there is to say of it."""
    good, bad = ("closed", "open") if check.kind == "attack" else ("works", "broken")
    try:
        got = check.body()
    except (Skip, kernel.Missing) as reason:
        return f"skipped: {reason}", ""
    except OSError as problem:
        code = errno.errorcode.get(problem.errno, str(problem.errno or problem))
        return (good, code) if check.kind == "attack" else (bad, f"{code} {problem}")
    except BaseException as problem:  # A check that is wrong must not look like a jail that holds.
        trace = "".join(traceback.format_exception(type(problem), problem, problem.__traceback__))[-600:]
        return ("error" if check.kind == "attack" else bad), trace
    if check.kind == "attack":
        return (bad, str(got)[:300]) if got else (good, "")
    return good, str(got or "")[:300]


def run(check):
    """As outcome, in a child that is ended after the check's time."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setsid()
        try:
            os.write(writing, json.dumps(outcome(check)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    answer, deadline = b"", time.monotonic() + check.seconds
    while True:
        if not select.select([reading], [], [], max(0, deadline - time.monotonic()))[0]:
            break
        part = os.read(reading, 65536)
        if not part:
            break
        answer += part
        try:
            json.loads(answer)
            break
        except ValueError:
            pass
    os.close(reading)
    late = not answer and time.monotonic() >= deadline
    try:
        os.killpg(child, signal.SIGKILL)
    except OSError:
        pass
    status = os.waitpid(child, 0)[1]
    if answer:
        return json.loads(answer)
    if late:
        return ("error" if check.kind == "attack" else "broken"), f"not done after {check.seconds} seconds"
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    # The filter ends a process by this signal; any other end says nothing about the attack.
    if check.kind == "attack" and number == signal.SIGSYS:
        return "closed", "SIGSYS"
    return ("error" if check.kind == "attack" else "broken"), f"ended with status {status}"
