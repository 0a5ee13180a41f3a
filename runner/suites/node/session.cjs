"use strict";
/*
 * This worker's talk with the runner: who it is, which test runs, what fixtures do. One process or thread is one
 * worker; one test at a time runs in it. Protocol: runner/suites/event.h.
 */

const fs = require("fs");
const { isMainThread, threadId } = require("worker_threads");
const { Connection } = require("./connection.cjs");
const { glob, name, text } = require("./text.cjs");

const events = process.env.UTR_EVENTS;
// Tests replace these, by fake timers.
const { setTimeout } = globalThis;
const { exit, hrtime, pid, stderr } = process;
const { readSync } = fs;

let connection = null;
let attention = -1; // a file of one byte, which says whether a service was ever called from this worker
let broken = false;
let pattern = null;
let open = null; // the test that runs
let unsettled = false; // a test ran since "done" was said last
let working = null; // what would be left half done if the process ended now
const names = new Map();
const state = { services: [] };

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whatever goes wrong ends the process: a test that nobody heard of must not pass. */
function giveUp(problem) {
  broken = true;
  stderr.write(`the runner's event socket is broken: ${problem.message}\n`);
  exit.call(process, 4);
}

function isCalling() {
  const byte = Buffer.alloc(1, 1);
  if (attention >= 0) readSync(attention, byte, 0, 1, 0);
  return byte[0] !== 0;
}

/** Tell the runner, and wait for its answer; while no service was called there is nothing to wait for. */
function say(message) {
  if (broken) return {};
  try {
    if (!/^(start|finish)$/.test(message.event) || isCalling()) return connection.exchange(message);
    connection.tell(message);
    return {};
  } catch (problem) {
    giveUp(problem);
    return {};
  }
}

/** Say it, and again after each pause that the runner asks for: the event loop turns, so what goes on by itself is heard. */
async function sayQuietly(message) {
  for (let answer = say(message); answer.quiet_ms; answer = say(message)) await sleep(answer.quiet_ms);
}

/** A node that a test starts by itself is that test's own business. */
function hide() {
  delete process.env.UTR_EVENTS;
  const ours = `--require "${require.resolve("./preload.cjs")}"`;
  const others = (process.env.NODE_OPTIONS || "").replace(ours, "").trim();
  if (others) process.env.NODE_OPTIONS = others;
  else delete process.env.NODE_OPTIONS;
}

/** Say hello, once, before any test is loaded. @param own  the worker's name; null: the one that the suite began as */
function begin(own) {
  if (connection) return;
  const hello = { event: "hello", adapter: "node", worker: own ? `${own} ${pid}${isMainThread ? "" : `.${threadId}`}` : "main" };
  if (!isMainThread) hello.thread = true;
  try {
    connection = new Connection(events);
  } catch (problem) {
    giveUp(problem);
  }
  const answer = say(hello);
  pattern = answer.pattern ? glob(answer.pattern) : null;
  state.services = answer.services || [];
  if (answer.attention) attention = fs.openSync(answer.attention, "r");
  Object.assign(process.env, answer.env);
  hide();
  process.on("exit", onExit);
}

function onExit(code) {
  const why = `the process ended (exit code ${code})`;
  if (broken) return;
  if (open) finish({ status: "error", message: `${why} while this test ran` });
  else if (working) tell({ id: unique([working, "(ended early)"]), status: "error", message: `${why} before its tests had ended` });
}

/** A name that no other test of this worker has. */
function unique(parts) {
  const plain = name(parts);
  const count = (names.get(plain) || 0) + 1;
  names.set(plain, count);
  return count === 1 ? plain : `${plain} (${count})`;
}

/** The pattern selects it: by its whole name, or by the test's own. */
function matches(id, own) {
  return pattern === null || pattern.test(id) || pattern.test(own);
}

function starting(test) {
  const message = { event: "start", test: test.id };
  if (test.requires && test.requires.length) message.requires = test.requires;
  if (test.uses && test.uses.length) message.uses = test.uses;
  if (test.again) message.again = true;
  return message;
}

/** A test begins. @param test  {id, file, line, requires, uses}; again: a further attempt of the one that runs */
async function start(test) {
  unsettled = true;
  await sayQuietly(starting(test));
  open = { ...test, began: hrtime.bigint() };
}

function details({ message, file, line }) {
  const known = message ? { message: text(message) } : {};
  return file && !file.startsWith("..") ? { ...known, file, line: line || 0 } : known;
}

/** The open test ended. @param result  {status, message} and, where they are better known now, file and line */
function finish(result) {
  const test = { ...open, ...result };
  const seconds = Number(hrtime.bigint() - test.began) / 1e9;
  open = null;
  say({ event: "finish", test: test.id, status: test.status, seconds, ...details(test) });
}

/** What was started as a test is a fixture's work, which is over. */
function wasFixture(what) {
  open = null;
  fixture(what, "was");
}

/** A test that could not run, or was left out. @param test  {id, status: error or skipped, message, file, line} */
function tell(test) {
  say({ event: "tell", test: test.id, status: test.status, ...details(test) });
}

/** A fixture that is wider than a test begins to work, or has worked. @param what  {id, scope, name} */
function fixture(what, phase) {
  say({ event: "fixture", phase, id: text(what.id), scope: what.scope, name: text(what.name, 500) });
}

/**
 * Before what tears down what the tests so far stood on, and after the last test: what goes on by itself can still be
 * heard then. Says it once after a test.
 */
async function done() {
  if (!unsettled) return;
  unsettled = false;
  await sayQuietly({ event: "done" });
}

/** A lock that is given in the order in which it is asked for. */
class Lock {
  #last = Promise.resolve();

  /** @return what gives it back */
  async take() {
    const before = this.#last;
    let release;
    this.#last = new Promise((resolve) => (release = resolve));
    await before;
    return release;
  }
}

/**
 * Let `requireDockerServices` find us, in this realm or another.
 * @param realm  the global object that tests see
 * @param own    as in begin()
 * @param add    takes the names of services for what is being defined
 */
function offer(realm, own, add) {
  const requireServices = (given) => {
    begin(own);
    const known = state.services.join(", ") || "none";
    const unknown = given.filter((one) => !state.services.includes(one));
    if (unknown.length || !state.services.length) {
      const wrong = unknown.map((one) => `'${one}'`).join(", ") || "every service";
      throw new Error(`requireDockerServices names ${wrong}; this run knows: ${known}`);
    }
    add(given.length ? given : state.services);
  };
  Object.defineProperty(realm, Symbol.for("utr.requireDockerServices"), { value: requireServices, configurable: true });
}

module.exports = {
  Lock,
  begin,
  done,
  finish,
  fixture,
  matches,
  offer,
  start,
  tell,
  unique,
  wasFixture,
  get open() {
    return open;
  },
  set working(what) {
    working = what;
  },
};
