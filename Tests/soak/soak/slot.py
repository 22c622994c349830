# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""One place for an agent: as soon as one has had its life the next gets it."""
import collections
import itertools
import threading
import time
import traceback

from supervisor.client import Lost, Refused
from supervisor.pieces import Pieces, Wrong

from . import lives


class Interrupted(Exception):
    """The daemon was killed while it started the agent, which the next one says. The agent never ran."""


class Slot(threading.Thread):
    def __init__(self, stage, number, dice):
        super().__init__(name=f"slot {number}", daemon=True)
        self.stage, self.number, self.dice = stage, number, dice
        self.connection = None
        self.doing = ""
        # Each agent's id and its life, for whoever checks what is known of them later.
        self.lived, self.interrupted = {}, []
        self.counts = collections.Counter()

    def run(self):
        for turn in itertools.count():
            if self.stage.closing.is_set():
                break
            name = f"s{self.number}-{turn}"
            life = lives.any_life(self.dice, self.stage.scratch.mark)
            try:
                self.live(name, life)
            except Wrong as problem:
                self.stage.fail(f"agent {name} ({life.kind}): {problem}")
            except Exception:  # The test's own, or the daemon's answer: nothing of it may go unsaid.
                self.stage.fail(f"agent {name} ({life.kind}), while {self.doing}: {traceback.format_exc()}")
        if self.connection:
            self.connection.close()

    # A life

    def live(self, name, life):
        try:
            agent = self.begin(name, life)
        except Interrupted as interruption:
            self.remove(str(interruption), name)
            return
        follower = self.dice.random() < 0.5 and not life.ended_by
        pieces = self.follow(agent) if follower else None
        self.bring_to_end(agent, life)
        if life.ended_by == "remove":
            self.remove(agent, name, force=True)
            self.counts[life.kind] += 1
            return
        ended = self.call("agent/wait", agent=agent)
        self.check_end(ended, life)
        stored = self.read(agent)
        self.check_output(stored, ended, life)
        if pieces:
            if pieces.end != ended["output"]["end"] and not (pieces.end is None and ended["output"]["end"] == 0):
                raise Wrong(f"what was followed ends at {pieces.end}, and the output at {ended['output']['end']}")
            self.check_lines(pieces, life)
            self.counts["followed"] += 1
        # The same to whoever asks again, perhaps another daemon.
        again = self.call("agent/get", agent=agent)
        if again["exit"] != ended["exit"] or again["endedAt"] != ended["endedAt"]:
            raise Wrong(f"its end was {ended['exit']} at {ended['endedAt']} and now is {again['exit']} at "
                        f"{again['endedAt']}")
        self.remove(agent, name)
        self.counts[life.kind] += 1

    def begin(self, name, life):
        """Asks until there is an answer, always under one key, and returns the agent's id."""
        command = ["/bin/sh", "-c", f": {self.stage.scratch.mark}; {life.script}"]
        request = {"name": name, "command": command, "profile": "soak", "tty": life.tty, "requestKey": name,
                   "labels": {"slot": str(self.number)}, "env": {"SOAK": self.stage.scratch.mark}}
        if life.timeouts:
            request["timeouts"] = life.timeouts
        ends, refusal = self.stage.ends, None
        try:
            answer = self.call("agent/start", **request)
        except Refused as problem:
            refusal = problem
        if refusal is None:
            agent = answer["id"]
        elif refusal.word == "jail_failed" and "the daemon ended while it started" in refusal.message:
            agent = refusal.data["agent"]
            if self.stage.ends == ends:
                raise Wrong(f"it is said to be interrupted, and no daemon was killed: {refusal}")
        else:
            raise Wrong(f"it did not start: {refusal}")
        with self.stage.lock:
            self.stage.known[agent] = name
        if refusal:
            self.interrupted.append(agent)
            raise Interrupted(agent)
        self.lived[agent] = life
        return agent

    def bring_to_end(self, agent, life):
        if life.says:
            self.wait_for_output(agent, life.says)
        if life.lasts:
            self.stage.closing.wait(life.lasts)
        if life.ended_by == "stop":
            self.call("agent/stop", agent=agent, grace=life.grace)
        elif life.ended_by == "kill":
            self.call("agent/kill", agent=agent)
        elif life.ended_by == "input":
            try:
                self.call("agent/input", agent=agent, data=f"{life.code}\n")
            except Refused as problem:
                # What was lost was the answer: the agent has read it, and has ended.
                if problem.word != "invalid_state":
                    raise

    def wait_for_output(self, agent, text):
        deadline = time.monotonic() + 300
        while True:
            pieces = self.read(agent)
            if text in pieces.of("tty") + pieces.of("stdout"):
                return
            if time.monotonic() > deadline:
                raise Wrong(f"has not written {text} for 300 seconds")
            time.sleep(0.1)

    def remove(self, agent, name, **how):
        with self.stage.lock:
            self.stage.leaving.add(agent)
        interrupted = False
        while True:
            try:
                self.once("agent/remove", agent=agent, **how)
                break
            except Lost:
                interrupted = True
            except Refused as problem:
                # The answer was lost, not the request.
                if problem.word != "agent_not_found" or not interrupted:
                    raise Wrong(f"agent {name} cannot be removed: {problem}") from None
                break
        with self.stage.lock:
            self.stage.gone.add(agent)

    # What is read

    def follow(self, agent):
        """Everything from the first byte on, as it comes, until there is no more; under as many daemons as it takes."""
        pieces = Pieces()
        while True:
            try:
                connection = self.stage.connect()
                with connection:
                    where = {} if pieces.end is None else {"since": pieces.end}
                    connection.call("agent/attach", agent=agent, encoding="base64", **where)
                    # Or the daemon was told to end, and the next one goes on.
                    if pieces.receive(connection) == "eof":
                        return pieces
            except Lost:
                pass

    def read(self, agent):
        return Pieces.stored(self.call, agent)

    # What is checked

    def check_end(self, ended, life):
        if ended["state"] != "exited" or ended["exit"] != life.exit:
            raise Wrong(f"it is {ended['state']} with {ended['exit']} instead of {life.exit}; its script is "
                        f"{life.script!r}")
        desired = "stopped" if life.ended_by in ("stop", "kill") else "running"
        if ended["desired"] != desired:
            raise Wrong(f"it was to be {ended['desired']} instead of {desired}")
        if life.at_least:
            lived = self.call("agent/usage", agent=ended["id"])["wallMilliseconds"] / 1000
            if lived < life.at_least:
                raise Wrong(f"it had {life.at_least} seconds to live, and lived {lived}")

    def check_output(self, pieces, ended, life):
        start, end, ring = ended["output"]["start"], ended["output"]["end"], self.stage.scratch.ring
        if (pieces.start or 0, pieces.end or 0) != (start, end):
            raise Wrong(f"its stored output is {pieces.start} to {pieces.end}, and is said to be {start} to {end}")
        if life.silent and end != 0:
            raise Wrong(f"it wrote nothing, and there are {end} bytes of output")
        if start > 0 and not ring // 2 <= end - start <= 2 * ring:
            raise Wrong(f"of {end} bytes {end - start} are left, with a ring of {ring}")
        self.check_lines(pieces, life)

    def check_lines(self, pieces, life):
        missing = (pieces.start or 0) + sum(end - begin for begin, end in pieces.gaps)
        if missing and pieces.size < self.stage.scratch.ring // 2:
            raise Wrong(f"{missing} bytes are missing, and the ring was not full")
        if not life.lines:
            return
        if pieces.gaps and any(gap[0] != 0 for gap in pieces.gaps):
            # A reader may be overtaken by the ring only where there is more than that.
            if pieces.end <= self.stage.scratch.ring // 2:
                raise Wrong(f"there are gaps in its output: {pieces.gaps}")
            return self.check_lines_between_gaps(pieces, life)
        for stream, numbered in life.lines.items():
            numbered.check(pieces.of(stream), b"\r\n" if stream == "tty" else b"\n", missing)

    def check_lines_between_gaps(self, pieces, life):
        (stream, numbered), = life.lines.items()
        whole = numbered.whole(b"\r\n" if stream == "tty" else b"\n")
        if pieces.end != len(whole):
            raise Wrong(f"{pieces.end} bytes of output instead of {len(whole)}")
        rest, position = pieces.of(stream), pieces.start
        for begin, end in [*pieces.gaps, (pieces.end, pieces.end)]:
            part, rest = rest[:begin - position], rest[begin - position:]
            if part != whole[position:begin]:
                raise Wrong(f"other output than it wrote between {position} and {begin}")
            position = end

    # Requests

    def once(self, method, **params):
        self.doing = f"{method} was under way"
        if self.connection is None:
            self.connection = self.stage.connect()
        try:
            with self.stage.under_way(method):
                return self.connection.call(method, **params)
        except Lost:
            self.connection.close()
            self.connection = None
            self.counts["lost answers"] += 1
            raise
        except Refused as problem:
            if problem.word != "draining":
                raise
            # It was told to end, and takes nothing new: the next one does.
            self.connection.close()
            self.connection = None
            raise Lost(str(problem)) from None
        except TimeoutError:
            # Its answer may still come.
            self.connection.close()
            self.connection = None
            raise

    def call(self, method, **params):
        """For a request that may be carried out twice."""
        while True:
            try:
                return self.once(method, **params)
            except Lost:
                pass
