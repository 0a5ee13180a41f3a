"use strict";
/*
 * The event socket: one line out, one line back. It is written and read in place, so that a test cannot go on before
 * the runner has taken down that it starts; nothing of it turns the event loop.
 */

const fs = require("fs");
const net = require("net");

// Tests replace these, by fake timers and mocked file systems.
const { readSync, writeSync } = fs;
const HOW_MANY_TRIES = 50;
const PAUSE_MS = 20;

/** Stand still; the event loop does not turn meanwhile. */
function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

class Connection {
  constructor(path) {
    this.rest = Buffer.alloc(0);
    this.fd = this.#connect(path);
  }

  /* A unix socket connects at once or not at all: the latter while the listener's queue is full. */
  #connect(path) {
    for (let tries = 1; ; tries++) {
      this.socket = new net.Socket();
      let problem = null;
      this.socket.on("error", (error) => (problem = error));
      this.socket.pause();
      this.socket.connect({ path });
      this.socket.unref();
      const handle = this.socket._handle;
      try {
        if (!handle || handle.fd < 0) throw problem || new Error("no descriptor");
        handle.setBlocking(true);
        writeSync(handle.fd, "");
        return handle.fd;
      } catch (error) {
        this.socket.destroy();
        if (tries === HOW_MANY_TRIES) throw error;
        pause(PAUSE_MS);
      }
    }
  }

  #write(line) {
    const bytes = Buffer.from(line);
    for (let sent = 0; sent < bytes.length; ) sent += writeSync(this.fd, bytes, sent);
  }

  #readLine() {
    const chunk = Buffer.alloc(4096);
    for (;;) {
      const end = this.rest.indexOf(10);
      if (end >= 0) {
        const line = this.rest.subarray(0, end);
        this.rest = this.rest.subarray(end + 1);
        return line.toString();
      }
      const count = readSync(this.fd, chunk, 0, chunk.length, null);
      if (count === 0) throw new Error("the runner has closed it");
      this.rest = Buffer.concat([this.rest, chunk.subarray(0, count)]);
    }
  }

  /** Send a message that is not answered. */
  tell(message) {
    this.#write(`${JSON.stringify({ ...message, answer: false })}\n`);
  }

  /** Send a message and wait for its answer. */
  exchange(message) {
    this.#write(`${JSON.stringify(message)}\n`);
    const answer = JSON.parse(this.#readLine());
    if (answer.error !== undefined) throw new Error(`the runner refused ${message.event}: ${answer.error}`);
    return answer;
  }
}

module.exports = { Connection };
