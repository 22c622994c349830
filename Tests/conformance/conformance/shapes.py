# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""What a value on the wire looks like: its members, their types and ranges, and nothing else.

A shape is a function of a value and its path, and raises `Wrong` where the value is something else.
"""
import base64
import re

from supervisor.pieces import Wrong

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def wrong(path, expected, value):
    raise Wrong(f"{path or 'it'} is not {expected}: {str(value)[:120]}")


def text(value, path=""):
    if not isinstance(value, str):
        wrong(path, "a string", value)


def sentence(value, path=""):
    """For a person to read."""
    if not isinstance(value, str) or len(value) < 8 or "\n" in value:
        wrong(path, "a sentence", value)


def matching(pattern, what):
    def shape(value, path=""):
        if not isinstance(value, str) or not pattern.fullmatch(value):
            wrong(path, what, value)
    return shape


moment = matching(MOMENT, "a time such as 2026-11-20T19:21:05.123Z")
ulid = matching(ULID, "a ULID")
name = matching(NAME, "a name")
subscription = matching(re.compile(r"\S{1,64}"), "a subscription")
signal = matching(re.compile(r"SIG[A-Z0-9+]+"), "a signal's name")
duration = matching(re.compile(r"[0-9]+(ms|s|m|h|d)"), "a span of time such as 90s")
path_text = matching(re.compile(r"/.*"), "an absolute path")


def boolean(value, path=""):
    if not isinstance(value, bool):
        wrong(path, "a boolean", value)


def integer(least=0, most=2**63 - 1):
    def shape(value, path=""):
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            wrong(path, f"an integer from {least} to {most}", value)
    return shape


count = integer()


def base64_text(value, path=""):
    text(value, path)
    try:
        base64.b64decode(value, validate=True)
    except ValueError:
        wrong(path, "base64", value)


def one_of(*values):
    def shape(value, path=""):
        if value not in values:
            wrong(path, f"one of {', '.join(map(str, values))}", value)
    return shape


def nullable(inner):
    return lambda value, path="": None if value is None else inner(value, path)


def array(inner):
    def shape(value, path=""):
        if not isinstance(value, list):
            wrong(path, "an array", value)
        for number, element in enumerate(value):
            inner(element, f"{path}[{number}]")
    return shape


def mapping(inner):
    def shape(value, path=""):
        if not isinstance(value, dict):
            wrong(path, "an object", value)
        for key, element in value.items():
            inner(element, f"{path}.{key}")
    return shape


def anything(value, path=""):
    pass


class May:
    """A member that is there or not."""

    def __init__(self, inner):
        self.inner = inner


def record(**members):
    def shape(value, path=""):
        if not isinstance(value, dict):
            wrong(path, "an object", value)
        for member, inner in members.items():
            place = f"{path}.{member}" if path else member
            if member in value:
                (inner.inner if isinstance(inner, May) else inner)(value[member], place)
            elif not isinstance(inner, May):
                raise Wrong(f"{place} is missing")
        if unknown := set(value) - set(members):
            raise Wrong(f"{path or 'it'} has members that Tests/conformance does not know: {', '.join(sorted(unknown))}")
    shape.members = members
    return shape


empty = record()
