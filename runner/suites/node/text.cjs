"use strict";
/* Names, places and messages as the runner takes them: UTF-8, bounded, relative to the suite's directory. */

const crypto = require("crypto");
const path = require("path");
const { fileURLToPath } = require("url");

const MOST_TEXT = 6000;
const home = process.env.UTR_DIRECTORY || process.cwd();

/** A string that JSON and UTF-8 can carry, not too long. */
function text(value, most = MOST_TEXT) {
  const plain = String(value).replace(/\0/g, "\\0").replace(/\x1b\[[0-9;]*m/g, "");
  return plain.length <= most ? plain : `${plain.slice(0, most)}...`;
}

/** A test's name; long ones stay distinct when they are cut. */
function name(parts) {
  const whole = text(parts.join(" > "), Infinity);
  if (Buffer.byteLength(whole) <= MOST_TEXT) return whole;
  const digest = crypto.createHash("sha256").update(whole).digest("hex").slice(0, 16);
  return `${Buffer.from(whole).subarray(0, MOST_TEXT - 32).toString()}...${digest}`;
}

/** A file as it is shown: relative to the suite's directory. */
function file(where) {
  if (!where) return "";
  const plain = String(where).startsWith("file://") ? fileURLToPath(String(where)) : String(where);
  return text(path.relative(home, path.resolve(plain)));
}

/** The line of `where` in a stack, 0 where it is not in there. */
function lineIn(stack, where) {
  const at = where ? String(stack || "").indexOf(`${where}:`) : -1;
  return at < 0 ? 0 : parseInt(String(stack).slice(at + where.length + 1), 10) || 0;
}

/** What an error says, in a line or two. */
function message(error) {
  if (Array.isArray(error)) return message(error[0] || error[1]);
  const said = error && typeof error === "object" ? error.message || error.stack || error.name : error;
  return text(said === undefined ? "failed without a message" : said);
}

/** A glob (*, ?, [abc], [!abc]) as a regular expression over the whole of a text. */
function glob(pattern) {
  const source = pattern.replace(/\[(!?)([^\]]+)\]|[\s\S]/g, (piece, not, set) => {
    if (set !== undefined) return `[${not ? "^" : ""}${set.replace(/[\\^]/g, "\\$&")}]`;
    if (piece === "*") return "[\\s\\S]*";
    return piece === "?" ? "[\\s\\S]" : piece.replace(/[\\^$.|+(){}[\]/]/g, "\\$&");
  });
  return new RegExp(`^${source}$`, "u");
}

module.exports = { file, glob, lineIn, message, name, text };
