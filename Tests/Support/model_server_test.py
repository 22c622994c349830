#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Protocol tests of the stand-in model server, without Codex.

Run them with: python3 Tests/Support/model_server_test.py
"""

import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SERVER = pathlib.Path(__file__).resolve().parent / "model-server"
EXEC_COMMAND = {"type": "function", "name": "exec_command"}
WRITE_STDIN = {"type": "function", "name": "write_stdin"}
APPLY_PATCH = {"type": "custom", "name": "apply_patch"}
CODE_MODE = {
    "type": "additional_tools",
    "tools": [
        {
            "type": "namespace",
            "name": "functions",
            "tools": [
                {
                    "type": "custom",
                    "name": "exec",
                    "description": "tools: { exec_command(args: {}): {}; apply_patch(input: string): {}; }",
                },
                {"type": "function", "name": "wait"},
            ],
        }
    ],
}


def user(text):
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def output(text):
    return {"type": "function_call_output", "call_id": "c", "output": text}


class Cut(Exception):
    """The stream ended before its end."""


class ModelServerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.record = self.folder / "record"
        port_file = self.folder / "port"
        self.server = subprocess.Popen(
            [sys.executable, SERVER, "--port-file", port_file, "--record", self.record, "--until-stdin-closes"],
            stdin=subprocess.PIPE,
        )
        self.addCleanup(self.stop)
        deadline = time.monotonic() + 20
        while not port_file.exists():
            self.assertIsNone(self.server.poll(), "The server ended before it listened.")
            self.assertLess(time.monotonic(), deadline, "The server never listened.")
            time.sleep(0.02)
        self.port = int(port_file.read_text())

    def stop(self):
        self.server.stdin.close()
        try:
            self.server.wait(10)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()

    def open(self, body, path="/v1/responses", headers=None, timeout=120):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        self.addCleanup(connection.close)
        connection.request("POST" if body else "GET", path, body and json.dumps(body), headers or {})
        return connection.getresponse()

    def ask(self, *history, tools=(EXEC_COMMAND, WRITE_STDIN, APPLY_PATCH), **more):
        """The completed items of an answer, checked to be a whole one."""
        events = self.events(*history, tools=tools, **more)
        self.assertEqual(events[0]["type"], "response.created")
        self.assertEqual(events[-1]["type"], "response.completed")
        usage = events[-1]["response"]["usage"]
        self.assertGreater(usage["input_tokens"], 0)
        self.assertEqual(usage["total_tokens"], usage["input_tokens"] + usage["output_tokens"])
        return [event["item"] for event in events if event["type"] == "response.output_item.done"]

    def events(self, *history, tools=(), **more):
        response = self.open({"stream": True, "tools": list(tools), "input": list(history)}, **more)
        self.assertEqual(response.status, 200)
        try:
            text = response.read().decode()
        except http.client.IncompleteRead as error:
            raise Cut(error.partial.decode()) from None
        return [json.loads(line[6:]) for line in text.split("\n") if line.startswith("data: ")]

    def command(self, *history, **more):
        """The command of the one call in an answer."""
        [call] = self.ask(*history, **more)
        return json.loads(call["arguments"])["cmd"]

    def message(self, *history, **more):
        [message] = self.ask(*history, **more)
        return message["content"][0]["text"]

    def error(self, *history, tools=(EXEC_COMMAND,)):
        response = self.open({"stream": True, "tools": list(tools), "input": list(history)})
        return response.status, json.load(response)["error"]["message"]

    def test_position_is_read_from_the_history(self):
        prompt = user("[run: one] [run: two] [run: three]")
        self.assertEqual(self.command(prompt), "one")
        self.assertEqual(self.command(prompt, output("a"), output("b")), "three")
        self.assertEqual(self.command(prompt, output("a")), "two")
        self.assertEqual(self.message(prompt, output("a"), output("b"), output("c")), "Done.")

    def test_a_retry_gets_the_same_answer(self):
        history = (user("[say: hi] [run: one]"),)
        self.assertEqual(self.ask(*history), self.ask(*history))

    def test_call_ids_differ_along_a_thread(self):
        prompt = user("[run: same] [run: same]")
        [first], [second] = self.ask(prompt), self.ask(prompt, output("a"))
        self.assertNotEqual(first["call_id"], second["call_id"])

    def test_a_new_prompt_starts_a_new_script(self):
        earlier = (user("[run: one] [run: two]"), output("a"), output("b"))
        self.assertEqual(self.command(*earlier, user("[run: three]")), "three")
        self.assertEqual(self.message(*earlier, user("Thank you.")), "Done.")

    def test_a_prompt_without_markers_gets_one_message(self):
        self.assertEqual(self.message(user("Hello [you].")), "Done.")

    def test_context_in_the_name_of_the_user_is_no_prompt(self):
        context = user("<environment_context><cwd>/[run: bad]</cwd></environment_context>")
        self.assertEqual(self.message(context, user("Hello.")), "Done.")
        self.assertEqual(self.command(user("[run: one]"), context), "one")

    def test_says_go_with_the_next_call_or_end_the_turn(self):
        prompt = user("[say: first] [run: one] [say: second] [say: last]")
        said, call = self.ask(prompt)
        self.assertEqual(said["content"][0]["text"], "first")
        self.assertEqual(call["type"], "function_call")
        texts = [item["content"][0]["text"] for item in self.ask(prompt, output("a"))]
        self.assertEqual(texts, ["second", "last"])

    def test_brackets_inside_a_marker_balance(self):
        self.assertEqual(self.command(user("[run: [ -f a ] && echo ${b[0]}]")), "[ -f a ] && echo ${b[0]}")

    def test_malformed_markers_are_refused_with_a_sentence(self):
        for prompt in ("[run: echo", "[fault: 999]", "[run: ]", "[write: ]"):
            status, message = self.error(user(prompt))
            self.assertEqual(status, 400, prompt)
            self.assertRegex(message, r"[.?]$")

    def test_prompts_in_parallel_do_not_disturb_each_other(self):
        failures = []

        def play(name):
            history = [user(" ".join(f"[run: {name} {step}]" for step in range(20)))]
            try:
                for step in range(20):
                    self.assertEqual(self.command(*history), f"{name} {step}")
                    history.append(output("ok"))
                self.assertEqual(self.message(*history), "Done.")
            except BaseException as failure:
                failures.append(failure)

        threads = [threading.Thread(target=play, args=(name,)) for name in ("left", "right")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_a_running_command_is_followed_before_the_next_step(self):
        prompt = user("[run: one] [run: two]")
        running = output("Chunk ID: 1\nProcess running with session ID 7\nOutput:\n")
        [call] = self.ask(prompt, running)
        self.assertEqual(call["name"], "write_stdin")
        self.assertEqual(json.loads(call["arguments"])["session_id"], 7)
        self.assertEqual(self.command(prompt, running, output("Process exited with code 0")), "two")
        forged = output("Process exited with code 0\nOutput:\nProcess running with session ID 7\n")
        self.assertEqual(self.command(prompt, forged), "two")

    def test_calls_take_the_shape_of_the_tools_on_offer(self):
        prompt = user("[run: echo hi]")
        for name, arguments in (
            ("exec_command", {"cmd": "echo hi"}),
            ("shell_command", {"command": "echo hi"}),
            ("shell", {"command": ["sh", "-c", "echo hi"]}),
        ):
            [call] = self.ask(prompt, tools=[{"type": "function", "name": name}])
            self.assertEqual((call["name"], json.loads(call["arguments"])), (name, arguments))
        [call] = self.ask(prompt, tools=[{"type": "local_shell"}])
        self.assertEqual(call["action"]["command"], ["sh", "-c", "echo hi"])
        [call] = self.ask(CODE_MODE, prompt, tools=[])
        self.assertEqual((call["type"], call["name"]), ("custom_tool_call", "exec"))
        self.assertIn('tools.exec_command({"cmd": "echo hi"})', call["input"])
        status, message = self.error(prompt, tools=[WRITE_STDIN])
        self.assertEqual(status, 400)
        self.assertIn("write_stdin", message)

    def test_a_yielded_script_is_waited_for(self):
        running = {"type": "custom_tool_call_output", "output": [{"text": "Script running with cell ID 4\n"}]}
        [call] = self.ask(CODE_MODE, user("[run: one]"), running, tools=[])
        self.assertEqual((call["name"], json.loads(call["arguments"])["cell_id"]), ("wait", "4"))

    def test_files_are_written_with_apply_patch_or_the_shell(self):
        prompt = user("[write: sub/a file's\nsecond line]")
        patch = "*** Begin Patch\n*** Add File: sub/a\n+file's\n+second line\n*** End Patch\n"
        [call] = self.ask(prompt)
        self.assertEqual((call["name"], call["input"]), ("apply_patch", patch))
        [call] = self.ask(CODE_MODE, prompt, tools=[])
        self.assertIn(f"tools.apply_patch({json.dumps(patch)})", call["input"])
        subprocess.run(["sh", "-c", self.command(prompt, tools=[EXEC_COMMAND])], cwd=self.folder, check=True)
        self.assertEqual((self.folder / "sub/a").read_text(), "file's\nsecond line\n")
        [call] = self.ask(user("[write: a\n  indented]"))
        self.assertIn("*** Add File: a\n+  indented\n", call["input"])

    def test_faults_come_in_their_place_and_last(self):
        for fault in (401, 429, 500):
            prompt = user(f"[run: one] [fault: {fault}] [run: two]")
            self.assertEqual(self.command(prompt), "one")
            for _ in range(2):
                self.assertEqual(self.error(prompt, output("a"))[0], fault)

    def test_a_cut_completes_no_item(self):
        with self.assertRaises(Cut) as caught:
            self.events(user("[say: hi] [fault: cut]"))
        self.assertIn("response.output_text.delta", str(caught.exception))
        self.assertNotIn("output_item.done", str(caught.exception))

    def test_a_hang_starts_a_stream_and_leaves_the_server_responsive(self):
        body = {"stream": True, "tools": [], "input": [user("[fault: hang]")]}
        response = self.open(body, timeout=1)
        self.assertEqual(response.status, 200)
        self.assertIn(b"response.created", response.readline())
        with self.assertRaises(socket.timeout):
            response.read()
        self.assertEqual(self.message(user("Hello.")), "Done.")

    def test_requests_are_recorded_before_they_are_answered(self):
        prompt = user("[run: one] [run: two]")
        self.ask(prompt, headers={"Authorization": "Bearer key"})
        self.ask(prompt, output("result"))
        first, second = map(json.loads, self.record.read_text().splitlines())
        self.assertEqual((first["path"], first["authorization"]), ("/v1/responses", "Bearer key"))
        self.assertEqual((first["step"], first["outputs"]), (0, []))
        self.assertEqual((second["authorization"], second["step"], second["outputs"]), (None, 1, ["result"]))

    def test_models_upgrades_and_unknown_paths(self):
        self.assertEqual(self.open(None, "/v1/models?client_version=1").status, 200)
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
        self.assertEqual(self.open(None, headers=upgrade).status, 426)
        self.assertEqual(self.open(None, "/v1/else").status, 404)
        self.assertEqual(self.open({"stream": False, "input": []}).status, 400)

    def test_the_server_ends_with_its_stdin_even_in_a_hang(self):
        self.open({"stream": True, "input": [user("[fault: hang]")]})
        self.server.stdin.close()
        self.assertEqual(self.server.wait(10), 0)

    def test_a_server_that_cannot_listen_says_so_and_leaves_no_port_file(self):
        port_file = self.folder / "other"
        other = subprocess.run(
            [sys.executable, SERVER, "--port", str(self.port), "--port-file", port_file],
            stderr=subprocess.PIPE,
            timeout=120,
        )
        self.assertEqual(other.returncode, 1)
        self.assertIn(b"The server cannot start", other.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), ["port", "record"])


if __name__ == "__main__":
    unittest.main()
