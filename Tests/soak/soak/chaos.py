# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Ends the daemon every few seconds, at all kinds of moments, and starts the next one."""
import collections
import signal
import statistics
import time

from supervisor.daemon import Daemon

REQUESTS = ("agent/start", "agent/stop", "agent/kill", "agent/remove", "agent/wait", "agent/logs")


class Chaos:
    def __init__(self, stage, dice):
        self.stage, self.dice = stage, dice
        self.kinds = collections.Counter()
        # Of each daemon that got old enough: when that was, and its memory in bytes then.
        self.figures = []
        self.daemons = 0
        self.daemon = None

    def start_daemon(self):
        """A daemon that answers. Now and then one is killed before it does."""
        while True:
            self.daemons += 1
            self.daemon = Daemon(self.stage.scratch)
            if self.daemons > 1 and self.dice.random() < 0.15:
                time.sleep(self.dice.uniform(0, 0.3))
                if self.daemon.has_ended:
                    self.daemon.require_life()
                self.daemon.end()
                self.kinds["while it started"] += 1
                continue
            self.daemon.wait_until_it_answers()
            self.stage.opens(self.daemon)
            return

    def disturb(self, until):
        """Until then. Leaves a daemon that runs."""
        while time.monotonic() < until and not self.stage.failures:
            self.wait_for_a_moment()
            self.daemon.require_life()
            self.stage.closes()
            if self.dice.random() < 0.1:
                status = self.daemon.end(signal.SIGTERM)
                if status != 0:
                    self.stage.fail(f"the daemon ended with {status} after SIGTERM: {self.daemon.last_words()}")
                self.kinds["SIGTERM"] += 1
            else:
                self.daemon.end()
            self.start_daemon()

    def wait_for_a_moment(self):
        """Some time, and then perhaps until something is under way, and perhaps a little into it."""
        end = time.monotonic() + self.dice.uniform(0.2, 5)
        measured = False
        while time.monotonic() < end:
            time.sleep(0.05)
            if not measured and self.daemon.age > 1.5:
                measured = True
                self.figures.append((time.monotonic(), self.daemon.resident()))
        if self.dice.random() < 0.7:
            method = self.dice.choice(REQUESTS)
            self.stage.wait_for_request(method, 2)
            time.sleep(self.dice.choice([0, self.dice.uniform(0, 0.03)]))
            self.kinds[method] += 1
        else:
            self.kinds["any moment"] += 1

    def growth(self):
        """How many times the memory that early daemons had late ones have, at the same age; nothing if too few got that
        old. The first half minute does not count: there were fewer agents."""
        begin = self.figures[0][0] if self.figures else 0
        sizes = [size for moment, size in self.figures if moment - begin > 15 and size]
        third = len(sizes) // 3
        if third < 3:
            return None
        return statistics.median(sizes[-third:]) / statistics.median(sizes[:third])
