# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""What all that take part share: which daemon runs now, what is known of agents, and what went wrong."""
import threading
import time

from supervisor.client import Lost

# Longer than anything takes, however busy the machine is: what takes longer hangs.
PATIENCE = 300


class Stage:
    def __init__(self, scratch):
        self.scratch = scratch
        self.daemon = None
        self.lock = threading.Condition()
        # How often the daemon was ended: who has seen this number grow was interrupted.
        self.ends = 0
        self.closing = threading.Event()
        self.failures = []
        # Of agents whose start was answered: name by id. From the moment their removal is asked for they may be gone.
        self.known, self.leaving, self.gone = {}, set(), set()
        # What requests are under way, for whoever wants to kill the daemon during one.
        self.requests = {}

    # The daemon

    def opens(self, daemon):
        with self.lock:
            self.daemon = daemon
            self.lock.notify_all()

    def closes(self):
        with self.lock:
            self.ends += 1
            self.daemon = None

    def connect(self):
        """A connection to the daemon that runs now, or to the next one."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with self.lock:
                if not self.lock.wait_for(lambda: self.daemon is not None, deadline - time.monotonic()):
                    raise TimeoutError(f"there has been no daemon for {PATIENCE} seconds")
                daemon = self.daemon
            try:
                return daemon.connect(PATIENCE)
            except Lost:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    # Requests

    def under_way(self, method):
        """To be used in a `with` around a request."""
        return UnderWay(self, method)

    def wait_for_request(self, method, seconds):
        """Returns once such a request is under way, or when the time is over."""
        with self.lock:
            return self.lock.wait_for(lambda: self.requests.get(method), seconds)

    # Failures

    def fail(self, sentence):
        """From now on no agent is replaced: those that there are come to their end."""
        self.closing.set()
        with self.lock:
            self.failures.append(sentence)
            if len(self.failures) <= 20:
                print(f"soak: {sentence}", flush=True)


class UnderWay:
    def __init__(self, stage, method):
        self.stage, self.method = stage, method

    def __enter__(self):
        with self.stage.lock:
            self.stage.requests[self.method] = self.stage.requests.get(self.method, 0) + 1
            self.stage.lock.notify_all()

    def __exit__(self, *_):
        with self.stage.lock:
            self.stage.requests[self.method] -= 1
