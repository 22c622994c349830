# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Recordings of programs, and what is different between what two tmux show."""

import base64
import gzip
import json
import re

# DEC's special graphics, which tmux keeps as such.
DRAWING = dict(zip("`abcdefghijklmnopqrstuvwxyz{|}~", "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·"))


def load(path):
    with gzip.open(path, "rt", encoding="ascii") as file:
        head, *events = map(json.loads, file)
    return (head["columns"], head["rows"]), [
        base64.b64decode(event[1]) if event[0] == "o" else tuple(event[1:]) for event in events
    ]


def cells(lines):
    """Every line as characters with what they are drawn with: tmux writes only the changes, also from line to line."""
    attributes, drawn, drawing = set(), [], False
    for line in lines:
        row = []
        for sequence, character in re.findall("\x1b\\[([0-9;:]*)m|(.)", line, re.DOTALL):
            if character in ("\x0e", "\x0f"):
                drawing = character == "\x0e"
                continue
            if character:
                row.append((DRAWING.get(character, character) if drawing else character, frozenset(attributes)))
                continue
            for parameter in re.findall("(?:[345]8;(?:5;[0-9]+|2;[0-9]+;[0-9]+;[0-9]+))|[0-9:]+", sequence or "0"):
                attributes = applied(attributes, parameter)
        # What was erased to the line's end tmux tells of only where there had been characters before.
        while row and row[-1][0] == " ":
            row.pop()
        drawn.append(row)
    return drawn


def applied(attributes, parameter):
    first = re.split("[;:]", parameter)[0]
    kind = (
        "foreground" if first[0] == "3" or first[0] == "9" and len(first) == 2
        else "background" if first[0] == "4" and len(first) == 2 or first.startswith("10") and len(first) == 3
        else "underline colour" if first[:2] in ("58", "59")
        else "underline" if first in ("4", "24")
        else first
    )
    if first == "0":
        return set()
    kept = {(name, value) for name, value in attributes if name != kind}
    return kept if first in ("39", "49", "59", "24") else kept | {(kind, parameter)}


def differences(expected, shown, besides=()):
    """What `besides` names is not looked at."""
    # docs/screen.md: a line that was erased to its end in its last column is yet to be wrapped in tmux alone. Where that
    # should not be so, what comes next shows it.
    if expected["cursor_x"] == expected["pane_width"] and int(shown["cursor_x"]) == int(expected["pane_width"]) - 1:
        besides = [*besides, "cursor_x"]
    for name, value in expected.items():
        if name != "lines" and name not in besides and shown[name] != value:
            yield f"{name}: {value!r} from the start, {shown[name]!r} for the newcomer"
    if "lines" in besides:
        return
    for row, (line, other) in enumerate(zip(cells(expected["lines"]), cells(shown["lines"]))):
        if line != other:
            place = next((n for n, pair in enumerate(zip(line, other)) if pair[0] != pair[1]), min(len(line), len(other)))
            yield f"line {row}, column {place}: {line[place:][:3]} from the start, {other[place:][:3]} for the newcomer"
