# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""The lives that agents have: for each what is asked for, what is done to it, and how it has to end."""
import dataclasses

from .output import Numbered

# Those that end a process which does not handle them, and that no reason of its own goes with.
DEADLY = {"HUP": 1, "QUIT": 3, "ILL": 4, "ABRT": 6, "BUS": 7, "FPE": 8, "KILL": 9, "USR1": 10, "SEGV": 11, "USR2": 12,
          "PIPE": 13, "ALRM": 14, "TERM": 15}
FOREVER = "while :; do sleep 0.5; done"


@dataclasses.dataclass
class Life:
    kind: str
    script: str
    tty: bool
    # What the agent object's `exit` has to be.
    code: int | None = None
    signal: str | None = None
    reason: str = "exited"
    # What ends it, if it does not end by itself: agent/stop, agent/kill, agent/remove with force, or a line of input.
    ended_by: str | None = None
    grace: str | None = None
    # Something that it writes once it is to be ended; without, it may be ended at any moment.
    says: bytes | None = None
    # Seconds that it goes on before it is ended.
    lasts: float = 0
    # The stream on which lines are written, and the lines.
    lines: dict = dataclasses.field(default_factory=dict)
    silent: bool = False
    timeouts: dict = dataclasses.field(default_factory=dict)
    # Seconds that it has to have lived at least.
    at_least: float = 0

    @property
    def exit(self):
        return {"code": self.code, "signal": self.signal, "reason": self.reason}


def brief(dice, _):
    code = dice.choice([0, 0, 1, 2, 3, 42, 126, 127, 128, 137, 255, dice.randrange(256)])
    return Life("brief", f"echo brief; exit {code}", dice.random() < 0.5, code=code)


def crash(dice, _):
    name = dice.choice(sorted(DEADLY))
    pause = f"sleep {dice.uniform(0, 3):.2f}; " if dice.random() < 0.5 else ""
    return Life("crash", f"{pause}kill -{name} $$; sleep 60; exit 99", dice.random() < 0.5, signal=f"SIG{name}",
                reason="signaled")


def noisy(dice, mark):
    """A burst, or lines over a while; on a terminal, or on one pipe, or on both at once."""
    tty, slow, code = dice.random() < 0.5, dice.random() < 0.5, dice.randrange(256)
    count = dice.randrange(200, 3000) if slow else dice.randrange(1000, 30000)
    pause = max(1, count // dice.randrange(5, 60)) if slow else 0
    word = f"{mark}-{dice.randrange(1 << 32):08x}"
    out = Numbered(word, count)
    if tty:
        return Life("noisy", f"{out.awk(pause_every=pause)}; exit {code}", True, code=code, lines={"tty": out})
    if dice.random() < 0.5:
        return Life("noisy", f"{out.awk(pause_every=pause)}; exit {code}", False, code=code, lines={"stdout": out})
    error = Numbered(word + "-e", dice.randrange(200, 5000))
    script = (f"{out.awk(pause_every=pause)} & first=$!; {error.awk()} >&2 & second=$!; "
              f"wait $first $second; exit {code}")
    return Life("noisy on two pipes", script, False, code=code, lines={"stdout": out, "stderr": error})


def flood(dice, mark):
    """More than the ring holds."""
    out = Numbered(f"{mark}-{dice.randrange(1 << 32):08x}", dice.randrange(6000, 9000), padding=1000)
    return Life("flood", f"{out.awk()}; exit 7", False, code=7, lines={"stdout": out})


def silent(dice, _):
    code = dice.randrange(256)
    return Life("silent", f"sleep {dice.uniform(0, 6):.2f}; exit {code}", dice.random() < 0.5, code=code, silent=True)


def tree(dice, _):
    """Leaves behind what left its session, its parent and its signals, and holds the output open."""
    code = dice.randrange(256)
    script = ("(setsid sh -c 'trap \"\" INT TERM HUP; (setsid sleep 3600 &) ; sleep 3600' &) ; "
              "for i in 1 2 3; do (sleep 3600 & (sleep 3600 & sleep 3600) & exit) & done; "
              "setsid setsid sh -c 'while :; do sleep 1; done' & "
              f"sleep {dice.uniform(0, 4):.2f}; echo tree; exit {code}")
    return Life("tree", script, dice.random() < 0.5, code=code)


def stubborn(dice, _):
    """Hears no signal that asks it to end."""
    return Life("stubborn", f"trap '' INT TERM HUP; echo ready; {FOREVER}", dice.random() < 0.5, signal="SIGKILL",
                reason="stopped", ended_by="stop", grace=f"{dice.randrange(100, 900)}ms", says=b"ready",
                lasts=dice.expovariate(0.3))


def polite(dice, _):
    """Ends as it likes when it is asked to: at the first signal, or at the second."""
    code, is_second = dice.randrange(256), dice.random() < 0.3
    traps = f"trap '' INT; trap 'exit {code}' TERM HUP" if is_second else f"trap 'exit {code}' INT"
    # Waits with a builtin, so that the trap is taken at once.
    script = f"{traps}; sleep 3600 & echo ready; while :; do wait; done"
    # Each of the three signals gets a third, which has to be enough on a busy machine.
    return Life("polite", script, dice.random() < 0.5, code=code, reason="stopped", ended_by="stop",
                grace="24s" if is_second else "300s", says=b"ready", lasts=dice.expovariate(0.3))


def long(dice, _):
    """Does nothing until somebody ends it."""
    how = dice.choice(["stop", "kill", "kill", "remove"])
    signal, reason = ("SIGINT", "stopped") if how == "stop" else ("SIGKILL", "killed")
    return Life("long", "exec sleep infinity", dice.random() < 0.5, signal=signal, reason=reason, ended_by=how,
                grace="300s" if how == "stop" else None, lasts=dice.expovariate(0.1), silent=True)


def reader(dice, _):
    """Waits for a line on its terminal."""
    code = dice.randrange(1, 256)
    return Life("reader", "echo ready; read line; exit $((line + 0))", True, code=code, ended_by="input",
                says=b"ready", lasts=dice.expovariate(0.3))


def overdue(dice, _):
    """Has a time to live."""
    wall = dice.randrange(500, 4000)
    return Life("overdue", "exec sleep infinity", dice.random() < 0.5, signal="SIGINT", reason="wall_time",
                timeouts={"wall": f"{wall}ms"}, at_least=wall / 1000, silent=True)


KINDS = {brief: 4, crash: 4, noisy: 6, flood: 1, silent: 3, tree: 3, stubborn: 2, polite: 3, long: 5, reader: 2,
         overdue: 2}


def any_life(dice, mark):
    kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
    return kind(dice, mark)
