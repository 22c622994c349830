# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Every message that the daemon may send, by its shape: a method's result, a notification's params, an error's data."""
import re

from .shapes import (May, anything, array, base64_text, boolean, count, duration, empty, integer, mapping, matching,
                     moment, name, nullable, one_of, path_text, record, sentence, signal, subscription, text, ulid)

STATES = ("queued", "starting", "running", "paused", "stopping", "backoff", "exited", "failed")
REASONS = ("exited", "signaled", "killed", "stopped", "out_of_memory", "wall_time", "cpu_time", "idle", "start_time",
           "seccomp", "lost")
END = record(code=nullable(integer(0, 255)), signal=nullable(signal), reason=one_of(*REASONS))
SIZE = record(columns=integer(1, 65535), rows=integer(1, 65535))
PAST_ATTEMPT = record(attempt=integer(1), endedAt=May(nullable(moment)), exit=May(nullable(END)), failure=May(sentence))
AGENT_MEMBERS = {
    "id": ulid, "name": name, "state": one_of(*STATES), "desired": one_of("running", "stopped"), "ready": boolean,
    "launcher": name, "profile": text, "workspace": nullable(path_text), "labels": mapping(text),
    "owner": record(uid=count, user=text), "pid": nullable(integer(2)), "attempt": integer(1), "restarts": count,
    "createdAt": moment, "startedAt": nullable(moment), "endedAt": nullable(moment), "nextAttemptAt": nullable(moment),
    "exit": nullable(END), "failure": nullable(sentence), "exits": array(PAST_ATTEMPT),
    "queuePosition": nullable(integer(1)), "terminal": nullable(SIZE), "grace": May(nullable(duration)),
    "output": record(start=count, end=count),
    "session": nullable(text), "isolation": record(missing=array(text)), "policy": May(anything),
}
AGENT = record(**AGENT_MEMBERS)
PROGRAM = record(name=text, version=text)
CHUNK_MEMBERS = {"offset": count, "stream": one_of("tty", "stdout", "stderr"), "time": moment, "data": May(text),
                 "dataBase64": May(base64_text)}
EVENT_MEMBERS = {"seq": integer(1), "time": moment, "type": matching(re.compile(r"[a-z]+\.[a-z_]+"), "a type of event"),
                 "agent": nullable(ulid), "data": mapping(anything)}
MODE = matching(re.compile(r"[0-7]{4}"), "a mode such as 0644")
SIDE = record(kind=one_of("file", "directory", "symlink", "fifo", "socket", "device"), mode=MODE, size=May(count),
              target=May(text), targetBase64=May(base64_text))
CHANGE = record(path=text, pathBase64=May(base64_text),
                change=one_of("added", "modified", "deleted", "mode", "type"), old=May(SIDE), new=May(SIDE),
                renamedFrom=May(text), renamedFromBase64=May(base64_text), renamedTo=May(text),
                renamedToBase64=May(base64_text))
NOTE = record(path=text, pathBase64=May(base64_text), code=text, message=sentence)
PATH = record(path=text, pathBase64=May(base64_text))
DIFF = record(path=text, pathBase64=May(base64_text), text=text, textBase64=May(base64_text), isCut=boolean)
# Of a profile or launcher.
CONFIGURATION = matching(re.compile(r"[a-z0-9][a-z0-9._-]{0,63}"), "a name of a profile or launcher")
SUMMARY = {"name": CONFIGURATION, "description": May(nullable(text)), "file": path_text, "isSound": boolean,
           "problem": May(nullable(sentence))}
WRITER = record(uid=count, user=text, pid=integer(1))
FIGURES = {
    "cpu": record(userMicroseconds=May(count), systemMicroseconds=May(count)),
    "memory": record(currentBytes=May(count), peakBytes=May(count), swapBytes=May(count),
                     largestProcessBytes=May(count), events=May(mapping(count))),
    "pids": record(current=May(count), peak=May(count)),
    "io": record(readBytes=May(count), writtenBytes=May(count)),
    "pressure": May(mapping(record(someMicroseconds=count, fullMicroseconds=count))),
}

RESULTS = {
    "initialize": record(
        protocolVersion=one_of(1), server=PROGRAM,
        peer=record(uid=count, gid=count, user=text, role=one_of("viewer", "operator", "admin")),
        capabilities=record(methods=array(text))),
    "agent/start": AGENT, "agent/get": AGENT, "agent/stop": AGENT, "agent/kill": AGENT, "agent/wait": AGENT,
    "agent/restart": AGENT, "agent/pause": AGENT, "agent/resume": AGENT,
    "agent/list": record(agents=array(AGENT), next=May(ulid)),
    "agent/input": record(accepted=count),
    "agent/resize": empty, "agent/signal": empty, "agent/remove": empty, "agent/detach": empty, "rpc.cancel": empty,
    "agent/logs": record(chunks=array(record(**CHUNK_MEMBERS)), next=count, start=count, end=count, eof=boolean),
    "agent/attach": record(subscription=subscription, offset=count),
    "agent/viewport": empty,
    "agent/screen": record(
        offset=count, size=record(columns=integer(1, 1000), rows=integer(1, 1000)), title=May(nullable(text)),
        cursor=record(row=integer(0, 999), column=integer(0, 999), visible=boolean,
                      shape=one_of("block", "underline", "bar"), blinking=boolean),
        lines=array(text), next=May(nullable(integer(1, 999))),
        modes=record(alternateScreen=boolean, applicationCursorKeys=boolean, applicationKeypad=boolean,
                     bracketedPaste=boolean, focusReporting=boolean,
                     mouse=one_of("off", "press", "click", "drag", "move"),
                     mouseEncoding=one_of("legacy", "utf8", "sgr", "urxvt", "sgrPixels"), reverseVideo=boolean,
                     keyboardFlags=count)),
    "profile/list": record(profiles=array(record(**SUMMARY))),
    "profile/get": record(name=CONFIGURATION, files=array(path_text), profile=mapping(anything)),
    "profile/check": record(isSound=boolean, total=May(nullable(count)), findings=array(record(
        severity=one_of("error", "warning"), file=text, line=May(nullable(integer(1))),
        column=May(nullable(integer(1))), message=sentence))),
    "launcher/list": record(launchers=array(record(
        **SUMMARY, profile=May(nullable(CONFIGURATION)), takesPrompt=boolean, takesArguments=boolean, resumes=boolean,
        program=May(nullable(record(name=text, path=May(nullable(path_text)), problem=May(nullable(sentence)))))))),
    "agent/usage": record(
        wallMilliseconds=May(count),
        refused=array(record(call=text, process=text, pid=integer(1), count=integer(1))), **FIGURES),
    "agent/changes": record(inUse=boolean, changes=array(CHANGE), total=count, next=May(count), obstacles=array(NOTE),
                            diffs=May(array(DIFF))),
    "agent/apply": record(applied=array(PATH), total=May(count), refused=array(NOTE), skipped=array(NOTE),
                          warnings=array(NOTE), failure=May(sentence)),
    "agent/discard": record(discarded=array(PATH), total=May(count), refused=array(NOTE), skipped=array(NOTE),
                            warnings=array(NOTE), failure=May(sentence)),
    "events/list": record(events=array(record(**EVENT_MEMBERS)), next=count, more=boolean),
    "events/subscribe": record(subscription=subscription, seq=count),
    "supervisor/status": record(
        server=PROGRAM, mode=one_of("system", "user"), pid=integer(1), startedAt=moment, socket=path_text,
        stateDirectory=path_text, agents=mapping(integer(1)), connections=integer(1), seq=count, draining=May(boolean),
        unstored=May(count),
        resources=May(record(memory=integer(1), cpuMicroseconds=count, threads=integer(1), openFiles=integer(1))),
        retained=May(record(agents=count, bytes=count, free=count))),
    "supervisor/metrics": record(text=text),
    "supervisor/reload": empty,
    "supervisor/drain": record(draining=boolean, running=count),
    "supervisor/doctor": record(checks=array(record(
        name=name, status=one_of("ok", "warning", "problem"), found=text, hint=nullable(sentence)))),
    # Its own checks are in discovery.py.
    "rpc.discover": mapping(anything),
}

NOTIFICATIONS = {
    "agent/output": record(subscription=subscription, agent=ulid, **CHUNK_MEMBERS),
    "agent/gap": record(subscription=subscription, agent=ulid, **{"from": count, "to": integer(1)}),
    "agent/snapshot": record(subscription=subscription, agent=ulid, offset=count, size=SIZE, dataBase64=base64_text,
                             more=boolean),
    "agent/writer": record(subscription=subscription, agent=ulid, writer=WRITER),
    "event": record(subscription=subscription, **EVENT_MEMBERS),
    "subscription/ended": record(subscription=subscription, reason=text),
}

# By word: the code, and what `data` has beside the word.
ERRORS = {
    "parse_error": (-32700, {}),
    "invalid_request": (-32600, {}),
    "method_not_found": (-32601, {}),
    "invalid_params": (-32602, {"path": text}),
    "internal_error": (-32603, {}),
    "agent_not_found": (-32001, {"agent": text}),
    "invalid_state": (-32002, {"state": one_of(*STATES), "writer": May(WRITER)}),
    "permission_denied": (-32003, {"agent": May(ulid)}),
    "name_taken": (-32004, {"name": name}),
    "limit_reached": (-32005, {"limit": text}),
    "profile_invalid": (-32006, {"file": text, "line": nullable(integer(1)), "reason": text}),
    "jail_failed": (-32007, {"stage": text, "errno": nullable(text), "hint": nullable(text), "agent": May(ulid)}),
    "timed_out": (-32008, {}),
    "unsupported_here": (-32009, {"feature": text}),
    "draining": (-32010, {}),
    "agent_ambiguous": (-32011, {"agent": text, "matches": array(ulid)}),
    "cancelled": (-32012, {}),
}
# No client can bring it about: one that appears is a fault.
NEVER = {"internal_error"}


def check_chunk(chunk):
    """Exactly one of the two forms."""
    if ("data" in chunk) == ("dataBase64" in chunk):
        from .shapes import wrong
        wrong("a chunk", "one with either data or dataBase64", chunk)


def check_error(error):
    """Returns its word."""
    record(code=integer(-32768, -1), message=sentence, data=mapping(anything))(error, "error")
    word = error["data"].get("error")
    one_of(*ERRORS)(word, "error.data.error")
    code, members = ERRORS[word]
    one_of(code)(error["code"], f"the code of {word}")
    record(error=text, **members)(error["data"], f"error.data of {word}")
    return word
