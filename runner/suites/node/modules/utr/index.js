"use strict";
/*
 * What a suite calls to say which real services its tests need.
 *
 *     const { requireDockerServices } = require("utr");
 *     describe("orders", () => {
 *       requireDockerServices("postgres-test", "redis-test");
 *       test("survive a restart", ...);
 *
 * At the top of a file or in a describe, with the names of services, or without any: then the tests owe proof from
 * every service of their category. Where no runner watches, the file fails to load; tests are never skipped.
 */

const HOW_TO_RUN =
  "these tests need real services and the runner that watches them: " +
  "run them with `unified_test_runner --real-services --category NAME`";

exports.requireDockerServices = function requireDockerServices(...services) {
  for (const service of services) {
    if (typeof service !== "string" || !service)
      throw new TypeError(`requireDockerServices takes the names of services, not ${String(service)}`);
  }
  const runner = globalThis[Symbol.for("utr.requireDockerServices")];
  if (!runner) throw new Error(HOW_TO_RUN);
  runner(services);
};
