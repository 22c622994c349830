# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Profiles and launchers, as the daemon has them."""
import json
import os

from .checks import check, equal, require
from .stage import LAUNCHER


@check()
def profiles_are_listed(stage):
    """profile/list answers every profile in the order of the names, with what is wrong with one that cannot be had."""
    with stage.wire() as wire:
        profiles = wire.call("profile/list")["profiles"]
        names = [one["name"] for one in profiles]
        equal(names, sorted(set(names)), "the order of names")
        found = {one["name"]: one for one in profiles}
        require({"apart", "base", "broken", "review", "shell", "small"} <= set(names), f"the profiles are {names}")
        equal((found["small"]["description"], found["small"]["isSound"], found["small"]["problem"]),
              ("A small ring", True, None), "a sound one")
        equal(os.path.basename(found["small"]["file"]), "small.yaml", "its file")
        require(not found["broken"]["isSound"] and "broken.yaml:3" in found["broken"]["problem"],
                f"one that is broken: {found['broken']}")


@check()
def a_profile_as_one(stage):
    """profile/get answers a profile with all that it extends, which by itself says the same; one that is wrong, or not
    there, is profile_invalid with the place."""
    with stage.wire() as wire:
        result = wire.call("profile/get", profile="small")
        equal([os.path.basename(file) for file in result["files"]], ["small.yaml", "shell.yaml", "base.yaml"], "its files")
        profile = result["profile"]
        require("extends" not in profile and profile["output"]["ring"] in ("1M", 1 << 20), f"the profile: {profile}")
        stage.scratch.write("profiles/whole.yaml", json.dumps(profile))
        whole = wire.call("profile/get", profile="whole")
        equal((whole["profile"], len(whole["files"])), (profile, 1), "what the whole says by itself")
        equal(stage.ended(wire, "exit 4", profile="whole")["exit"]["code"], 4, "the end of an agent under it")
        data = wire.refused("profile_invalid", "profile/get", profile="broken")["data"]
        equal((os.path.basename(data["file"]), data["line"]), ("broken.yaml", 3), "where it is wrong")
        require("nothing" in wire.refused("profile_invalid", "profile/get", profile="nothing")["message"],
                "which profile there is not")


@check()
def profiles_are_checked(stage):
    """profile/check finds everything that is wrong with a profile or a text, with its places, as its result; a text is
    written nowhere, and no more findings come than an answer holds."""
    with stage.wire() as wire:
        result = wire.call("profile/check", profile="small")
        require(result["isSound"] and all(one["severity"] == "warning" for one in result["findings"]), f"{result}")
        result = wire.call("profile/check", profile="broken")
        equal([(one["severity"], os.path.basename(one["file"]), one["line"], one["column"])
               for one in result["findings"]], [("error", "broken.yaml", 3, 1)], "the findings")
        before = wire.call("profile/list")
        text = "extends: small\nnetwrok: {mode: none}\nlimits: {pids: many}\n"
        result = wire.call("profile/check", profile="mine", text=text)
        equal([(one["severity"], one["file"], one["line"]) for one in result["findings"]],
              [("error", "mine.yaml", 2), ("error", "mine.yaml", 3)], "the findings of a text")
        equal(result["isSound"], False, "isSound")
        for profile in ("mine", "small"):
            require(wire.call("profile/check", profile=profile, text="extends: shell\n")["isSound"], "a sound text")
        result = wire.call("profile/check", profile="mine", text="".join(f"a{number}: 1\n" for number in range(1000)))
        equal((len(result["findings"]), result["total"]), (200, 1000), "how many of many findings come")
        for text in ("extends: mine\n", "extends: nothing\n", "[", "\0", "x" * 1000000, "a: &a [*a]\n", "- " * 100000,
                     "&a " * 10000, "a: é\u0301\u0301"):
            require(not wire.call("profile/check", profile="mine", text=text)["isSound"], f"{text[:20]!r} is sound")
        equal(wire.call("profile/list"), before, "the profiles that there are afterwards")


@check()
def launchers_are_listed(stage):
    """launcher/list answers every launcher in the order of the names, with what it runs, and for whom it is not there."""
    with stage.wire() as wire:
        launchers = wire.call("launcher/list")["launchers"]
        names = [one["name"] for one in launchers]
        equal(names, sorted(set(names)), "the order of names")
        found = {one["name"]: one for one in launchers}
        piped = found["piped"]
        equal((piped["description"], piped["profile"], piped["takesPrompt"], piped["takesArguments"], piped["resumes"],
               piped["isSound"], piped["program"]),
              (LAUNCHER.splitlines()[0].split(": ")[1], "shell", False, True, False, True, None), "one that is ours")
        codex = found["codex"]
        require(codex["takesPrompt"] and codex["resumes"] and codex["program"]["name"] == "codex", f"codex: {codex}")
        equal(codex["program"].get("path") is None, codex["program"].get("problem") is not None, "no path, but why not")
        require({"command", "piped"} <= set(names), f"the launchers are {names}")
