// SPDX-License-Identifier: Apache-2.0
/** The checks that look at the project without running it; `scripts/check` runs them, and `scripts/test` counts them. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

export interface Check {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
}

export type CheckOutcome = "passed" | "failed" | "skipped";

function cppFiles(): string[] {
  return readdirSync("native", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(cpp|h)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

export function checks(): readonly Check[] {
  return [
    { name: "format (prettier)", command: ["prettier", "--check", "--log-level=warn", "."] },
    { name: "format (clang-format)", command: ["clang-format", "--dry-run", "--Werror", ...cppFiles()] },
    { name: "lint (oxlint)", command: ["oxlint", "--deny-warnings"] },
    { name: "types (tsc)", command: ["tsc", "-p", "tsconfig.json"] },
  ];
}

/** Runs one check; what it prints is shown only where it fails. A missing tool fails only where `CI` is true. */
export function runCheck({ name, command }: Check): CheckOutcome {
  const [program, ...args] = command;
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (error !== undefined && process.env["CI"] !== "true") {
    console.log(`skipped  ${name}: ${program} is not installed`);
    return "skipped";
  }
  const outcome = status === 0 ? "passed" : "failed";
  console.log(`${outcome}   ${name}`);
  if (outcome === "failed") console.log(error === undefined ? `${stdout}${stderr}` : error.message);
  return outcome;
}
