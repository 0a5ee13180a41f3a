"use strict";
/*
 * What NODE_OPTIONS loads into every node process of a suite, and into every thread of one. It waits until a test
 * runner comes along (mocha, jest, vitest, node:test), and lets that one's adapter in. Everything else that a suite
 * runs in node (npm, npx, servers) it leaves alone.
 */

const fs = require("fs");
const Module = require("module");
const path = require("path");
const { isMainThread } = require("worker_threads");

/** Files of runners, and the adapter that is given their exports as soon as they are loaded. */
const RUNNERS = [
  { file: /[\\/]mocha[\\/]lib[\\/]runner\.js$/, adapter: "./mocha.cjs" },
  { file: /[\\/]mocha[\\/]lib[\\/]mocha\.js$/, adapter: "./mocha.cjs" },
  { file: /[\\/]jest-circus[\\/](build[\\/])?runner\.js$/, adapter: "./jest.cjs" },
];

/** Watch CommonJS modules being loaded: mocha and jest are made of them. */
function watchModules() {
  const load = Module._extensions[".js"];
  Module._extensions[".js"] = function (module, filename) {
    const loaded = load.apply(this, arguments);
    for (const runner of RUNNERS) {
      if (runner.file.test(filename)) require(runner.adapter).install(module, filename);
    }
    return loaded;
  };
}

const script = realScript();

function realScript() {
  try {
    return fs.realpathSync(process.argv[1]);
  } catch {
    return "";
  }
}

/** Whether vitest runs tests in this process or thread. */
function isVitestWorker() {
  if (process.env.VITEST !== "true" && !process.env.VITEST_WORKER_ID) return false;
  return !isMainThread || /[\\/](tinypool|vitest)[\\/]dist[\\/]/.test(script);
}

/** Whether tests of node:test would run in this process: not in the one that is `node --test` itself. */
function runsNodeTests() {
  const option = (name) => process.execArgv.find((one) => one.startsWith(name));
  const isolation = option("--test-isolation") || option("--experimental-test-isolation") || "";
  return isMainThread && (!process.execArgv.includes("--test") || isolation.endsWith("none"));
}

/** `workers:` of the manifest, as options of the runners that share out files. */
function setWorkers() {
  const count = Number(process.env.UTR_WORKERS) || 1;
  if (count < 2 || !isMainThread) return;
  const says = (names) => process.argv.some((one) => names.includes(one.split("=")[0]));
  if (/[\\/]jest(-cli)?[\\/]bin[\\/]jest\.js$/.test(script) && !says(["--maxWorkers", "-w", "--runInBand", "-i"])) {
    process.argv.splice(2, 0, `--maxWorkers=${count}`);
  } else if (/[\\/]mocha[\\/]bin[\\/]_?mocha(\.js)?$/.test(script) && !says(["--parallel", "-p", "--no-parallel", "--jobs", "-j"])) {
    process.argv.splice(2, 0, "--parallel", "--jobs", String(count));
  } else if (path.basename(script) === "vitest.mjs") {
    for (const name of ["WORKERS", "FORKS", "THREADS"]) process.env[`VITEST_MAX_${name}`] ??= String(count);
  }
}

if (process.env.UTR_EVENTS) {
  watchModules();
  setWorkers();
  if (isVitestWorker()) require("./vitest.cjs").install();
  else if (runsNodeTests()) require("./nodetest.cjs").install();
  if (/[\\/]mocha[\\/]lib[\\/]nodejs[\\/]worker\.js$/.test(script)) require("./mocha.cjs").installWorker();
}
