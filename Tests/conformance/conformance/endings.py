# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""How agents end, and what comes after: wait, stop, kill, restart, remove, the restart policy, the queue."""
from .agents import text_of
from .checks import check, equal, eventually, require


@check()
def exit_codes(stage):
    """An agent's end is its exit code or its signal, with the reason, and stays."""
    with stage.wire() as wire:
        for script, end in (("exit 0", (0, None, "exited")), ("exit 255", (255, None, "exited")),
                            ("kill -TERM $$", (None, "SIGTERM", "signaled")),
                            ("kill -KILL $$", (None, "SIGKILL", "signaled"))):
            agent = stage.ended(wire, script)
            equal(agent["exit"], dict(zip(("code", "signal", "reason"), end)), f"the end of {script}")
            equal((agent["state"], agent["desired"] in ("running", "stopped"), agent["pid"]), ("exited", True, None),
                  "the agent")
            require(agent["endedAt"] >= agent["startedAt"] >= agent["createdAt"], "its times are out of order")
            equal(agent["exits"][-1]["exit"], agent["exit"], "the last of its exits")
            equal(wire.call("agent/get", agent=agent["id"]), agent, "agent/get")


@check()
def wait_times_out(stage):
    """A wait with a timeout is answered with timed_out, and changes nothing; one for an ended agent at once."""
    with stage.wire() as wire:
        agent = stage.start(wire)["id"]
        wire.refused("timed_out", "agent/wait", agent=agent, timeout="50ms")
        wire.refused("timed_out", "agent/wait", agent=agent, timeout="0s")
        wire.call("agent/kill", agent=agent)
        wire.call("agent/wait", agent=agent, timeout="0s")


@check()
def many_wait(stage):
    """All who wait for an agent are answered, on one connection and on many."""
    with stage.wire() as wire, stage.wire() as other:
        agent = stage.start(wire)["id"]
        waits = [(one, one.ask("agent/wait", agent=agent)) for one in (wire, other) for _ in range(20)]
        with stage.wire() as third:
            third.call("agent/kill", agent=agent)
        for one, number in waits:
            equal(one.answer(number)["exit"]["reason"], "killed", "the reason")


@check()
def stopped(stage):
    """agent/stop sends INT, then TERM, then ends everything, within the grace; it is answered when the agent has
    ended, and to stop one that has ended is no error."""
    with stage.wire() as wire:
        agent = stage.start(wire, "trap 'echo int; exit 7' INT; while :; do sleep 0.05; done")["id"]
        eventually(lambda: wire.call("agent/usage", agent=agent)["wallMilliseconds"] > 100, "its trap is set")
        end = wire.call("agent/stop", agent=agent)
        equal((end["state"], end["desired"], end["exit"]), ("exited", "stopped",
              {"code": 7, "signal": None, "reason": "stopped"}), "the agent")
        equal(text_of(wire, agent), "int\n", "what it wrote")
        equal(wire.call("agent/stop", agent=agent), end, "to stop it again")
        deaf = stage.start(wire, "trap '' INT TERM HUP; while :; do sleep 0.05; done")["id"]
        eventually(lambda: wire.call("agent/usage", agent=deaf)["wallMilliseconds"] > 100, "its trap is set")
        equal(wire.call("agent/stop", agent=deaf, grace="200ms")["exit"],
              {"code": None, "signal": "SIGKILL", "reason": "stopped"}, "the end of one that ignores signals")


@check()
def killed(stage):
    """agent/kill ends everything in the jail, whatever it ignores, and replaces a stop that is under way."""
    with stage.wire() as wire:
        agent = stage.start(wire, "trap '' INT TERM HUP; (trap '' INT TERM HUP; sleep 600) & while :; do sleep 0.05; done")["id"]
        stop = wire.ask("agent/stop", agent=agent, grace="600s")
        eventually(lambda: wire.call("agent/get", agent=agent)["state"] == "stopping", "it is being stopped")
        end = wire.call("agent/kill", agent=agent)
        equal(end["exit"]["reason"], "killed", "the reason")
        equal(wire.answer(stop)["exit"], end["exit"], "the end that the stop is answered with")
        equal(wire.call("agent/kill", agent=agent), end, "to kill it again")


@check()
def restarted(stage):
    """agent/restart runs an agent again, its output going on where it ended; one that runs is stopped first."""
    with stage.wire() as wire:
        agent = stage.start(wire, "echo run; exec sleep 600")["id"]
        eventually(lambda: wire.call("agent/get", agent=agent)["output"]["end"] == 4, "it writes")
        again = wire.call("agent/restart", agent=agent)
        equal((again["id"], again["state"], again["attempt"], again["exit"]), (agent, "running", 2, None), "the agent")
        eventually(lambda: wire.call("agent/get", agent=agent)["output"]["end"] == 8, "it writes again")
        equal(text_of(wire, agent), "run\nrun\n", "its output")
        wire.call("agent/kill", agent=agent)
        third = wire.call("agent/restart", agent=agent)
        equal((third["attempt"], third["desired"]), (3, "running"), "the attempt")
        equal([one["attempt"] for one in third["exits"]], [1, 2], "the attempts that are over")
        wire.call("agent/kill", agent=agent)


@check()
def removed(stage):
    """agent/remove forgets an agent that has ended; one that runs only with force."""
    with stage.wire() as wire:
        agent = stage.start(wire)["id"]
        equal(wire.refused("invalid_state", "agent/remove", agent=agent)["data"]["state"], "running", "data.state")
        wire.refused("invalid_state", "agent/remove", agent=agent, force=False)
        wait = wire.ask("agent/wait", agent=agent)
        wire.call("agent/get", agent=agent)
        equal(wire.call("agent/remove", agent=agent, force=True), {}, "the answer")
        message = wire.message(wait)
        require("result" in message or message["error"]["data"]["error"] == "agent_not_found",
                f"who waited for one that was removed got {message}")
        wire.refused("agent_not_found", "agent/get", agent=agent)


@check()
def run_again_after_a_crash(stage):
    """An agent that crashes under a restart policy is run again after a pause, as often as it may, and then has failed."""
    with stage.wire() as wire:
        agent = stage.start(wire, "echo x; exit 3", restart={
            "policy": "on-failure", "initial": "20ms", "max": "20ms", "limit": 2, "jitter": 0, "factor": 1,
            "window": "1h", "resetAfter": "1h"})["id"]
        end = wire.call("agent/wait", agent=agent)
        equal((end["state"], end["restarts"], end["attempt"], end["exit"]["code"]), ("failed", 2, 3, 3), "the agent")
        equal([one["exit"]["code"] for one in end["exits"]], [3, 3, 3], "how the attempts ended")
        equal(text_of(wire, agent), "x\n" * 3, "its output")
        slow = stage.start(wire, "exit 1", restart={"policy": "always", "initial": "1h", "max": "1h"})["id"]
        waiting = eventually(lambda: (found := wire.call("agent/get", agent=slow))["state"] == "backoff" and found,
                             "it waits to be run again")
        require(waiting["nextAttemptAt"] > waiting["endedAt"], "the next attempt is before the end of the last")
        equal(wire.call("agent/stop", agent=slow)["state"], "exited", "the state of one that was stopped meanwhile")


@check()
def timeouts(stage):
    """An agent that is out of time ends, and says that this was the reason."""
    with stage.wire() as wire:
        agent = stage.ended(wire, "exec sleep 600", timeouts={"wall": "100ms", "grace": "5s"})
        equal(agent["exit"]["reason"], "wall_time", "the reason")
        agent = stage.ended(wire, "exec sleep 600", timeouts={"idle": "1s", "grace": "5s"})
        equal(agent["exit"]["reason"], "idle", "the reason")


@check(config="agents: {running: 1, queued_per_owner: 2}\n")
def queued(stage):
    """An agent for which there is no room waits in the queue with its place, and runs when there is; more than may wait
    are limit_reached."""
    with stage.wire() as wire:
        first = stage.start(wire)["id"]
        waiting = [stage.start(wire, "exit 0") for _ in range(2)]
        equal([(agent["state"], agent["queuePosition"], agent["pid"], agent["startedAt"]) for agent in waiting],
              [("queued", 1, None, None), ("queued", 2, None, None)], "those that wait")
        equal(wire.error(stage.ask_start(wire, "exit 0"), "limit_reached")["data"]["limit"], "queued_per_owner", "data.limit")
        for method, more in (("input", {"data": "x"}), ("signal", {"signal": "SIGINT"}), ("pause", {})):
            equal(wire.refused("invalid_state", f"agent/{method}", agent=waiting[0]["id"], **more)["data"]["state"],
                  "queued", "data.state")
        logs = wire.call("agent/logs", agent=waiting[0]["id"])
        equal((logs["chunks"], logs["end"], logs["eof"]), ([], 0, False), "its output")
        equal(wire.call("agent/kill", agent=waiting[1]["id"])["state"], "exited", "the state of one killed in the queue")
        attached = wire.call("agent/attach", agent=waiting[0]["id"])
        wire.call("agent/kill", agent=first)
        equal(wire.call("agent/wait", agent=waiting[0]["id"])["exit"]["code"], 0, "the exit code of the next")
        equal(wire.note()["params"], {"subscription": attached["subscription"], "reason": "eof"}, "the end of its output")


@check(config="", alone=True)
def a_shared_workspace_delays_no_end(stage):
    """An agent that shares its workspace with one that runs ends hardly later than one that does not."""
    import time

    def median(**more):
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            stage.ended(wire, **more)
            times.append(time.perf_counter() - begin)
        return sorted(times)[2]
    with stage.wire() as wire:
        alone = median()
        shared = stage.directory()
        stage.start(wire, workspace=shared)
        beside = median(workspace=shared)
        # The jail gives what may still be in use a fifth of a second, once and not for each of its placeholders.
        require(beside < alone * 15, f"its life takes {beside * 1000:.0f} ms instead of {alone * 1000:.0f}")
