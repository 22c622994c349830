# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Clients of other users than the test's own. Only root can have them."""
import array
import os
import signal
import socket

from .client import Connection, Lost


class Person:
    """A user of the host's as the kernel tells the daemon: numbers, which need be in no database."""

    def __init__(self, uid, gid=None, groups=()):
        self.uid, self.gid, self.groups = uid, uid if gid is None else gid, list(groups)

    def connect(self, path, seconds=300):
        return PersonsConnection(self, path, seconds)


class PersonsConnection(Connection):
    """A connection that a process of this person's has made. That process has to live as long, since the daemon looks at
    it: it waits, and is ended with the connection."""

    def __init__(self, person, path, seconds):
        ours, theirs = socket.socketpair()
        self.child = os.fork()
        if self.child == 0:
            _connect(person, path, ours, theirs)
        theirs.close()
        with ours:
            word, passed, _, _ = socket.recv_fds(ours, 256, 1)
        if not passed:
            os.waitpid(self.child, 0)
            raise Lost(f"cannot connect to {path} as {person.uid}: {word.decode()}")
        self._begin(socket.socket(fileno=passed[0]), seconds)

    def close(self):
        super().close()
        if self.child:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
            self.child = 0


def _connect(person, path, ours, theirs):
    """In the child, which never returns."""
    try:
        ours.close()
        os.setgroups(person.groups)
        os.setresgid(person.gid, person.gid, person.gid)
        os.setresuid(person.uid, person.uid, person.uid)
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
        except OSError as problem:
            theirs.send(str(problem).encode())
            os._exit(1)
        theirs.sendmsg([b"+"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [connection.fileno()]))])
        connection.close()
        while True:
            signal.pause()
    finally:
        os._exit(1)
