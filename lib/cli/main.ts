#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
/*
 * The command's entry. It checks the version of Node.js before anything else is loaded, so that an old one
 * gives a sentence and not a syntax error or a crash: hence the old-fashioned language and the late import.
 */
const needed = { major: 22, minor: 18 };
const present = process.versions.node.split(".").map(Number);
const major = present[0] || 0;
const minor = present[1] || 0;
const isTooOld = major < needed.major || (major === needed.major && minor < needed.minor);

if (isTooOld) {
  process.stderr.write(
    "tidemark: this is Node.js " +
      process.versions.node +
      ", but Tidemark needs " +
      needed.major +
      "." +
      needed.minor +
      " or newer; get one from https://nodejs.org/\n",
  );
  process.exitCode = 1;
} else {
  import("./run.ts").catch(function (error: unknown) {
    process.stderr.write("tidemark: cannot start: " + (error instanceof Error ? error.message : String(error)) + "\n");
    process.exitCode = 1;
  });
}
