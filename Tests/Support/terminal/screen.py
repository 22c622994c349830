# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Both ends that a golden screen is compared between: agent-screen, and tmux as a terminal that is not libvterm."""

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
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.send(START, struct.pack("<HH", columns, rows))
        self.output(snapshot)

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


class Tmux:
    """A tmux server with one pane, in which a program writes what it is sent."""

    VARIABLES = (
        "alternate_on cursor_x cursor_y cursor_flag insert_flag keypad_cursor_flag keypad_flag mouse_all_flag "
        "mouse_any_flag mouse_button_flag mouse_sgr_flag mouse_standard_flag mouse_utf8_flag origin_flag "
        "scroll_region_lower scroll_region_upper wrap_flag alternate_saved_x alternate_saved_y pane_tabs pane_title"
    ).split()
    number = 0

    def __init__(self, columns, rows):
        Tmux.number += 1
        self.directory = tempfile.TemporaryDirectory(prefix="agent-supervisor-tmux-")
        self.fifo = os.path.join(self.directory.name, "in")
        self.socket = os.path.join(self.directory.name, "socket")
        os.mkfifo(self.fifo)
        self.command(
            "-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows),
            f"stty raw -echo; printf ready; exec cat {self.fifo} - ",
            start=True,
        )
        self.command("set", "-g", "status", "off")
        self.command("set", "-g", "window-size", "manual")
        self.command("set", "-g", "default-terminal", "tmux-256color")
        self.command("resize-window", "-x", str(columns), "-y", str(rows))
        while b"ready" not in self.command("capture-pane", "-p"):
            time.sleep(0.01)
        self.writer = open(self.fifo, "wb", buffering=0)
        self.mark = 0
        self.output(b"\x1bc\x1b[3J")

    def command(self, *arguments, start=False):
        environment = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color")
        environment.pop("TMUX", None)
        return subprocess.run(
            ["tmux", "-u", "-S", self.socket, *arguments], env=environment, check=True, capture_output=True
        ).stdout

    def output(self, data):
        while data:
            data = data[self.writer.write(data) :]

    def settle(self):
        """Waits until everything was read: a title that nothing else sets is the last of it."""
        self.mark += 1
        before = self.command("display-message", "-p", "#{pane_title}").decode().rstrip("\n")
        self.output(b"\x1b]2;mark-%d\x1b\\" % self.mark)
        deadline = time.monotonic() + 20
        while self.command("display-message", "-p", "#{pane_title}").strip() != b"mark-%d" % self.mark:
            if time.monotonic() > deadline:
                raise RuntimeError("tmux does not come to the end of its input")
            time.sleep(0.002)
        self.command("select-pane", "-T", before)

    def resize(self, columns, rows):
        self.settle()
        self.command("resize-window", "-x", str(columns), "-y", str(rows))

    def state(self):
        """Everything that shows or is in force. What is read has to end between two sequences."""
        self.settle()
        formats = "\n".join("#{%s}" % name for name in self.VARIABLES)
        values = self.command("display-message", "-p", formats).decode().split("\n")
        state = dict(zip(self.VARIABLES, values))
        state["lines"] = self.command("capture-pane", "-p", "-e", "-N").decode().split("\n")
        return state

    def close(self):
        self.command("kill-server")
        self.writer.close()
        self.directory.cleanup()
