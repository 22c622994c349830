#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

// Starts an agent, shows its output as it comes, answers what it asks, and ends as it ends.
//
//     follow.mjs [--socket PATH] [--answer TEXT] COMMAND [ARGUMENT ...]
//
// The daemon may be restarted meanwhile, even killed: the agent runs on, and this goes on at the byte where it was.

import { randomUUID } from "node:crypto";
import { createConnection } from "node:net";
import { constants } from "node:os";
import { createInterface } from "node:readline";

// What stands at the end of an agent's output when it waits for a yes.
const question = Buffer.from("[y/N] ");

/** The daemon's answer is an error. Its message is for people; `word`, such as `agent_not_found`, for programs. */
class Refused extends Error {
  constructor(error) {
    super(error.message);
    this.word = error.data.error;
  }
}

/** A connection: a line of JSON for each request, a line for each answer, and lines for what was subscribed to. */
class Supervisor {
  #socket;
  #last = 0;
  #pending = new Map();

  /** `notified` is called with the method and the params of each notification, in their order. */
  constructor(path, notified) {
    this.#socket = createConnection(path);
    this.closed = new Promise((resolve) => {
      this.#socket.once("error", resolve);
      this.#socket.once("close", () => resolve(new Error("the daemon has closed the connection")));
    });
    this.closed.then((problem) => this.#pending.forEach(({ reject }) => reject(problem)));
    createInterface({ input: this.#socket, crlfDelay: Infinity }).on("line", (line) => {
      const message = JSON.parse(line);
      if (message.method) return notified(message.method, message.params);
      const { resolve, reject } = this.#pending.get(message.id) ?? {};
      this.#pending.delete(message.id);
      if (message.error) reject?.(new Refused(message.error));
      else resolve?.(message.result);
    });
  }

  /** Sends a request; resolves with its result. */
  call(method, params = {}) {
    const id = ++this.#last;
    this.#socket.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  close() {
    this.#socket.destroy();
  }
}

class Follower {
  // A start whose answer was lost can be sent again: the same key again means the same agent.
  #key = randomUUID();
  #agent;
  // How far the output has been shown, in bytes since the agent's first, and how it looked at its end.
  #offset = 0;
  #tail = Buffer.alloc(0);

  constructor(command, answer) {
    this.command = command;
    this.answer = answer;
  }

  /** Follows the agent to its end; resolves with the agent, or fails when the connection breaks. */
  async follow(path) {
    let ended;
    const end = new Promise((resolve) => (ended = resolve));
    const supervisor = new Supervisor(path, (method, params) => {
      if (method === "agent/output") {
        this.#show(Buffer.from(params.dataBase64, "base64"));
        this.#answerIfAsked(supervisor);
      } else if (method === "agent/gap") {
        console.error(`[${params.to - params.from} bytes are no longer stored]`);
        this.#offset = params.to;
      } else if (method === "subscription/ended" && params.reason !== "shutdown") {
        ended();
      }
    });
    try {
      this.#agent ??= (await supervisor.call("agent/start", {
        command: this.command, workspace: process.cwd(), requestKey: this.#key,
      })).id;
      const agent = this.#agent;
      // It may have asked before the connection broke. Had it got the answer, the terminal's echo of it would follow.
      if ((await supervisor.call("agent/get", { agent })).output.end === this.#offset) this.#answerIfAsked(supervisor);
      await supervisor.call("agent/attach", { agent, since: this.#offset, encoding: "base64" });
      await Promise.race([end, supervisor.closed.then((problem) => Promise.reject(problem))]);
      return await supervisor.call("agent/wait", { agent });
    } finally {
      supervisor.close();
    }
  }

  #show(data) {
    process.stdout.write(data);
    this.#offset += data.length;
    this.#tail = Buffer.concat([this.#tail, data]).subarray(-question.length);
  }

  #answerIfAsked(supervisor) {
    if (!this.#tail.equals(question)) return;
    // What becomes of it when the connection breaks is seen when there is one again.
    supervisor.call("agent/input", { agent: this.#agent, data: `${this.answer}\r` }).catch(() => {});
  }
}

function options(words) {
  const runtime = process.env.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid()}`;
  const found = {
    socket: process.env.AGENT_SUPERVISOR_SOCKET ?? `${runtime}/agent-supervisor/control.sock`, answer: "y",
  };
  while (words[0] === "--socket" || words[0] === "--answer") found[words.shift().slice(2)] = words.shift();
  return { ...found, command: words };
}

const { socket, answer, command } = options(process.argv.slice(2));
const follower = new Follower(command, answer);
for (;;) {
  try {
    const { exit } = await follower.follow(socket);
    // As a shell would show it.
    process.exitCode = exit.code ?? 128 + constants.signals[exit.signal ?? "SIGKILL"];
    break;
  } catch (problem) {
    if (problem instanceof Refused) {
      console.error(`follow: ${problem.message} (${problem.word})`);
      process.exitCode = 1;
      break;
    }
    console.error(`[${problem.message}; trying again]`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
