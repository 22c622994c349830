# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Streams that mean harm to who reads them, each by its name."""

import itertools

COUNT = 200_000


def many(make, size=COUNT):
    data, numbers = b"", itertools.count()
    while len(data) < size:
        data += b"".join(make(next(numbers)) for _ in range(1000))
    return data


def scalar(number):
    return chr(0x4E00 + number % 20000).encode()


CORPUS = {
    "counts beyond all bounds": many(lambda n: b"\x1b[%d%c" % (2**31 - 1 - n, b"@ABCDEFGHIJKLMPSTXZ`abdefgr"[n % 27])),
    "a parameter of many digits": b"\x1b[" + b"9" * COUNT + b"A",
    "more parameters than any terminal takes": b"\x1b[" + b"1;" * COUNT + b"m",
    "sub-parameters": many(lambda n: b"\x1b[38:2:" + b":" * (n % 60) + b"m"),
    "a command without end": b"\x1b]0;" + b"t" * COUNT,
    "a device control string without end": b"\x1bPq" + b"t" * COUNT,
    "an application command without end": b"\x1b_G" + b"t" * COUNT,
    "titles": many(lambda n: b"\x1b]2;" + b"%d" % n * 200 + b"\x07\x1b[22t"),
    "links, each another": many(lambda n: b"\x1b]8;id=%d;http://host/%d%s\x1b\\x" % (n, n, b"p" * 1500), 8_000_000),
    "links of one character each": many(lambda n: b"\x1b]8;;%d\x07x" % n, 4_000_000),
    "underline colours": many(lambda n: b"\x1b[58:2::%d:%d:%dmx" % (n % 256, n // 256 % 256, n // 65536)),
    "combining characters": "e".encode() + b"\xcc\x81" * COUNT,
    "combinations, each another": many(lambda n: b"e" + chr(0x300 + n % 112).encode() + chr(0x300 + n // 112 % 112).encode(), 4_000_000),
    "wide characters": many(lambda n: scalar(n) + b"\x08" * (n % 3)),
    "repeating": b"x" + b"\x1b[99999b" * (COUNT // 8) + many(lambda n: b"\rx\x1b[99999b"),
    "erasing": many(lambda n: b"x\x1b[J\x1b[2J\x1b[1J"),
    "filling": many(lambda n: b"\x1b#8"),
    "filling and touching": many(lambda n: b"\x1b#8\x1b[%d;1Hx" % (n % 1000 + 1)),
    "lines in and out": many(lambda n: b"\x1b[H\x1b[L\x1b[999M"),
    "pushing aside": b"\x1b[4h" + many(lambda n: b"\rx"),
    "scrolling": many(lambda n: b"\x1b[S\x1b[T\x1b[999S\x1bM\n"),
    "long lines into the history": b"\x1b[999;1H" + many(lambda n: b"x" * 999 + b"\r\n", 4_000_000),
    "margins": b"\x1b[?69h" + many(lambda n: b"\x1b[%d;%ds\x1b[%d;%dr\n\x1bM" % (n % 50, n % 90, n % 20, n % 30)),
    "screens": many(lambda n: b"\x1b[?1049h\x1b[?47lx"),
    "modes that nobody knows": many(lambda n: b"\x1b[?%dh" % (n % 65536)),
    "keyboard flags": many(lambda n: b"\x1b[>%du\x1b[>%d;%dm" % (n, n, n)),
    "a palette": many(lambda n: b"\x1b]4;%d;rgb:%x/%x/%x\x07" % (n % 300, n, n, n)),
    "a palette in one command": b"\x1b]4" + b";1;#fff" * 1000 + b"\x07",
    "cursors kept and taken back": many(lambda n: b"\x1b7\x1b8\x1b[s\x1b[u\x1b[?1048h\x1b[?1048l"),
    "resets": many(lambda n: b"x\x1bc\x1b[!p"),
    "tabs": many(lambda n: b"\x1bH\x1b[g\x1b[3g\t\x1b[999I\x1b[999Z"),
    "questions": many(lambda n: b"\x1b[c\x1b[6n\x1b[>c\x1b[?u\x1b]11;?\x07\x1bP$qm\x1b\\\x1b[18t\x1b[?2026$p"),
    "controls as characters": many(lambda n: chr(0x80 + n % 32).encode()),
    "bytes that are no characters": bytes(range(128, 256)) * (COUNT // 128),
    "zeros": b"\0" * COUNT,
    "escapes": b"\x1b" * COUNT,
}

# Whatever was written before, after this every terminal is to show the same.
DRAWN_ANEW = b"\x18\x1b\\\x1b[!p\x1b[?1049l\x1b[?6l\x1b[?69l\x1b[r\x1b[4l\x1b[H\x1b[2J" + b"".join(
    b"\x1b[%d;%dH\x1b[3%dmline %d\x1b[m" % (line, line, line % 8, line) for line in range(1, 25)) + b"\x1b[5;5H"

# What of these streams tmux takes for something else than xterm and agent-screen do, until all is drawn anew.
OWN = {
    # Numbers that it refuses.
    "counts beyond all bounds": ["lines", "cursor_x", "cursor_y"],
    # More than six at one place.
    "combining characters": ["lines"],
    # Going back to the second half of one.
    "wide characters": ["lines", "cursor_x", "cursor_y"],
    # Whether what erases leaves a character that is yet to wrap.
    "erasing": ["lines", "cursor_x", "cursor_y"],
    # A lower margin of 0.
    "margins": ["lines", "cursor_x", "cursor_y", "scroll_region_upper", "scroll_region_lower"],
    # Whether a switch leaves a character that is yet to wrap.
    "screens": ["lines", "cursor_x", "cursor_y"],
    # How many replacements they are.
    "bytes that are no characters": ["lines", "cursor_x", "cursor_y"],
}

# And after that. Encodings of the mouse's reports hold side by side there, and mode 66 is none.
LASTING = {"modes that nobody knows": ["keypad_flag", "mouse_sgr_flag", "mouse_utf8_flag"]}

# Strings so long that who comes in the middle of one knows nothing of it: tmux takes them for titles.
LONG = ["a command without end", "an application command without end"]
for _name in LONG:
    OWN[_name] = LASTING[_name] = ["pane_title"]
