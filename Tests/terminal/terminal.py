# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""A real terminal with a shell in it: tmux, whose screen and modes can be looked at."""
import os
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "robustness"))

from check import PATIENCE, Wrong, eventually, require  # noqa: E402


class Terminal:
    """To be used in a `with`, which ends the shell and all that it runs."""

    # What a program can leave on and a shell does not want, as tmux calls it; then how a shell wants it.
    MODES = {"alternate_on": "0", "mouse_any_flag": "0", "mouse_sgr_flag": "0", "cursor_flag": "1", "insert_flag": "0",
             "keypad_cursor_flag": "0", "keypad_flag": "0", "origin_flag": "0", "wrap_flag": "1",
             "scroll_region_upper": "0"}
    count = 0

    def __init__(self, scratch, shell=("bash", "--norc", "--noprofile"), columns=100, rows=30, **environment):
        Terminal.count += 1
        self.socket = f"{scratch.path}/run/tmux-{Terminal.count}"
        self.environment = {**scratch.environment, "PATH": f"{scratch.programs}:{scratch.environment['PATH']}",
                            "AGENT_SUPERVISOR_SOCKET": scratch.socket, "PS1": "$ ", "LC_ALL": "C.UTF-8",
                            "HISTFILE": "/dev/null", "PROMPT_COMMAND": "", **environment}
        self.number = 0
        words = [f"{name}={value}" for name, value in self.environment.items()]
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), "-c", scratch.workspace,
                  "env", "-i", "TERM=screen-256color", *words, *shell)
        self.tmux("set-option", "-g", "window-size", "manual")
        self.tmux("set-option", "-g", "status", "off")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server", check=False)

    def tmux(self, *words, check=True):
        done = subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise Wrong(f"tmux {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def type(self, text):
        """As it is, byte for byte."""
        self.tmux("send-keys", "-l", "--", text)

    def press(self, *keys):
        """Keys as tmux names them: Enter, C-c, Tab."""
        self.tmux("send-keys", *keys)

    def screen(self, colours=False):
        return self.tmux("capture-pane", "-p", "-J", *(["-e"] if colours else []))

    def wait(self, pattern, what=None):
        """Until something is on the screen, which is returned as a match."""
        deadline = time.monotonic() + PATIENCE
        while not (found := self.is_there(pattern)):
            if time.monotonic() > deadline:
                raise Wrong(f"not on the screen within {PATIENCE} seconds: {what or pattern}\n{self.screen()}")
            time.sleep(0.05)
        return found

    def wait_until_gone(self, pattern):
        eventually(lambda: not self.is_there(pattern), f"{pattern} goes from the screen")

    def is_there(self, pattern):
        return re.search(pattern, self.screen(), flags=re.M)

    def run(self, command):
        """Runs a command in the shell, and returns its exit status."""
        return self.finish(self.begin(command))

    def begin(self, command):
        """Types a command and goes on; `finish` waits for its end."""
        self.number += 1
        self.press("C-l")
        self.type(f"{command}; echo END-$?-{self.number}")
        self.press("Enter")
        return self.number

    def finish(self, number):
        return int(self.wait(rf"END-(\d+)-{number}", "the command's end").group(1))

    def settings(self):
        """The line discipline's settings, as stty writes them to be read again."""
        self.number += 1
        self.press("C-l")
        self.type(f"echo STTY-{self.number}=$(stty -g)")
        self.press("Enter")
        return self.wait(rf"^STTY-{self.number}=([0-9a-f:]+)$").group(1)

    def modes(self):
        """Those that are not as a shell wants them."""
        names = list(self.MODES)
        values = self.tmux("display-message", "-p", " ".join(f"#{{{name}}}" for name in names)).split()
        return {name: value for name, value in zip(names, values) if value != self.MODES[name]}

    def require_as_found(self, settings, when):
        require(not self.modes(), f"{when} the terminal has these modes: {self.modes()}")
        now = self.settings()
        require(now == settings, f"{when} stty says {now} and not {settings}")

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))
