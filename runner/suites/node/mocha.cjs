"use strict";
/*
 * mocha, serial and --parallel. Its runner calls back at every step, so we stand between: before the first
 * "before each" hook of a test, and after its last "after each".
 */

const session = require("./session.cjs");
const { file, message } = require("./text.cjs");

const REQUIRES = Symbol("services that the tests of a suite require");
let own = null; // this worker's name; null: main
let running = false;

function parents(suite) {
  const all = [];
  for (let one = suite; one; one = one.parent) all.unshift(one);
  return all;
}

function testsOf(suite) {
  return [...suite.tests, ...suite.suites.flatMap(testsOf)];
}

function isOfSuite(hook) {
  return hook.parent._beforeAll.includes(hook) || hook.parent._afterAll.includes(hook);
}

/** What loads a file, in a worker of --parallel. */
function loading(where) {
  return { id: `loading ${file(where)}`, scope: "file", name: "load" };
}

/** What the "before all" and "after all" hooks of a suite do. */
function hooksOf(suite, name) {
  const where = suite.root ? ["all files"] : [file(suite.file), ...suite.titlePath()];
  return { id: `hooks of ${where.join(" > ")}`, scope: suite.root ? "file" : "describe", name };
}

function usedBy(test) {
  const suites = parents(test.parent).filter((suite) => suite._beforeAll.length + suite._afterAll.length > 0);
  return [...(own ? [loading(test.file).id] : []), ...suites.map((suite) => hooksOf(suite).id)];
}

function requiredBy(test) {
  const hooks = parents(test.parent).flatMap((suite) => suite._beforeEach);
  return [...new Set(hooks.flatMap((hook) => (hook.fn && hook.fn[REQUIRES]) || []))];
}

/** One run: of all files, or of one file in a worker of --parallel. */
class Run {
  constructor(runner) {
    this.runner = runner;
    this.tests = new Map(); // what each test is told as
    this.told = new Set();
    this.current = null;
    this.result = null;
    this.retrying = false;
    this.broken = new Map(); // hooks that kept tests from being run, by suite
    this.focused = runner.suite.hasOnly();
    testsOf(runner.suite).forEach((test) => this.#add(test));
    this.#select(runner.suite);
  }

  #add(test) {
    const id = session.unique([file(test.file) || "mocha", ...test.titlePath()]);
    const uses = test.parent ? usedBy(test) : [];
    this.tests.set(test, { id, file: file(test.file), uses, requires: test.parent ? requiredBy(test) : [] });
  }

  #select(suite) {
    const matches = (test) => session.matches(this.tests.get(test).id, test.title);
    suite.tests = suite.tests.filter(matches);
    suite._onlyTests = suite._onlyTests.filter(matches);
    suite.suites.forEach((one) => this.#select(one));
  }

  /* A test that is tried again is a clone of itself. */
  #of(test) {
    const first = (test.retriedTest && test.retriedTest()) || test;
    if (!this.tests.has(first)) this.#add(first);
    return this.tests.get(first);
  }

  /** Before the test's hooks. */
  async before(test) {
    const what = this.#of(test);
    const again = this.retrying;
    if (!again) this.after();
    this.retrying = false;
    this.current = what;
    this.result = null;
    await session.start({ ...what, again });
  }

  /** After the test's hooks. */
  after() {
    if (!session.open || this.retrying) return;
    this.told.add(this.current);
    session.finish(this.result || { status: "error", message: "the test ended without a result" });
  }

  ended(test, result) {
    const what = this.#of(test);
    if (session.open && what === this.current) {
      this.result = result;
    } else if (!this.told.has(what)) {
      this.after();
      this.told.add(what);
      session.tell({ ...what, ...result });
    }
  }

  passed(test) {
    const tries = test.currentRetry();
    this.ended(test, { status: "passed", message: tries ? `passed after ${tries} failed attempt(s)` : "" });
  }

  failed(runnable, error) {
    if (runnable.type !== "hook") {
      const began = session.open && this.#of(runnable) === this.current;
      this.ended(runnable, { status: began ? "failed" : "error", message: message(error) });
      return;
    }
    const what = `${runnable.originalTitle}: ${message(error)}`;
    this.broken.set(runnable.parent, what);
    if (isOfSuite(runnable)) this.fixture(runnable, "end");
    else if (session.open) this.result = { status: "error", message: what };
  }

  fixture(hook, phase) {
    if (!isOfSuite(hook)) return;
    if (phase === "start") this.after();
    session.fixture(hooksOf(hook.parent, hook.originalTitle), phase);
  }

  /** The tests of which nothing was heard: a hook failed, or `.only` left them out. */
  async end() {
    this.after();
    for (const [test, what] of this.tests) {
      const selected = session.matches(what.id, test.title) && this.runner._grep.test(test.fullTitle()) !== this.runner._invert;
      if (!selected || this.told.has(what)) continue;
      const why = parents(test.parent).map((suite) => this.broken.get(suite)).find(Boolean);
      if (why) session.tell({ ...what, status: "error", message: `not run: ${why}` });
      else if (this.focused) session.tell({ ...what, status: "skipped", message: "another test is marked .only" });
    }
    running = false;
    session.working = null;
    await session.done();
  }
}

function follow(runner, run) {
  const { hook, hookDown, hookUp } = runner;
  runner.hook = function (name, fn) {
    const go = () => hook.call(this, name, fn);
    if (name !== "afterAll" || !this.suite._afterAll.length) return go();
    run.after();
    session.done().then(go);
  };
  runner.hookDown = function (name, fn) {
    const go = () => hookDown.call(this, name, fn);
    if (name === "beforeEach") run.before(this.test).then(go);
    else go();
  };
  runner.hookUp = function (name, fn) {
    hookUp.call(this, name, (error, suite) => {
      if (!error) run.after();
      fn(error, suite);
    });
  };
  runner.on("retry", () => (run.retrying = true));
  runner.on("pass", (test) => run.passed(test));
  runner.on("pending", (test) => run.ended(test, { status: "skipped", message: "" }));
  runner.on("fail", (runnable, error) => run.failed(runnable, error));
  runner.on("hook", (hook) => run.fixture(hook, "start"));
  runner.on("hook end", (hook) => run.fixture(hook, "end"));
}

function installRunner(Runner) {
  const { run } = Runner.prototype;
  Runner.prototype.run = function (fn, options) {
    session.begin(own);
    running = true;
    session.working = (own && this.suite.suites.map((suite) => file(suite.file))[0]) || "mocha";
    const ours = new Run(this);
    follow(this, ours);
    return run.call(this, (failures) => ours.end().then(() => fn && fn(failures)), options);
  };
}

/* In a worker of --parallel files are loaded between the tests of others. */
function installLoading(Mocha) {
  const { loadFilesAsync } = Mocha.prototype;
  Mocha.prototype.loadFilesAsync = async function (...args) {
    if (!own) return loadFilesAsync.apply(this, args);
    session.fixture(loading(this.files[0]), "start");
    try {
      return await loadFilesAsync.apply(this, args);
    } finally {
      session.fixture(loading(this.files[0]), "end");
    }
  };
}

function requireServices(services) {
  if (running) throw new Error("requireDockerServices is called at the top of a file or in a describe, not in a test");
  const mark = () => {};
  mark[REQUIRES] = services;
  (global.beforeEach || global.setup)(mark);
}

/** @param module  lib/runner.js or lib/mocha.js, just loaded */
function install(module, filename) {
  if (/runner\.js$/.test(filename)) {
    installRunner(module.exports);
  } else {
    installLoading(module.exports);
    session.offer(globalThis, own, requireServices);
  }
}

/** This process is a worker of --parallel. */
function installWorker() {
  own = "mocha";
  session.begin(own);
}

module.exports = { install, installWorker };
