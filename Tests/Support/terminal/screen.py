# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Both ends that a golden screen is compared between: agent-screen, and tmux as a terminal that is not libvterm."""

import atexit
import json
import os
import struct
import subprocess
import tempfile
import time

START, OUTPUT, RESIZE, LOOK, SNAPSHOT = 1, 2, 3, 4, 5
PIECE = 60000


class Screen:
    """agent-screen, asked over its standard input and output."""

    def __init__(self, program, columns, rows, snapshot=b""):
        self.begin(subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE), columns, rows)
        self.output(snapshot)

    @classmethod
    def over(cls, process, columns, rows):
        screen = cls.__new__(cls)
        screen.begin(process, columns, rows)
        return screen

    def begin(self, process, columns, rows):
        self.process = process
        self.send(START, struct.pack("<HH", columns, rows))

    def send(self, kind, payload):
        self.process.stdin.write(struct.pack("<BI", kind, len(payload)) + payload)

    def output(self, data):
        for start in range(0, len(data), PIECE):
            self.send(OUTPUT, data[start : start + PIECE])

    def resize(self, columns, rows):
        self.send(RESIZE, struct.pack("<HH", columns, rows))

    def read(self, count):
        data = self.process.stdout.read(count)
        if len(data) < count:
            raise RuntimeError(f"agent-screen ended with {self.process.wait()}")
        return data

    def answer(self, expected):
        self.process.stdin.flush()
        whole = b""
        while True:
            kind, length = struct.unpack("<BI", self.read(5))
            payload = self.read(length)
            assert kind == expected, (kind, expected)
            whole += payload[1:]
            if payload[0] == 1:
                return whole

    def look(self):
        self.send(LOOK, b"")
        return json.loads(self.answer(0x81))

    def snapshot(self, history=0):
        self.send(SNAPSHOT, struct.pack("<H", history))
        return self.answer(0x82)

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.stdout.close()
        return self.process.wait()


class Redrawing:
    """Whether all that a terminal shows has been drawn since some moment: a blank screen and a full one, which are given
    what it is given from then on, come to show what it shows."""

    def __init__(self, program, size):
        self.screens = [Screen(program, *size), Screen(program, *size)]
        self.screens[1].output(b"\x1b#8")
        self.is_over = False

    def output(self, data):
        for screen in self.screens:
            screen.output(data)

    def has_ended(self, shown):
        """`shown` is what is known of the terminal. Once it has ended it has."""
        if not self.is_over and not shown["modes"]["alternateScreen"]:
            self.is_over = all(screen.look()["lines"] == shown["lines"] for screen in self.screens)
        return self.is_over

    def close(self):
        for screen in self.screens:
            screen.close()


class Tmux:
    """A tmux server of one pane: in it runs a command, or whatever is given to `output` is written."""

    VARIABLES = (
        "pane_width alternate_on cursor_x cursor_y cursor_flag insert_flag keypad_cursor_flag keypad_flag mouse_all_flag "
        "mouse_any_flag mouse_button_flag mouse_sgr_flag mouse_standard_flag mouse_utf8_flag origin_flag "
        "scroll_region_lower scroll_region_upper wrap_flag pane_tabs pane_title"
    ).split()

    def __init__(self, columns, rows, command=None, environment=None):
        self.directory = tempfile.TemporaryDirectory(prefix="agent-supervisor-tmux-")
        self.heard = os.path.join(self.directory.name, "heard")
        self.socket = os.path.join(self.directory.name, "socket")
        fifo, gate = (os.path.join(self.directory.name, name) for name in ("in", "gate"))
        os.mkfifo(fifo)
        os.mkfifo(gate)
        self.sent = 0
        self.environment = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color", **(environment or {}))
        self.environment.pop("TMUX", None)
        # Nothing runs before everything is set and heard.
        inner = command or f"stty raw -echo; exec cat {fifo}"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), f"read go <{gate}; {inner}")
        atexit.register(self.end)
        self.tmux("set", "-g", "status", "off")
        self.tmux("set", "-g", "window-size", "manual")
        self.tmux("set", "-g", "remain-on-exit", "on")
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))
        self.tmux("pipe-pane", "-O", f"exec cat >{self.heard}")
        while not os.path.exists(self.heard):
            time.sleep(0.005)
        with open(gate, "w", encoding="ascii") as opened:
            opened.write("go\n")
        self.writer = None if command else open(fifo, "wb", buffering=0)

    def tmux(self, *arguments):
        return subprocess.run(
            ["tmux", "-u", "-S", self.socket, *arguments], env=self.environment, check=True, capture_output=True
        ).stdout

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def output(self, data):
        self.sent += len(data)
        while data:
            data = data[self.writer.write(data) :]

    def heard_count(self):
        return os.stat(self.heard).st_size

    def settle(self):
        """Waits until tmux has read everything: what it hears it writes to a file, and follows in the same turn."""
        deadline = time.monotonic() + 30
        while self.heard_count() < self.sent:
            if time.monotonic() > deadline:
                raise RuntimeError(f"tmux has read {self.heard_count()} bytes of {self.sent}")
            time.sleep(0.002)

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def state(self):
        """Everything that shows or is in force."""
        self.settle()
        values = self.tmux("display-message", "-p", "\n".join("#{%s}" % name for name in self.VARIABLES))
        state = dict(zip(self.VARIABLES, values.decode().split("\n")))
        state["lines"] = self.tmux("capture-pane", "-p", "-e", "-N").decode().split("\n")
        return state

    def end(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], env=self.environment, check=False, capture_output=True)

    def close(self):
        self.end()
        atexit.unregister(self.end)
        if self.writer:
            self.writer.close()
        self.directory.cleanup()
