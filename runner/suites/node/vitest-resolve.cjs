"use strict";
/* What vitest's own imports become in its workers. Pure. */

const { pathToFileURL } = require("url");

const ADAPTER = new URL("./vitest.cjs", pathToFileURL(__filename)).href;
const MARK = "data:text/javascript,";

/** A module that is `real` in everything but the function that runs the tests of files. */
function inPlaceOf(real) {
  const source = `export * from ${JSON.stringify(real)};
    import * as real from ${JSON.stringify(real)};
    import adapter from ${JSON.stringify(ADAPTER)};
    export const startTests = adapter.wrap(real);`;
  return MARK + encodeURIComponent(source);
}

/** @return the URL in place of the one that was found. The hooks may stand in a row: once is enough. */
function instead(specifier, found) {
  return specifier === "@vitest/runner" && !found.startsWith(MARK) ? inPlaceOf(found) : found;
}

module.exports = { instead };
