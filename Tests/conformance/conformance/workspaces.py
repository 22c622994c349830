# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Overlays over a workspace: what changed, taken and dropped."""
import os

from .agents import text_of
from .checks import check, equal, require


def directory(stage):
    path = f"{stage.scratch.path}/{stage.name('workspace')}"
    os.mkdir(path)
    for name, text in {"kept": "kept\n", "changed": "old\n", "gone": "gone\n"}.items():
        with open(f"{path}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    return path


CHANGE = "echo new > changed; rm gone; echo added > added; mkdir sub; echo é > sub/b"


@check()
def changes_are_listed(stage):
    """agent/changes lists what an agent changed, sorted, with what it was and is, in pages and with diffs if asked for;
    the workspace itself is as it was."""
    with stage.wire() as wire:
        workspace = directory(stage)
        agent = stage.ended(wire, CHANGE, profile="apart", workspace=workspace)
        equal(agent["exit"]["code"], 0, f"the exit code ({text_of(wire, agent['id'])})")
        result = wire.call("agent/changes", agent=agent["id"])
        found = [(one["path"], one["change"]) for one in result["changes"]]
        equal(found, [("added", "added"), ("changed", "modified"), ("gone", "deleted"), ("sub", "added"),
                      ("sub/b", "added")], "the changes")
        equal((result["total"], result["inUse"], result["obstacles"], "next" in result, "diffs" in result),
              (5, False, [], False, False), "the rest of the answer")
        change = result["changes"][1]
        equal((change["old"]["kind"], change["old"]["size"], change["new"]["size"]), ("file", 4, 4), "a change")
        equal((result["changes"][0].get("old"), result["changes"][2].get("new")), (None, None), "what is not there")
        diffs = wire.call("agent/changes", agent=agent["id"], diff=True, paths=["changed"])["diffs"]
        equal([one["path"] for one in diffs], ["changed"], "the diffs")
        require("-old\n+new\n" in diffs[0]["text"] and not diffs[0]["isCut"], f"the diff is {diffs[0]}")
        text, cut = diffs[0]["text"], 5
        rest = wire.call("agent/changes", agent=agent["id"], diff=True, paths=["changed"], diffOffset=cut)["diffs"][0]
        equal(rest["text"], text[cut:], "the diff from an offset on")
        equal([one["path"] for one in wire.call("agent/changes", agent=agent["id"], offset=3)["changes"]],
              ["sub", "sub/b"], "the changes from an offset on")
        equal([one["path"] for one in wire.call("agent/changes", agent=agent["id"], paths=["sub"])["changes"]],
              ["sub", "sub/b"], "what is below a path")
        equal(sorted(os.listdir(workspace)), ["changed", "gone", "kept"], "the workspace")


@check()
def changes_are_applied_and_discarded(stage):
    """agent/apply makes changes the workspace's, agent/discard drops them, both by path or all; what is done is no
    change any more."""
    with stage.wire() as wire:
        workspace = directory(stage)
        agent = stage.ended(wire, CHANGE, profile="apart", workspace=workspace)["id"]
        result = wire.call("agent/apply", agent=agent, paths=["changed"])
        equal(([one["path"] for one in result["applied"]], result["refused"]), (["changed"], []), "what was applied")
        with open(f"{workspace}/changed", encoding="utf-8") as file:
            equal(file.read(), "new\n", "the file")
        result = wire.call("agent/discard", agent=agent, paths=["added"])
        equal([one["path"] for one in result["discarded"]], ["added"], "what was discarded")
        result = wire.call("agent/apply", agent=agent)
        equal(sorted(one["path"] for one in result["applied"]), ["gone", "sub", "sub/b"], "the rest")
        equal(sorted(os.listdir(workspace)), ["changed", "kept", "sub"], "the workspace")
        equal(wire.call("agent/changes", agent=agent)["total"], 0, "how many changes are left")


@check()
def conflicts_are_refused(stage):
    """What changed in the workspace meanwhile is not applied: nothing is, and the answer says why."""
    with stage.wire() as wire:
        workspace = directory(stage)
        agent = stage.ended(wire, CHANGE, profile="apart", workspace=workspace)["id"]
        with open(f"{workspace}/changed", "w", encoding="utf-8") as file:
            file.write("another's\n")
        result = wire.call("agent/apply", agent=agent)
        equal((result["applied"], [(one["path"], one["code"]) for one in result["refused"]]),
              ([], [("changed", "conflict")]), "the answer")
        require(os.path.exists(f"{workspace}/gone"), "something was applied all the same")


@check()
def in_use(stage):
    """While the agent runs its changes can be looked at, and neither applied nor discarded."""
    with stage.wire() as wire:
        agent = stage.start(wire, "echo x > made; echo done; exec sleep 600", profile="apart", workspace=directory(stage))["id"]
        wire.call("agent/attach", agent=agent)
        wire.note()
        result = wire.call("agent/changes", agent=agent)
        equal((result["inUse"], [one["path"] for one in result["changes"]]), (True, ["made"]), "the changes")
        for method in ("agent/apply", "agent/discard"):
            equal(wire.refused("invalid_state", method, agent=agent)["data"]["state"], "running", "data.state")
        wire.call("agent/kill", agent=agent)
        without = stage.ended(wire)["id"]
        for method in ("agent/changes", "agent/apply", "agent/discard"):
            wire.refused("invalid_state", method, agent=without)
