// SPDX-License-Identifier: Apache-2.0
/** Format, lint and types, then the tidy test. Ends with 1 where anything is wrong. */
import { checks, runCheck } from "./checks.ts";
import type { Check } from "./checks.ts";

const tidy: Check = {
  name: "tidiness (mocha)",
  command: ["mocha", "--no-config", "test/unit/tidy.test.ts", "test/unit/docs.test.ts"],
};
const outcomes = [...checks(), tidy].map(runCheck);
process.exitCode = outcomes.includes("failed") ? 1 : 0;
