# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""The programs that agents live on, doing what agents do with them."""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading

from .checks import Group, Skip

group = Group("needs")


def run(words, seconds=250, **options):
    """What a program says, which must end well. Programs that this host has not are no need."""
    if not shutil.which(words[0]):
        raise Skip(f"no {words[0]} on this host")
    done = subprocess.run(words, capture_output=True, text=True, timeout=seconds, check=False,
                          stdin=subprocess.DEVNULL, **options)
    assert done.returncode == 0, f"{words[0]} ended with {done.returncode}: {done.stdout[-200:]} {done.stderr[-400:]}"
    return done.stdout


@group.need("shell")
def _():
    assert run(["sh", "-c", "echo a | tr a b; (exit 3) || echo $?"]) == "b\n3\n"


@group.need("bash")
def _():
    assert run(["bash", "-c", "cat <(echo one) <<< two; set -m; sleep 5 & kill %1; wait"]) is not None


@group.need("git")
def _():
    with tempfile.TemporaryDirectory(dir=".") as directory:
        script = """
            set -e
            git init -q one; cd one; git config user.name x; git config user.email x@example.org
            echo a > a; git add a; git commit -qm one; git checkout -qb other; echo b > a; git commit -qam two
            git checkout -q -; git merge -q other; git worktree add -q ../tree other^ 2>/dev/null || true
            cd ..; git clone -q one two; cd two; git log --oneline | wc -l; git gc -q; git status --porcelain
            """
        assert run(["sh", "-c", script], cwd=directory).startswith("2")


@group.need("python")
def _():
    code = "import ssl, sqlite3, ctypes, asyncio, subprocess; print(asyncio.run(asyncio.sleep(0, 'ok')))"
    assert run([sys.executable, "-c", code]) == "ok\n"


@group.need("python-subprocesses")
def _():
    code = """
import asyncio
async def main():
    child = await asyncio.create_subprocess_exec('sh', '-c', 'cat; exit 3', stdin=-1, stdout=-1)
    out, _ = await child.communicate(b'x')
    print(out, child.returncode)
asyncio.run(main())
"""
    assert run([sys.executable, "-c", code]) == "b'x' 3\n"


@group.need("node")
def _():
    code = """
        const { Worker } = require("worker_threads"), { execFileSync } = require("child_process"), fs = require("fs");
        const worker = new Worker("require('worker_threads').parentPort.postMessage(6 * 7)", { eval: true });
        worker.on("message", (value) => {
          fs.watch(".").close();
          const server = require("net").createServer().listen(0, "127.0.0.1", () => {
            server.close();
            console.log(value, execFileSync("echo", ["child"]).toString().trim(), require("os").userInfo().uid);
          });
        });
        """
    assert run(["node", "-e", code], seconds=250) == f"42 child {os.getuid()}\n"


@group.need("node-webassembly")
def _():
    code = "new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0])); console.log(typeof fetch)"
    assert run(["node", "-e", code], seconds=250).strip()


@group.need("compiler")
def _():
    with tempfile.TemporaryDirectory(dir=".") as directory:
        with open(directory + "/a.c", "w", encoding="ascii") as file:
            file.write("#include <stdio.h>\nint main(void) { puts(\"compiled\"); return 0; }\n")
        run(["gcc", "-O1", "-g", "-o", "a", "a.c"], cwd=directory, seconds=250)
        assert run([os.path.abspath(directory + "/a")]) == "compiled\n"


@group.need("make")
def _():
    with tempfile.TemporaryDirectory(dir=".") as directory:
        with open(directory + "/Makefile", "w", encoding="ascii") as file:
            file.write("all: a b\na b:\n\t@echo $@ > $@\n")
        run(["make", "-s", "-j2"], cwd=directory)
        assert sorted(os.listdir(directory)) == ["Makefile", "a", "b"]


@group.need("gdb")
def _():
    output = run(["gdb", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "run", "-ex", "info inferiors",
                  "--args", "/bin/true"], seconds=250)
    assert "exited normally" in output, output


@group.need("strace")
def _():
    if not shutil.which("strace"):
        raise Skip("no strace on this host")
    done = subprocess.run(["strace", "-f", "-e", "trace=execve", "/bin/true"], capture_output=True, text=True,
                          timeout=250, check=False)
    assert "exited with 0" in done.stderr, done.stderr


@group.need("perl")
def _():
    assert run(["perl", "-e", "print 6 * 7"]) == "42"


@group.need("archives")
def _():
    with tempfile.TemporaryDirectory() as directory:
        with open(directory + "/a", "w", encoding="ascii") as file:
            file.write("x" * 1000)
        run(["tar", "-czf", "b.tgz", "a"], cwd=directory)
        os.unlink(directory + "/a")
        run(["tar", "-xzf", "b.tgz"], cwd=directory)
        assert os.path.getsize(directory + "/a") == 1000


@group.need("processes-listed")
def _():
    assert "python" in run(["ps", "-e", "-o", "pid,args"])


@group.need("database")
def _():
    # Two connections, with the locks and the shared memory that a write-ahead log needs.
    with tempfile.TemporaryDirectory(dir=".") as directory:
        path = directory + "/a.db"
        one = sqlite3.connect(path, timeout=5)
        one.execute("PRAGMA journal_mode=WAL")
        one.execute("CREATE TABLE t (n)")
        one.commit()

        def write():
            other = sqlite3.connect(path, timeout=20)
            for number in range(20):
                other.execute("INSERT INTO t VALUES (?)", (number,))
                other.commit()
            other.close()

        threads = [threading.Thread(target=write) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert one.execute("SELECT count(*) FROM t").fetchone() == (60,)
        assert one.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        one.close()


@group.need("who-am-i")
def _():
    assert run(["id", "-un"]).strip() and run(["hostname"]).strip() and run(["uname", "-r"]).strip()
    assert run(["getent", "passwd", str(os.getuid())]).count(":") == 6
