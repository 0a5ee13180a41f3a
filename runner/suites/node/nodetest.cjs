"use strict";
/*
 * node:test, Node 18 and later: a file in a process of its own (`node --test`), several in one
 * (--test-isolation=none), or a file run by itself. Its API has no hook around all others, so we stand in front of the
 * method that runs a test, hooks included. The class is internal; each instance is an AsyncResource named "Test".
 */

const asyncHooks = require("async_hooks");
const session = require("./session.cjs");
const { file, message } = require("./text.cjs");

const REQUIRES = Symbol("services that the tests of a suite require");
const HARNESS = "internal/test_runner/harness";
const UNMATCHED = "test name does not match pattern"; // Node 18 and 20 skip with it what the command line left out
const OURS = Symbol("what we know of a test");

const own = process.env.NODE_TEST_CONTEXT ? "node" : null; // null: main
const isolated = !process.execArgv.some((one) => /^--(experimental-)?test-isolation=none$/.test(one));
const roots = new Set();

function parents(test) {
  const all = [];
  for (let one = test.parent; one && one.parent; one = one.parent) all.unshift(one);
  return all;
}

function isSuite(test) {
  return test.reportedType === "suite" || test.constructor.name === "Suite";
}

function fileOf(test) {
  return isolated ? process.argv[1] : test.loc && test.loc.file;
}

function hooksOf(suite, name) {
  const where = [file(fileOf(suite)), ...parents(suite).map((one) => one.name), ...(suite.parent ? [suite.name] : [])];
  return { id: `hooks of ${where.join(" > ")}`, scope: suite.parent ? "describe" : "file", name };
}

function hasHooks(suite) {
  return suite.hooks && suite.hooks.before.length + suite.hooks.after.length > 0;
}

/** What a test is told as, once. */
function of(test) {
  if (!test[OURS]) {
    const id = session.unique([file(fileOf(test)), ...parents(test).map((one) => one.name), test.name]);
    const loc = test.loc || {};
    Object.defineProperty(test, OURS, { value: { id, file: file(loc.file || fileOf(test)), line: loc.line, begun: false } });
  }
  return test[OURS];
}

function describe(test) {
  const above = test.parent ? [test.root || test.parent, ...parents(test)] : [];
  const named = ((test.parent.hooks && test.parent.hooks.beforeEach) || []).flatMap((hook) => (hook.fn && hook.fn[REQUIRES]) || []);
  const uses = above.flatMap((one) => {
    if (one[OURS] && one[OURS].work) return [one[OURS].work.id];
    return (isSuite(one) || !one.parent) && hasHooks(one) ? [hooksOf(one).id] : [];
  });
  return { ...of(test), requires: [...new Set(named)], uses };
}

/** What a test came to. */
function outcome(test) {
  const why = test.error && message(test.error.cause || test.error);
  if (test.skipped) return { status: "skipped", message: test.message || "" };
  if (test.isTodo) return test.passed ? { status: "skipped", message: "todo" } : { status: "xfailed", message: `todo: ${why}` };
  if (!test.passed) return { status: test.cancelled ? "error" : "failed", message: why || "failed without a message" };
  return test.expectFailure ? { status: "xfailed", message: "expected to fail" } : { status: "passed" };
}

/* Tests run one at a time, and so do those below a test that has some. */
const locks = new WeakMap();

function lockOf(test) {
  const holder = parents(test).filter((one) => !isSuite(one)).pop() || process;
  if (!locks.has(holder)) locks.set(holder, new session.Lock());
  return locks.get(holder);
}

/** The nearest test above that is open, and so turns out to be what other tests are made in. */
function becomesFixture(test) {
  const holder = parents(test).filter((one) => !isSuite(one)).pop();
  if (!holder) return null;
  const ours = of(holder);
  if (!ours.work) {
    ours.work = { id: `test ${ours.id}`, scope: "test", name: holder.name };
    session.wasFixture(ours.work);
  } else {
    session.fixture(ours.work, "end");
  }
  return ours.work;
}

/** A test of its own: between its start and its end lie all of its hooks. */
async function runTest(test, run) {
  const release = await lockOf(test).take();
  await Promise.all(hooks);
  const above = becomesFixture(test);
  const ours = of(test);
  ours.begun = true;
  await session.start(describe(test));
  try {
    return await run();
  } finally {
    if (ours.work) endFixture(test, ours);
    else if (session.open && session.open.id === ours.id) session.finish(outcome(test));
    if (above) session.fixture(above, "start");
    release();
  }
}

/** A test with subtests: they have told of themselves. What is its own is only told where it did not pass. */
function endFixture(test, ours) {
  if (session.open) session.finish({ status: "error", message: "its parent ended before it" });
  session.fixture(ours.work, "end");
  const ended = outcome(test);
  const failed = test.error && test.error.failureType !== "subtestsFailed";
  if (ended.status === "skipped" || failed) session.tell({ ...ours, ...ended, status: failed ? "error" : "skipped" });
}

/* A file's "before" hooks are run as soon as they are made, beside the first test. */
const hooks = new Set();

async function runHook(hook, run) {
  const suite = hook.parentTest;
  const tells = suite && /^(before|after)$/.test(hook.hookType) && (isSuite(suite) || !suite.parent);
  if (!tells) return run();
  const what = hooksOf(suite, hook.hookType);
  if (hook.hookType === "after") await session.done();
  session.fixture(what, "start");
  const running = run();
  hooks.add(running);
  try {
    return await running;
  } finally {
    hooks.delete(running);
    session.fixture(what, "end");
  }
}

function isLeftOut(test) {
  return (test.skipped && test.message === UNMATCHED) || !session.matches(of(test).id, test.name);
}

function leaveOut(test) {
  test.skip("left out by the runner's pattern");
  test.fn = () => {};
  of(test).begun = true;
}

/** Before its end the root runs when no test is left for now; Node 18 only ends it. */
async function runRoot(run) {
  const result = await run();
  await session.done();
  return result;
}

/** Stand in front of Test.prototype.run. Its caller counts on this.parent.activeSubtests being raised at once. */
function patch(Test) {
  const { run, postRun } = Test;
  Test.run = function (...args) {
    const original = () => run.apply(this, args);
    if (this.hookType) return runHook(this, original);
    if (!this.parent) return runRoot(original);
    roots.add(this.root || parents(this)[0]);
    if (isSuite(this)) return original();
    if (isLeftOut(this)) leaveOut(this);
    if (of(this).begun) return original();
    this.parent.activeSubtests++;
    return runTest(this, () => {
      this.parent.activeSubtests--;
      return original();
    });
  };
  Test.postRun = function (...args) {
    const result = postRun.apply(this, args);
    if (!this.parent && !this.hookType) session.done();
    else tellUnheard(this);
    return result;
  };
}

/** A test that never ran, cancelled with its parent; or a suite that is skipped with all that it does not even define. */
function tellUnheard(test) {
  if (!test.parent || test.hookType || (isSuite(test) && !test.skipped) || of(test).begun || isLeftOut(test)) return;
  of(test).begun = true;
  if (test.skipped) session.tell({ ...of(test), ...outcome(test) });
  else session.tell({ ...of(test), status: "error", message: test.error ? outcome(test).message : "not run before the process ended" });
}

/** Tests that were defined and had not ended when the process did. */
function tellUnfinished(test) {
  for (const one of test.subtests || []) tellUnfinished(one);
  if (!test.finished) tellUnheard(test);
}

/** Find the class by the first test that is made, and patch it before that one runs. */
function capture() {
  const hook = asyncHooks.createHook({
    init(id, type, trigger, resource) {
      if (type !== "Test") return;
      hook.disable();
      let Test = resource;
      while (Test && !(Test.constructor.name === "Test" && Object.hasOwn(Test, "run"))) Test = Object.getPrototypeOf(Test);
      if (Test) patch(Test);
    },
  });
  hook.enable();
}

function requireServices(services) {
  const mark = () => {};
  mark[REQUIRES] = services;
  require("node:test").beforeEach(mark);
}

function begin() {
  session.begin(own);
  process.on("exit", () => roots.forEach(tellUnfinished));
  capture();
}

/* node:test tells nobody that it begins; but it then listens for the end of the process. `node --test` has begun when
 * it loads us. */
function install() {
  session.offer(globalThis, own, requireServices);
  if (own) session.begin(own);
  if (process.execArgv.includes("--test")) begin();
  else process.on("newListener", begins);
}

function begins(event) {
  if (event !== "beforeExit" || !process.moduleLoadList.some((one) => one.endsWith(HARNESS))) return;
  process.removeListener("newListener", begins);
  begin();
}

module.exports = { install };
