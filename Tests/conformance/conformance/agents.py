# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Starting agents, the agent object, input, signals, size, pause, usage."""
import os

from .checks import check, equal, eventually, require


def text_of(wire, agent):
    """All stored output as text."""
    text, since = "", 0
    while True:
        page = wire.call("agent/logs", agent=agent, since=since)
        text += "".join(chunk.get("data", "\ufffd") for chunk in page["chunks"])
        if page["next"] >= page["end"]:
            return text
        since = page["next"]


@check()
def start_says_what_runs(stage):
    """agent/start answers the agent once it runs, with all that was asked for; agent/get and agent/list say the same."""
    with stage.wire() as wire:
        name, workspace = stage.name(), stage.directory()
        agent = stage.start(wire, name=name, workspace=workspace, labels={"thread": "42", "a.b": ""})
        for member, value in {"name": name, "state": "running", "desired": "running", "launcher": "command",
                              "profile": "shell", "workspace": workspace, "labels": {"thread": "42", "a.b": ""},
                              "attempt": 1, "restarts": 0, "endedAt": None, "nextAttemptAt": None, "exit": None,
                              "failure": None, "exits": [], "queuePosition": None, "terminal": None}.items():
            equal(agent[member], value, member)
        equal(agent["owner"]["uid"], os.getuid(), "owner.uid")
        require(agent["startedAt"] >= agent["createdAt"], "it started before it was created")
        os.kill(agent["pid"], 0)
        equal(wire.call("agent/get", agent=name), agent, "agent/get")
        listed = [one for one in wire.call("agent/list", labels={"thread": "42"})["agents"] if one["id"] == agent["id"]]
        equal(listed, [agent], "agent/list")
        wire.call("agent/kill", agent=name)


@check()
def every_parameter_of_start(stage):
    """env, size, tty, workspace, arguments of a launcher and narrowed limits and timeouts reach the agent."""
    with stage.wire() as wire:
        workspace = stage.directory()
        agent = stage.ended(wire, "echo $ANSWER; pwd; stty size; ulimit -n", workspace=workspace, env={"ANSWER": "a b"}, tty=True,
                            size={"columns": 101, "rows": 33}, limits={"files": 77}, timeouts={"wall": "1h"})
        equal(agent["terminal"], {"columns": 101, "rows": 33}, "terminal")
        equal(text_of(wire, agent["id"]).split("\r\n")[:4], ["a b", workspace, "33 101", "77"], "its output")
        agent = stage.ended(wire, "", command=None, launcher="command", arguments=["/bin/echo", "an argument"])
        equal(text_of(wire, agent["id"]), "an argument\n", "the output of a launcher's command")


@check()
def grace_is_told(stage):
    """The agent object says how long a stop waits for the agent, by its own request or its profile."""
    with stage.wire() as wire:
        asked = stage.start(wire, "trap '' INT TERM HUP; echo deaf; while :; do sleep 0.05; done",
                            timeouts={"grace": "300ms"})
        equal(asked["grace"], "300ms", "the grace that was asked for")
        require(stage.ended(wire).get("grace"), "the profile's grace is not told")
        eventually(lambda: text_of(wire, asked["id"]) == "deaf\n", "its trap is set")
        equal(wire.call("agent/stop", agent=asked["id"])["exit"]["signal"], "SIGKILL", "what ended it after its grace")


@check()
def asked_before_it_can_be_reached(stage):
    """Who sends something to an agent that is being stopped before it ran, or has just ended, is told its state."""
    with stage.wire() as wire, stage.wire() as other:
        agent = stage.ended(wire, "echo it was", tty=True)["id"]
        for number in range(10):
            again = other.ask("agent/restart", agent=agent)
            other.ask("agent/stop" if number % 2 else "agent/kill", agent=agent)
            for _ in range(8):
                for method, more in (("input", {"data": "x"}), ("resize", {"columns": 80, "rows": 24}),
                                     ("signal", {"signal": "SIGCONT"})):
                    message = wire.message(wire.ask(f"agent/{method}", agent=agent, **more))
                    word = message.get("error", {}).get("data", {}).get("error")
                    require(word in (None, "invalid_state", "limit_reached"),
                            f"agent/{method} is answered with {message.get('error')}")
                wire.call("agent/usage", agent=agent)
            other.message(again)
            wire.call("agent/wait", agent=agent)


@check()
def policy_if_asked_for(stage):
    """agent/get adds what an agent is confined by if it is asked to, and only then."""
    with stage.wire() as wire:
        agent = stage.ended(wire)
        require("policy" not in wire.call("agent/get", agent=agent["id"], include=[]), "a policy that nobody asked for")
        policy = wire.call("agent/get", agent=agent["id"], include=["policy"])["policy"]
        require(isinstance(policy, dict) and "plan" in policy, f"the policy is {str(policy)[:100]}")


@check()
def request_keys(stage):
    """The same requestKey again answers the same agent, also from another connection and after its end; with another
    request it is refused, and after the agent's removal it is agent_not_found."""
    with stage.wire() as wire, stage.wire() as other:
        key, name = stage.name("key"), stage.name()
        same = {"requestKey": key, "name": name, "workspace": stage.directory()}
        first = stage.start(wire, "exit 4", **same)
        again = stage.start(other, "exit 4", **same)
        equal(again["id"], first["id"], "the agent")
        wire.call("agent/wait", agent=first["id"])
        equal(stage.start(wire, "exit 4", **same)["attempt"], 1, "the attempt")
        number = stage.ask_start(wire, "exit 5", **same)
        equal(wire.error(number, "invalid_params")["data"]["path"], "requestKey", "data.path")
        wire.call("agent/remove", agent=first["id"])
        wire.error(stage.ask_start(wire, "exit 4", **same), "agent_not_found")


@check()
def request_keys_at_once(stage):
    """The same requestKey in many starts at the same time makes one agent."""
    name = stage.name()
    same = {"requestKey": name, "name": name, "workspace": stage.directory()}
    with stage.wire() as wire:
        asked = [stage.ask_start(wire, "exec sleep 600", **same) for _ in range(8)]
        equal(len({wire.answer(number)["id"] for number in asked}), 1, "how many agents there are")
        wire.call("agent/kill", agent=name)


@check()
def starts_that_fail(stage):
    """A start that cannot be is refused with the reason: no such launcher, profile, program or workspace, a broken
    profile, a profile as a file, a launcher's missing prompt."""
    with stage.wire() as wire:
        for more in ({"launcher": "nothing", "command": None}, {"profile": "nothing"},
                     {"profile": "/nothing.yaml"}):
            message = wire.message(stage.ask_start(wire, "exit 0", **more))
            require(message.get("error", {}).get("data", {}).get("error") in
                    ("invalid_params", "profile_invalid", "unsupported_here"), f"{more} is answered with {message}")
        error = wire.error(stage.ask_start(wire, "exit 0", profile="broken"), "profile_invalid")
        equal((os.path.basename(error["data"]["file"]), error["data"]["line"]), ("broken.yaml", 3), "where it is wrong")
        require("filesystems" in error["data"]["reason"], f"the reason: {error['data']['reason']}")
        for more, word in (({"command": ["/no/such/program"]}, "command"), ({"workspace": "/no/such/directory"}, "workspace")):
            name = stage.name()
            error = wire.error(stage.ask_start(wire, "", name=name, **more), "jail_failed")
            require(error["data"]["errno"] == "ENOENT", f"{more}: {error}")
            if "agent" in error["data"]:
                agent = wire.call("agent/get", agent=error["data"]["agent"])
                equal((agent["state"], agent["pid"], agent["exit"]), ("failed", None, None), f"the agent without a {word}")
                require(agent["failure"], "the agent does not say why it failed")
                wire.call("agent/remove", agent=name)


@check()
def what_this_version_cannot(stage):
    """What only a later version can do is unsupported_here and says what: a session, network rules, disk limits."""
    with stage.wire() as wire:
        for more, feature in (({"resume": "session"}, "resume"), ({"network": {"allow": ["a:1"]}}, "network.allow"),
                              ({"limits": {"io": {}}}, "limits.io")):
            error = wire.error(stage.ask_start(wire, "exit 0", **more), "unsupported_here")
            equal(error["data"]["feature"], feature, "data.feature")


@check()
def list_filters_and_pages(stage):
    """agent/list picks by state and labels, all of them together, oldest first, and pages without losing one."""
    with stage.wire() as wire:
        group = stage.name("group")
        made = [stage.ended(wire, "exit 0", labels={"group": group, "odd": str(number % 2)})["id"] for number in range(5)]
        running = stage.start(wire, labels={"group": group, "odd": "0"})["id"]

        def ids(**more):
            return [agent["id"] for agent in wire.call("agent/list", labels={"group": group, **more.pop("labels", {})},
                                                       **more)["agents"]]
        equal(ids(), made + [running], "all")
        equal(ids(labels={"odd": "1"}), made[1::2], "those with both labels")
        equal(ids(states=["running"]), [running], "those that run")
        equal(ids(states=["exited", "running"]), made + [running], "those in both states")
        equal(ids(states=[]), [], "those in no state")
        equal(ids(labels={"odd": "2"}), [], "those with a label that none has")
        equal(ids(all=True), made + [running], "everybody's")
        found, after = [], None
        while True:
            page = wire.call("agent/list", labels={"group": group}, limit=2, **({"after": after} if after else {}))
            require(len(page["agents"]) <= 2, "a page is longer than its limit")
            found += [agent["id"] for agent in page["agents"]]
            after = page.get("next")
            if after is None:
                break
        equal(found, made + [running], "what the pages hold")
        wire.call("agent/kill", agent=running)


@check()
def input_of_every_kind(stage):
    """Input goes as text, as base64 and as keys; enter is what the terminal or the pipe wants; its end ends it."""
    with stage.wire() as wire:
        agent = stage.start(wire, "od -An -v -tx1", piped=True)["id"]
        equal(wire.call("agent/input", agent=agent, data="é\n"), {"accepted": 3}, "the answer")
        equal(wire.call("agent/input", agent=agent, dataBase64="/wA="), {"accepted": 2}, "the answer")
        equal(wire.call("agent/input", agent=agent, keys=["alt-a", "enter"]), {"accepted": 3}, "the answer")
        equal(wire.call("agent/input", agent=agent, data=""), {"accepted": 0}, "the answer to nothing")
        equal(wire.call("agent/input", agent=agent, eof=True), {"accepted": 0}, "the answer to an end")
        equal(wire.call("agent/wait", agent=agent)["exit"]["code"], 0, "the exit code")
        equal(text_of(wire, agent).split(), "c3 a9 0a ff 00 1b 61 0a".split(), "what it read")
        wire.refused("invalid_state", "agent/input", agent=agent, data="x")
        terminal = stage.start(wire, "read line; echo \"<$line>\"; read rest; exec sleep 600", tty=True)["id"]
        wire.call("agent/input", agent=terminal, data="typed")
        wire.call("agent/input", agent=terminal, keys=["enter"])
        eventually(lambda: "<typed>" in text_of(wire, terminal), "it reads the line")
        wire.call("agent/input", agent=terminal, keys=["ctrl-c"])
        equal(wire.call("agent/wait", agent=terminal)["exit"]["signal"], "SIGINT", "what ctrl-c did")


@check()
def input_that_nobody_reads(stage):
    """Input for an agent that does not read is taken up to a bound, and then limit_reached; nothing of it is lost."""
    with stage.wire() as wire:
        workspace = stage.directory()
        agent = stage.start(wire, "while [ ! -e go ]; do sleep 0.05; done; wc -c", piped=True, workspace=workspace)["id"]
        taken = 0
        for _ in range(64):
            message = wire.message(wire.ask("agent/input", agent=agent, data="x" * 100000))
            if "error" in message:
                equal(message["error"]["data"].get("limit"), "input", "data.limit")
                break
            taken += message["result"]["accepted"]
        else:
            require(False, f"{taken} bytes were taken for an agent that reads nothing")
        require(taken > 0, "nothing was taken at all")
        open(f"{workspace}/go", "wb").close()

        def ended():
            return "result" in wire.message(wire.ask("agent/input", agent=agent, eof=True))
        eventually(ended, "the end of its input is taken")
        wire.call("agent/wait", agent=agent)
        equal(text_of(wire, agent).strip(), str(taken), "what it read")


@check()
def resize(stage):
    """A terminal gets its new size, and a signal that says so; an agent without a terminal has none."""
    with stage.wire() as wire:
        agent = stage.start(wire, "trap 'stty size' WINCH; while :; do sleep 0.05; done", tty=True)["id"]
        # The trap may not be set yet.
        sizes = iter(range(40, 1000))

        def resized():
            size = next(sizes)
            equal(wire.call("agent/resize", agent=agent, columns=size, rows=11), {}, "the answer")
            return "11 " in text_of(wire, agent)
        eventually(resized, "the agent sees its new size")
        pipes = stage.start(wire)["id"]
        wire.refused("invalid_state", "agent/resize", agent=pipes, columns=80, rows=24)
        for one in (agent, pipes):
            wire.call("agent/kill", agent=one)
        wire.refused("invalid_state", "agent/resize", agent=agent, columns=80, rows=24)


@check()
def signals(stage):
    """A signal reaches the agent under any of its names, and one that has ended cannot be signalled."""
    with stage.wire() as wire:
        for name, number in (("SIGUSR1", 10), ("USR2", 12), ("SIGRTMIN+3", 37), ("SIG40", 40), ("RTMIN", 34)):
            # Executed at once, so that no shell stands between.
            agent = stage.start(wire, command=["/bin/sleep", "600"])["id"]
            equal(wire.call("agent/signal", agent=agent, signal=name), {}, "the answer")
            end = wire.call("agent/wait", agent=agent)["exit"]
            equal((end["code"], end["reason"]), (None, "signaled"), f"the end by {name}")
            require(end["signal"] in ("SIGUSR1", "SIGUSR2", "SIGRTMIN+3", "SIGRTMIN+6", "SIGRTMIN"),
                    f"{name}, which is {number}, came as {end['signal']}")
        wire.refused("invalid_state", "agent/signal", agent=agent, signal="SIGINT")


@check()
def pause_and_resume(stage):
    """A paused agent stands still until it is resumed; to do either twice changes nothing, and to one that has ended
    neither can be done."""
    with stage.wire() as wire:
        agent = stage.start(wire, "while :; do echo x; sleep 0.02; done")["id"]
        eventually(lambda: wire.call("agent/get", agent=agent)["output"]["end"] > 4, "it writes")
        for _ in range(2):
            paused = wire.call("agent/pause", agent=agent)
            equal((paused["state"], paused["desired"]), ("paused", "running"), "the agent")
        # What it had written may still be on its way.
        end = eventually(lambda: still(wire, agent), "it stands still")
        equal(wire.call("agent/get", agent=agent)["output"]["end"], end, "its output")
        for _ in range(2):
            equal(wire.call("agent/resume", agent=agent)["state"], "running", "the state")
        eventually(lambda: wire.call("agent/get", agent=agent)["output"]["end"] > end, "it writes again")
        wire.call("agent/pause", agent=agent)
        equal(wire.call("agent/stop", agent=agent)["state"], "exited", "the state of a paused agent that was stopped")
        for method in ("agent/pause", "agent/resume"):
            equal(wire.refused("invalid_state", method, agent=agent)["data"]["state"], "exited", "data.state")


def still(wire, agent):
    import time
    before = wire.call("agent/get", agent=agent)["output"]["end"]
    time.sleep(0.2)
    return before if wire.call("agent/get", agent=agent)["output"]["end"] == before else None


@check()
def usage(stage):
    """Usage only grows, and an ended agent keeps it."""
    with stage.wire() as wire:
        agent = stage.start(wire)["id"]
        first = wire.call("agent/usage", agent=agent)
        wire.call("agent/kill", agent=agent)
        last = wire.call("agent/usage", agent=agent)
        require(last["wallMilliseconds"] >= first["wallMilliseconds"], f"{first} then {last}")
        equal(wire.call("agent/usage", agent=agent), last, "the usage of one that has ended")


@check()
def input_that_cannot_be(stage):
    """An agent that has no input says so with invalid_state, and not with a limit, after which one would try again."""
    with stage.wire() as wire:
        agent = stage.start(wire)["id"]
        wire.refused("invalid_state", "agent/input", agent=agent, data="x")
        wire.call("agent/kill", agent=agent)
