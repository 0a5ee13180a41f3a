"use strict";
/*
 * vitest 1 to 5, in forks and threads. Each worker makes itself a test runner, and awaits what that does before and after
 * each test; it is made in ECMAScript modules, of which nothing can be replaced, but on the way to its work it passes
 * Object.defineProperty().
 */

const session = require("./session.cjs");
const { file, message } = require("./text.cjs");

const REQUIRES = Symbol("services that the tests of a suite require");

function parents(task) {
  const all = [];
  for (let one = task.suite; one; one = one.suite) all.unshift(one);
  return all[0] === task.file ? all : [task.file, ...all];
}

function label(owner) {
  return (owner.projectName ? `[${owner.projectName}] ` : "") + file(owner.filepath);
}

function loading(owner) {
  return { id: `loading ${label(owner)}`, scope: "file", name: "load" };
}

function hooksOf(suite, name) {
  const isFile = suite === suite.file || suite.filepath;
  const where = isFile ? [label(suite)] : [label(suite.file), ...parents(suite).slice(1).map((one) => one.name), suite.name];
  return { id: `hooks of ${where.join(" > ")}`, scope: isFile ? "file" : "describe", name };
}

function walk(suite, visit) {
  visit(suite);
  for (const task of suite.tasks || []) walk(task, visit);
}

/** The files that a test runner is given at once, mostly one. */
class Files {
  constructor(suites, runner, paths) {
    this.suites = suites;
    this.runner = runner;
    this.tests = new Map(); // what each test is told as
    this.told = new Set();
    this.current = null;
    this.loading = paths.map((filepath) => loading({ filepath, projectName: runner.config.name }));
    this.loading.forEach((one) => session.fixture(one, "start"));
  }

  loaded() {
    this.loading.splice(0).reverse().forEach((one) => session.fixture(one, "end"));
  }

  #add(test) {
    const titles = [...parents(test).slice(1).map((suite) => suite.name), test.name];
    const id = session.unique([label(test.file), ...titles]);
    const line = test.location && test.location.line;
    this.tests.set(test, { id, file: file(test.file.filepath), line, title: titles.join(" ") });
  }

  /** Every test of these files is defined. */
  collected(files) {
    this.loaded();
    for (const owner of files) {
      walk(owner, (task) => {
        task.concurrent = false;
        if (task.tasks) this.#wrapHooks(task);
        else this.#select(task);
      });
    }
  }

  #select(test) {
    this.#add(test);
    if (session.matches(this.tests.get(test).id, test.name)) return;
    test.mode = "skip";
    this.told.add(test);
  }

  #wrapHooks(suite) {
    const hooks = this.suites.getHooks(suite) || {}; // none where the file could not be loaded
    for (const name of ["beforeAll", "afterAll"]) {
      if (hooks[name]) hooks[name] = hooks[name].map((hook) => this.#wrapHook(hook, hooksOf(suite, name)));
    }
  }

  /* What a "beforeAll" returns is its tear-down. */
  #wrapHook(hook, what) {
    const work = async (call, tearsDown) => {
      this.settle();
      if (tearsDown) await session.done();
      session.fixture(what, "start");
      try {
        const result = await call();
        return typeof result === "function" ? (...args) => work(() => result(...args), true) : result;
      } finally {
        session.fixture(what, "end");
      }
    };
    return new Proxy(hook, { apply: (target, self, args) => work(() => Reflect.apply(target, self, args), what.name === "afterAll") });
  }

  #describe(test) {
    const above = parents(test).map((suite) => ({ suite, hooks: this.suites.getHooks(suite) || {} }));
    const named = above.flatMap(({ hooks }) => (hooks.beforeEach || []).flatMap((hook) => hook[REQUIRES] || []));
    const working = above.filter(({ hooks }) => (hooks.beforeAll || []).length + (hooks.afterAll || []).length);
    const uses = [loading(test.file).id, ...working.map(({ suite }) => hooksOf(suite).id)];
    return { ...this.tests.get(test), requires: [...new Set(named)], uses };
  }

  async starts(test) {
    this.settle();
    if (test.mode !== "run" && test.mode !== "queued") return;
    this.current = test;
    this.told.add(test);
    await session.start(this.#describe(test));
  }

  async triesAgain(test) {
    await session.start({ ...this.#describe(test), again: true });
  }

  /** The test that ran has ended; one that skips itself ends without a word. */
  settle() {
    if (!session.open) return;
    const { result = {}, fails } = this.current;
    const tries = result.retryCount;
    if (result.state === "fail") session.finish({ status: "failed", message: message(result.errors && result.errors[0]) });
    else if (result.state !== "pass") session.finish({ status: "skipped", message: result.note || "" });
    else if (fails) session.finish({ status: "xfailed", message: "marked .fails" });
    else session.finish({ status: "passed", message: tries ? `passed after ${tries} failed attempt(s)` : "" });
  }

  /** The tests of which nothing was heard, and files that did not get as far as to have some. */
  end(files) {
    this.settle();
    const { testNamePattern } = this.runner.config;
    for (const owner of files) {
      walk(owner, (task) => !task.tasks && this.tests.has(task) && this.#tellUnheard(task, testNamePattern));
      const problem = owner.result && owner.result.state === "fail" && owner.result.errors && owner.result.errors[0];
      if (problem) session.tell({ id: session.unique([label(owner)]), file: file(owner.filepath), status: "error", message: message(problem) });
    }
  }

  #tellUnheard(test, pattern) {
    const what = this.tests.get(test);
    const filtered = pattern && !what.title.match(pattern);
    if (this.told.has(test) || filtered) return;
    const broken = parents(test).find((suite) => suite.result && suite.result.state === "fail" && suite.result.errors);
    if (broken) session.tell({ ...what, status: "error", message: `not run: ${message(broken.result.errors[0])}` });
    else session.tell({ ...what, status: "skipped", message: test.mode === "todo" ? "todo" : "" });
  }
}

/** Call ours after theirs, and wait for both. */
function after(runner, name, ours) {
  const theirs = runner[name];
  runner[name] = async function (...args) {
    const result = theirs && (await theirs.apply(this, args));
    await ours(...args);
    return result;
  };
}

const DISTRIBUTION = /file:\/\/\S*\/vitest\/dist\//;

/** The functions that tell about describes: of the runner's class, since version 4, or of a module of vitest's. */
async function suitesOf(runner, stack) {
  const { getSuiteHooks, getCurrentSuite, getCurrentTest } = runner.constructor;
  if (getSuiteHooks) return { getHooks: getSuiteHooks, getCurrentSuite, getCurrentTest };
  return import(`${DISTRIBUTION.exec(stack)[0]}suite.js`);
}

function follow(runner, stack) {
  let files = null;
  session.begin("vitest");
  after(runner, "onBeforeCollect", async (paths) => {
    const suites = await suitesOf(runner, stack);
    session.offer(globalThis, "vitest", (services) => requireServices(suites, services));
    session.working = paths.map(file).join(", ");
    files = new Files(suites, runner, paths);
  });
  after(runner, "onCollected", (collected) => files.collected(collected));
  after(runner, "onBeforeRunTask", (test) => files.starts(test));
  after(runner, "onBeforeTryTask", (test, tries) => tries && tries.retry > 0 && files.triesAgain(test));
  after(runner, "onAfterRunTask", () => files.settle());
  after(runner, "onAfterRunFiles", async (run) => {
    files.end(run);
    session.working = null;
    await session.done();
  });
}

function requireServices(suites, services) {
  if (suites.getCurrentTest())
    throw new Error("requireDockerServices is called at the top of a file or in a describe, not in a test");
  const mark = () => {};
  mark[REQUIRES] = services;
  suites.getCurrentSuite().on("beforeEach", mark);
}

/** A test runner is given what loads modules under one of these names, before it is given files. */
const GIVEN = ["__vitest_executor", "moduleRunner"];

function install() {
  const { defineProperty } = Object;
  const value = function (target, name, descriptor) {
    if (GIVEN.includes(name) && typeof target.importFile === "function") follow(target, new Error().stack);
    return defineProperty(target, name, descriptor);
  };
  defineProperty(Object, "defineProperty", { value, writable: true, configurable: true });
}

module.exports = { install };
