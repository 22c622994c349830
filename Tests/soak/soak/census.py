# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Looks again and again whether the daemon's list has every agent that is known, under its name, and no other."""
import threading
import time
import traceback

from supervisor.client import Lost, Refused


class Census(threading.Thread):
    def __init__(self, stage):
        super().__init__(name="census", daemon=True)
        self.stage, self.count, self.most = stage, 0, 0

    def run(self):
        while not self.stage.closing.wait(1):
            try:
                self.take()
            except (Lost, TimeoutError):
                pass
            except Refused as problem:
                self.stage.fail(f"the list of agents: {problem}")
                return
            except Exception:  # Nothing may go unsaid.
                self.stage.fail(f"the list of agents: {traceback.format_exc()}")
                return

    def take(self):
        stage = self.stage
        with stage.connect() as connection:
            with stage.lock:
                known, gone = dict(stage.known), set(stage.gone)
            listed = {agent["id"]: agent for agent in connection.agents()}
            with stage.lock:
                leaving = set(stage.leaving)
        self.count += 1
        self.most = max(self.most, len(listed))
        for agent, name in known.items():
            if agent not in leaving and agent not in listed:
                stage.fail(f"agent {name} ({agent}) is lost: it is not in the list")
            if agent in listed and listed[agent]["name"] != name:
                stage.fail(f"agent {agent} is called {listed[agent]['name']} instead of {name}")
        for agent in gone & listed.keys():
            stage.fail(f"agent {known.get(agent)} ({agent}) was removed, and is in the list")
        names = [agent["name"] for agent in listed.values()]
        if len(set(names)) != len(names):
            stage.fail(f"two agents have one name: {sorted(names)}")
