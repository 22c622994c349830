# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""What the checks here have in common: a promise that does not hold ends one with a sentence."""
import os
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "Support"))

from supervisor.client import Lost, Refused  # noqa: E402
from supervisor.daemon import DaemonEnded  # noqa: E402
from supervisor.pieces import Wrong  # noqa: E402

# Longer than anything takes, however busy the machine is.
PATIENCE = 120
NAME = os.path.basename(sys.argv[0])


def say(sentence):
    print(f"{NAME}: {sentence}", flush=True)


def require(condition, sentence):
    if not condition:
        raise Wrong(sentence)


def eventually(condition, sentence, seconds=PATIENCE):
    """Returns what the condition came to be."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise Wrong(f"not within {seconds} seconds: {sentence}")
        time.sleep(0.1)
    return value


def run(main):
    """Runs a check, and lets a broken promise end it with its sentence."""
    try:
        main()
    except (Wrong, DaemonEnded, Lost, Refused, TimeoutError) as problem:
        sys.exit(f"{NAME}: {problem}")
    say("holds")
