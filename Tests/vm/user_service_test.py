# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors

"""The daemon as the units in systemd/user have it: installed as their comments say, by an ordinary user with a systemd of
their own. Run in the machine of Tests/vm, as that user."""

import json
import os
import shutil
import subprocess
import time
import unittest
from pathlib import Path

TREE = Path("/mnt/tests")
HOME = Path.home()
UNIT = "agent-supervisor.service"
SOCKETS = ("agent-supervisor.socket", "agent-supervisor-read-only.socket")
WORKSPACE = HOME / "work"


def systemctl(*arguments):
    done = subprocess.run(["systemctl", "--user", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        log = subprocess.run(["journalctl", "--user", "--unit", UNIT, "--lines", "40", "--no-pager"],
                             capture_output=True, text=True)
        raise AssertionError(f"systemctl {arguments}: {done.stderr}{done.stdout}\n{log.stdout}{log.stderr}")
    return done.stdout


def shown(name):
    return systemctl("show", "--property", name, "--value", UNIT).strip()


def agentctl(*arguments):
    done = subprocess.run([HOME / ".local/bin/agentctl", *arguments], capture_output=True, text=True, cwd=WORKSPACE)
    if done.returncode != 0:
        raise AssertionError(f"agentctl {arguments}: {done.stderr}{done.stdout}")
    return done.stdout


def agent(name):
    return json.loads(agentctl("status", name, "--format", "json"))


def eventually(condition, what):
    """Waits for something that a slow machine may take a while for."""
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"it never came to be that {what}")
        time.sleep(0.05)


def answers():
    try:
        agentctl("list")
    except AssertionError:
        return False
    return True


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except FileNotFoundError:
        return False


def unit_cgroup():
    return Path("/sys/fs/cgroup" + shown("ControlGroup"))


class UserService(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        (HOME / ".local/bin").mkdir(parents=True, exist_ok=True)
        for program in ("jail", "jail-profile", "supervisord", "agentctl", "agent-screen"):
            shutil.copy(TREE / ".build/release" / program, HOME / ".local/bin")
        for kind, source in (("profiles", "sandbox-profiles"), ("launchers", "launchers")):
            shutil.copytree(TREE / source, HOME / ".local/share/agent-supervisor" / kind, dirs_exist_ok=True)
        units = HOME / ".config/systemd/user"
        units.mkdir(parents=True, exist_ok=True)
        for unit in (UNIT, *SOCKETS):
            shutil.copy(TREE / "systemd/user" / unit, units)
        WORKSPACE.mkdir(exist_ok=True)
        systemctl("daemon-reload")

    def setUp(self):
        systemctl("start", UNIT)
        eventually(answers, "the daemon answers")

    def tearDown(self):
        systemctl("reset-failed")
        systemctl("start", UNIT)
        eventually(answers, "the daemon answers")
        for each in json.loads(agentctl("list", "--all", "--format", "json")):
            agentctl("rm", "--force", each["id"])
        systemctl("stop", UNIT)

    def ticking(self):
        """An agent that writes a line every so often, and the pid that it has."""
        agentctl("start", "--name", "ticking", "--", "/bin/sh", "-c", "while :; do echo tick; sleep 0.2; done")
        return agent("ticking")["pid"]

    def assert_it_ticks_on(self, pid):
        self.assertTrue(lives(pid))
        found = agent("ticking")
        self.assertEqual((found["state"], found["pid"]), ("running", pid))
        lines = agentctl("logs", "ticking").count("tick")
        eventually(lambda: agentctl("logs", "ticking").count("tick") > lines, "the agent's output goes on")

    def test_runs_an_agent_in_a_jail(self):
        """an agent runs in a jail, with its output and its exit status kept"""
        agentctl("start", "--name", "one", "--", "/bin/sh", "-c", "echo from $(id -u); ls -A ~; exit 7")
        # agentctl wait exits as the agent did.
        subprocess.run([HOME / ".local/bin/agentctl", "wait", "one"], capture_output=True, cwd=WORKSPACE)
        self.assertEqual(agent("one")["exit"]["code"], 7)
        self.assertIn(f"from {os.getuid()}", agentctl("logs", "one"))
        self.assertNotIn(".local", agentctl("logs", "one"))

    def test_has_a_cgroup_to_divide(self):
        """the unit's cgroup is the daemon's to divide, with the controllers that limits need"""
        self.assertEqual(shown("Delegate"), "yes")
        controllers = (unit_cgroup() / "cgroup.controllers").read_text().split()
        self.assertLessEqual({"cpu", "memory", "pids"}, set(controllers))
        # The kernel enables no controller for the children of a cgroup that has processes itself.
        self.assertEqual((unit_cgroup() / "cgroup.procs").read_text(), "")

    def test_restart_is_no_event_for_an_agent(self):
        """agents outlive a restart, a stop and a kill of the daemon, and the next one has them"""
        pid = self.ticking()
        systemctl("restart", UNIT)
        eventually(answers, "the restarted daemon answers")
        self.assert_it_ticks_on(pid)

        systemctl("stop", UNIT)
        self.assertTrue(lives(pid))
        systemctl("start", UNIT)
        eventually(answers, "the started daemon answers")
        self.assert_it_ticks_on(pid)

        main = shown("MainPID")
        systemctl("kill", "--kill-whom=main", "--signal=KILL", UNIT)
        eventually(lambda: shown("MainPID") not in ("0", main) and answers(), "systemd has started the daemon again")
        self.assert_it_ticks_on(pid)
        agentctl("stop", "ticking")
        self.assertFalse(lives(pid))

    def test_restart_with_divided_cgroup(self):
        """the daemon starts again while agents are in limited cgroups of their own, and the limits stay"""
        pid = self.ticking()
        cgroup = unit_cgroup()
        (cgroup / "cgroup.subtree_control").write_text("+memory +pids")
        mine = cgroup / "of-an-agent"
        mine.mkdir()
        child = subprocess.Popen(["sleep", "600"])
        try:
            (mine / "cgroup.procs").write_text(str(child.pid))
            (mine / "memory.max").write_text(str(256 << 20))
            for command in ("restart", "stop", "start"):
                systemctl(command, UNIT)
            eventually(answers, "the daemon answers")
            self.assertIsNone(child.poll())
            self.assertEqual((mine / "memory.max").read_text().strip(), str(256 << 20))
            self.assertEqual((mine / "cgroup.procs").read_text().split(), [str(child.pid)])
            self.assert_it_ticks_on(pid)
        finally:
            child.kill()
            child.wait()
            eventually(lambda: "populated 0" in (mine / "cgroup.events").read_text(), "the cgroup is empty")
            mine.rmdir()

    def test_out_of_memory_is_the_agents_own(self):
        """the kernel's end of an agent that takes too much memory ends neither the daemon nor another agent"""
        pid = self.ticking()
        main = shown("MainPID")
        cgroup = unit_cgroup()
        (cgroup / "cgroup.subtree_control").write_text("+memory")
        mine = cgroup / "greedy"
        mine.mkdir()
        try:
            (mine / "memory.max").write_text(str(32 << 20))
            (mine / "memory.swap.max").write_text("0")
            ended = subprocess.run(
                ["/bin/sh", "-c", f"echo $$ > {mine}/cgroup.procs; exec python3 -c 'bytearray(200 << 20)'"])
            self.assertEqual(ended.returncode, -9)
            # systemd hears of it by and by; it would end the unit then.
            time.sleep(3)
            self.assertEqual(shown("MainPID"), main)
            self.assertEqual(shown("ActiveState"), "active")
            self.assert_it_ticks_on(pid)
        finally:
            mine.rmdir()

    def test_end_without_a_daemon(self):
        """an agent that ends while the service is stopped keeps its exit status"""
        marker = WORKSPACE / "go"
        agentctl("start", "--name", "alone", "--", "/bin/sh", "-c", "while [ ! -e go ]; do sleep 0.1; done; exit 5")
        pid = agent("alone")["pid"]
        systemctl("stop", UNIT)
        marker.touch()
        eventually(lambda: not lives(pid), "the agent has ended")
        systemctl("start", UNIT)
        eventually(answers, "the daemon answers")
        self.assertEqual(agent("alone")["exit"]["code"], 5)

    def test_sockets(self):
        """the first client starts the daemon, clients wait through its restarts, and the second socket only shows"""
        systemctl("stop", UNIT)
        systemctl("start", *SOCKETS)
        try:
            self.assertNotEqual(shown("ActiveState"), "active")
            agentctl("list")
            self.assertEqual(shown("ActiveState"), "active")
            pid = self.ticking()
            systemctl("stop", UNIT)
            # Without a daemon they would fail with 5.
            waiting = [subprocess.Popen([HOME / ".local/bin/agentctl", "list"], stdout=subprocess.DEVNULL)
                       for _ in range(4)]
            self.assertEqual([each.wait(timeout=60) for each in waiting], [0] * 4)
            self.assert_it_ticks_on(pid)
            shows = ["--socket", f"{os.environ['XDG_RUNTIME_DIR']}/agent-supervisor/read-only.sock"]
            self.assertIn("ticking", agentctl("list", *shows))
            refused = subprocess.run([HOME / ".local/bin/agentctl", "kill", *shows, "ticking"], capture_output=True)
            self.assertEqual(refused.returncode, 4, refused.stderr)
            self.assertTrue(lives(pid))
        finally:
            systemctl("stop", UNIT, *SOCKETS)


if __name__ == "__main__":
    unittest.main(verbosity=2)
