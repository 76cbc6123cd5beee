// SPDX-License-Identifier: Apache-2.0
/**
 * Format, lint and types, then the tidy test. Ends with 1 where anything is wrong.
 * `--fuzz [SECONDS]` fuzzes the parsers in place of that, each for so long: see fuzz.ts.
 */
import { checks, runCheck } from "./checks.ts";
import type { Check } from "./checks.ts";
import { fuzz } from "./fuzz.ts";

const defaultFuzzSeconds = 60;
const tidy: Check = {
  name: "tidiness (mocha)",
  command: ["mocha", "--no-config", "test/unit/tidy.test.ts", "test/unit/docs.test.ts"],
};

async function isClean([option, argument]: readonly string[]): Promise<boolean> {
  if (option === undefined) return ![...checks(), tidy].map(runCheck).includes("failed");
  const seconds = Number(argument ?? defaultFuzzSeconds);
  if (option === "--fuzz" && Number.isInteger(seconds) && seconds > 0) return fuzz(seconds);
  console.log("usage: scripts/check [--fuzz [SECONDS]]");
  return false;
}

process.exitCode = (await isClean(process.argv.slice(2))) ? 0 : 1;
