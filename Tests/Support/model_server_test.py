# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""The stand-in model, without an agent."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "model-server")
EXEC = {"type": "function", "name": "exec_command"}


def prompt(text):
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def output():
    return {"type": "function_call_output", "call_id": "c", "output": "ok"}


class ModelServer(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.record = os.path.join(self.directory.name, "record")
        self.process = subprocess.Popen(
            [sys.executable, SERVER, "--until-stdin-closes", "--record", self.record],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def tearDown(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
        self.directory.cleanup()

    def ask(self, items, tools=(EXEC,)):
        body = json.dumps({"input": list(items), "tools": list(tools), "stream": True}).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + "/responses", body), timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        events = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
        self.assertEqual(events[-1]["type"], "response.completed")
        return events[-1]["response"]["output"][0]

    def test_a_script_is_followed_by_the_history_of_the_request(self):
        script = prompt("please [run: echo a] [write: f.txt some text] [say: over]")
        first = self.ask([script])
        self.assertEqual(json.loads(first["arguments"]), {"cmd": "echo a"})
        second = self.ask([script, output()])
        self.assertEqual(json.loads(second["arguments"]), {"cmd": "printf '%s\\n' 'some text' > f.txt"})
        self.assertEqual(self.ask([script, output(), output()])["content"][0]["text"], "over")
        # A retry of an earlier request is answered as it was.
        self.assertEqual(json.loads(self.ask([script])["arguments"]), {"cmd": "echo a"})

    def test_a_second_prompt_begins_its_own_script(self):
        items = [prompt("[run: echo a]"), output(), prompt("[run: echo b]")]
        self.assertEqual(json.loads(self.ask(items)["arguments"]), {"cmd": "echo b"})

    def test_a_prompt_without_a_script_is_answered_with_a_message(self):
        self.assertEqual(self.ask([prompt("hello")])["content"][0]["text"], "Done.")

    def test_calls_have_the_shape_of_the_tool_that_is_offered(self):
        script = [prompt("[run: ls]")]
        shell = self.ask(script, [{"type": "function", "name": "shell"}])
        self.assertEqual(json.loads(shell["arguments"]), {"command": ["/bin/sh", "-c", "ls"]})
        code = self.ask(script, [{"type": "custom", "name": "exec"}])
        self.assertEqual(code["type"], "custom_tool_call")
        self.assertIn('tools.exec_command({"cmd": "ls"})', code["input"])

    def test_faults_are_answered_as_the_script_says(self):
        for status in (401, 429, 500):
            with self.assertRaises(urllib.error.HTTPError) as caught:
                self.ask([prompt(f"[fault: {status}]")])
            self.assertEqual(caught.exception.code, status)
            caught.exception.close()

    def test_what_cannot_be_answered_is_refused_with_a_sentence(self):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.ask([prompt("[run: ls]")], [])
        self.assertIn(b"no tool that runs commands is offered", caught.exception.read())
        caught.exception.close()

    def test_requests_are_recorded(self):
        self.ask([prompt("hello"), output()])
        with open(self.record, encoding="utf-8") as file:
            self.assertEqual(json.loads(file.readline())["outputs"], [output()])


if __name__ == "__main__":
    unittest.main()
