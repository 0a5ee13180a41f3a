"use strict";
/*
 * vitest 1 to 4, in forks and threads. Its workers are made of ECMAScript modules, of which one hands the files of
 * tests to another, `@vitest/runner`; a hook of the module loader puts ours in between. vitest awaits what its test
 * runner does before and after each test.
 */

const Module = require("module");
const { pathToFileURL } = require("url");
const session = require("./session.cjs");
const { file, message } = require("./text.cjs");
const { instead } = require("./vitest-resolve.cjs");

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

/** The files of one call to startTests(). */
class Files {
  constructor(real, runner, specs) {
    this.real = real;
    this.runner = runner;
    this.located = specs.some((spec) => spec.testLocations && spec.testLocations.length);
    this.tests = new Map(); // what each test is told as
    this.told = new Set();
    this.current = null;
    this.loading = specs.map((spec) => loading({ filepath: spec.filepath || spec, projectName: runner.config.name }));
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
    const hooks = this.real.getHooks(suite) || {}; // none where the file could not be loaded
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
    const above = parents(test).map((suite) => ({ suite, hooks: this.real.getHooks(suite) || {} }));
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
    const filtered = (pattern && !what.title.match(pattern)) || this.located;
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

const followed = new WeakSet();
let files = null; // those that are being run

function follow(runner) {
  if (followed.has(runner)) return;
  followed.add(runner);
  after(runner, "onCollected", (collected) => files.collected(collected));
  after(runner, "onBeforeRunTask", (test) => files.starts(test));
  after(runner, "onBeforeTryTask", (test, tries) => tries && tries.retry > 0 && files.triesAgain(test));
  after(runner, "onAfterRunTask", () => files.settle());
}

/** @return startTests() of `@vitest/runner`, and us in front of it */
function wrap(real) {
  return async function (specs, runner) {
    session.begin("vitest");
    session.working = specs.map((spec) => file(spec.filepath || spec)).join(", ");
    follow(runner);
    files = new Files(real, runner, specs);
    session.offer(globalThis, "vitest", (services) => requireServices(real, services));
    try {
      const run = await real.startTests(specs, runner);
      files.end(run);
      return run;
    } finally {
      files.loaded();
      session.working = null;
      await session.done();
    }
  };
}

function requireServices(real, services) {
  if (real.getCurrentTest && real.getCurrentTest())
    throw new Error("requireDockerServices is called at the top of a file or in a describe, not in a test");
  const mark = () => {};
  mark[REQUIRES] = services;
  real.getCurrentSuite().on("beforeEach", mark);
}

function resolve(specifier, context, next) {
  const found = next(specifier, context);
  return { ...found, url: instead(specifier, found.url) };
}

/** Newer versions of Node have hooks that run in place. */
function install() {
  if (Module.registerHooks) Module.registerHooks({ resolve });
  else Module.register("./vitest-hooks.mjs", pathToFileURL(__filename));
}

module.exports = { install, wrap };
