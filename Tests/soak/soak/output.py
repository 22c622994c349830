# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""What an agent has to have written, and whether that is what was stored: every line once, in order, none missing."""
from supervisor.pieces import Wrong


class Numbered:
    """Lines with a number each, all of one width, so that each place in the output can hold one thing only."""

    def __init__(self, word, count, padding=0):
        self.word, self.count, self.padding = word, count, padding
        # Word, number and padding with blanks between them, and the newline.
        self.width = len(word) + 1 + 8 + 1 + padding + 1

    def line(self, number, end):
        return f"{self.word} {number:08d} {'x' * self.padding}".encode() + end

    def awk(self, pause_every=0):
        """A program that writes them; with pauses, slowly enough for several daemons."""
        pause = f'; if (i % {pause_every} == 0) {{ fflush(); system("sleep 0.2") }}' if pause_every else ""
        pad = f'p = sprintf("%{self.padding}s", ""); gsub(/ /, "x", p); ' if self.padding else ""
        return (f"awk 'BEGIN {{ {pad}for (i = 0; i < {self.count}; i++) "
                f'{{ printf "{self.word} %08d %s\\n", i, p{pause} }} }}\'')

    def whole(self, end):
        return b"".join(self.line(number, end) for number in range(self.count))

    def check(self, text, end, missing):
        """`text` must be all lines; or, if the ring has dropped `missing` bytes, the last of them."""
        expected = self.whole(end)[missing:]
        if text == expected:
            return
        if len(text) != len(expected):
            what = f"{len(text)} bytes of output instead of {len(expected)}"
        else:
            what = "output of the right length"
        at = next((index for index, (a, b) in enumerate(zip(text, expected)) if a != b), min(len(text), len(expected)))
        width = self.width + len(end) - 1
        raise Wrong(f"{what}; it differs first in line {(missing + at) // width}: "
                    f"{text[max(0, at - width):at + width]!r} instead of {expected[max(0, at - width):at + width]!r}")
