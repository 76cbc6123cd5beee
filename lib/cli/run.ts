// SPDX-License-Identifier: Apache-2.0
/** The command line in a real process; `main.ts` has made sure that this Node.js can run it. */
import { runCommandLine } from "./program.ts";
import { processTerminal } from "./terminal.ts";

// Set, not called: what is still to be printed is printed before the process ends by itself.
process.exitCode = await runCommandLine(
  process.argv.slice(2),
  processTerminal(),
  () => import("../service/service.ts"),
);
