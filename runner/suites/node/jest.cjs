"use strict";
/*
 * jest, 29 and later, with its own runner (jest-circus), in one process or in workers. jest awaits what a test
 * environment's handleTestEvent does with each event, so ours is put in front of the environment's own.
 */

const { isMainThread } = require("worker_threads");
const session = require("./session.cjs");
const { file, lineIn, message } = require("./text.cjs");

const RETRY_TIMES = Symbol.for("RETRY_TIMES");
const RETRY_IMMEDIATELY = Symbol.for("RETRY_IMMEDIATELY");
const RETRIES_AT_ONCE = 30; // the first version that can

function own() {
  const inWorker = !isMainThread || /[\\/]jest-worker[\\/]/.test(process.argv[1] || "");
  return inWorker ? "jest" : null;
}

function parents(block) {
  const all = [];
  for (let one = block; one; one = one.parent) all.unshift(one);
  return all;
}

function isOfSuite(hook) {
  return hook.type === "beforeAll" || hook.type === "afterAll";
}

/** One test file. */
class File {
  constructor(config, testPath, realm, version) {
    const project = config.displayName && config.displayName.name;
    this.path = testPath;
    this.label = (project ? `[${project}] ` : "") + file(testPath);
    this.realm = realm;
    this.version = version;
    this.required = new Map(); // services by describe
    this.lock = new session.Lock();
    this.tests = new Map();
    this.block = null; // the describe that is being defined
    this.state = null;
    this.loading = { id: `loading ${this.label}`, scope: "file", name: "load" };
    session.fixture(this.loading, "start");
  }

  #titles(test) {
    return [...parents(test.parent).slice(1).map((block) => block.name), test.name];
  }

  #of(test) {
    if (!this.tests.has(test)) {
      const line = lineIn(test.asyncError && test.asyncError.stack, this.path);
      const id = session.unique([this.label, ...this.#titles(test)]);
      this.tests.set(test, { id, file: file(this.path), line, tries: 0 });
    }
    return this.tests.get(test);
  }

  #describe(test) {
    const blocks = parents(test.parent);
    const withHooks = blocks.filter((block) => block.hooks.some(isOfSuite));
    const requires = new Set(blocks.flatMap((block) => this.required.get(block) || []));
    const uses = [this.loading.id, ...withHooks.map((block) => this.#hooksOf(block).id)];
    return { ...this.#of(test), requires: [...requires], uses };
  }

  #hooksOf(block, name) {
    const where = [this.label, ...parents(block).slice(1).map((one) => one.name)];
    return { id: `hooks of ${where.join(" > ")}`, scope: block.parent ? "describe" : "file", name };
  }

  #walk(block, visit) {
    for (const child of block.children) {
      if (child.type === "describeBlock") this.#walk(child, visit);
      else visit(child);
    }
  }

  /** Every test is defined. Before version 30 concurrent tests would be begun all at once, without an event. */
  runStarts(event, state) {
    session.fixture(this.loading, "end");
    this.loaded = true;
    this.#takeRetries();
    this.#walk(state.rootDescribeBlock, (test) => {
      const what = this.#of(test);
      what.deselected = !session.matches(what.id, test.name);
      if (what.deselected) test.mode = "skip";
      if (this.version < RETRIES_AT_ONCE) test.concurrent = false;
    });
  }

  /* A test that failed would be tried again after all others; at once, its attempts are one test. */
  #takeRetries() {
    let times = this.realm[RETRY_TIMES];
    const retries = () => parseInt(times, 10) || 0;
    this.retries = retries;
    if (this.version >= RETRIES_AT_ONCE) {
      this.retries = () => parseInt(this.realm[RETRY_TIMES], 10) || 0;
      Object.defineProperty(this.realm, RETRY_IMMEDIATELY, { get: () => true, set() {}, configurable: true });
    } else {
      Object.defineProperty(this.realm, RETRY_TIMES, { get: () => 0, set: (value) => (times = value), configurable: true });
    }
  }

  async testStarts({ test }) {
    const what = this.#of(test);
    if (what.tries === 0) what.release = await this.lock.take();
  }

  async testRuns({ test }) {
    const what = this.#of(test);
    what.failedBefore = test.errors.length > 0;
    await session.start({ ...this.#describe(test), again: what.tries > 0 });
    what.tries++;
  }

  testSkipped({ test }, state) {
    const what = this.#of(test);
    const title = this.#titles(test).join(" ");
    const filtered = state.testNamePattern && !state.testNamePattern.test(title);
    if (!what.deselected && !filtered) {
      const focused = state.hasFocusedTests && test.mode === undefined;
      const why = test.mode === "todo" ? "todo" : focused ? "another test is marked .only" : "";
      session.tell({ ...this.#describe(test), status: "skipped", message: why });
    }
    what.release();
  }

  testDone({ test }) {
    const what = this.#of(test);
    const failed = test.errors.length > 0;
    if (failed && !what.failedBefore && what.tries <= this.retries()) {
      this.#tryAgain(test);
      return;
    }
    if (failed) session.finish({ status: "failed", message: message(test.errors[0]) });
    else if (test.failing) session.finish({ status: "xfailed", message: "marked .failing" });
    else session.finish({ status: "passed", message: what.tries > 1 ? `passed after ${what.tries - 1} failed attempt(s)` : "" });
    what.release();
  }

  #tryAgain(test) {
    if (this.version >= RETRIES_AT_ONCE) return;
    const { children } = test.parent;
    test.errors = [];
    children.splice(children.lastIndexOf(test) + 1, 0, test);
  }

  /** The attempts of a test stand side by side; in the results they are one. */
  describeFinished({ describeBlock }) {
    describeBlock.children = [...new Set(describeBlock.children)];
  }

  async hookStarts({ hook }) {
    if (hook.type === "afterAll") await session.done();
    if (isOfSuite(hook)) session.fixture(this.#hooksOf(hook.parent, hook.type), "start");
  }

  hookEnds({ hook }) {
    if (isOfSuite(hook)) session.fixture(this.#hooksOf(hook.parent, hook.type), "end");
  }

  async end(problem) {
    if (!this.loaded) session.fixture(this.loading, "end");
    if (problem) session.tell({ id: session.unique([this.label]), file: file(this.path), status: "error", message: message(problem) });
    session.working = null;
    await session.done();
  }

  require(services) {
    if (!this.state || this.state.hasStarted || this.loaded)
      throw new Error("requireDockerServices is called at the top of a file or in a describe, not in a test");
    const block = this.state.currentDescribeBlock;
    this.required.set(block, [...(this.required.get(block) || []), ...services]);
  }
}

/** What we do before the environment's own handler, and what after it. */
const FIRST = { run_start: "runStarts", test_start: "testStarts", test_started: "testRuns", hook_start: "hookStarts" };
const LAST = {
  test_skip: "testSkipped",
  test_todo: "testSkipped",
  test_done: "testDone",
  hook_success: "hookEnds",
  hook_failure: "hookEnds",
  run_describe_finish: "describeFinished",
};

function listen(environment, ours) {
  const theirs = environment.handleTestEvent;
  environment.handleTestEvent = function (event, state) {
    ours.state = state;
    const first = FIRST[event.name];
    const last = LAST[event.name];
    if (!first && !last) return theirs && theirs.call(this, event, state);
    return (async () => {
      if (first) await ours[first](event, state);
      if (theirs) await theirs.call(this, event, state);
      if (last) await ours[last](event, state);
    })();
  };
}

function wrap(adapter, version) {
  return async function (globalConfig, config, environment, runtime, testPath, ...rest) {
    session.working = file(testPath);
    const ours = new File(config, testPath, environment.global, version);
    session.offer(environment.global, own(), (services) => ours.require(services));
    listen(environment, ours);
    let problem = null;
    try {
      return await adapter.call(this, globalConfig, config, environment, runtime, testPath, ...rest);
    } catch (error) {
      problem = error || new Error("the file could not be run");
      throw error;
    } finally {
      await ours.end(problem);
    }
  };
}

function versionOf(module) {
  try {
    return parseInt(module.require("jest-circus/package.json").version, 10);
  } catch {
    return RETRIES_AT_ONCE;
  }
}

/** @param module  jest-circus's runner, just loaded: tests are going to be run in this process or thread */
function install(module) {
  session.begin(own());
  const version = versionOf(module);
  if (typeof module.exports === "function") module.exports = wrap(module.exports, version);
  else module.exports = { ...module.exports, __esModule: true, default: wrap(module.exports.default, version) };
}

module.exports = { install };
