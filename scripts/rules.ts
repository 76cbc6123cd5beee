// SPDX-License-Identifier: Apache-2.0
/**
 * Proves that the load-bearing rules are tested: takes each one out of a copy of the product, runs the tests that stand
 * for it, and expects them to fail. With words as arguments only rules whose name has one of them: `scripts/rules link`.
 * Exit status 1 where a rule is missed by nobody, or where it does not stand where the table says.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rules } from "./rule-table.ts";
import type { Rule } from "./rule-table.ts";

const root = resolve(import.meta.dirname, "..");

/** The tests import the product by relative paths, so both are copied; what neither changes nor imports is linked. */
function copyOfProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-rules-"));
  for (const name of ["lib", "test", "scripts", "package.json", "tsconfig.json"]) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  for (const name of ["build", "native", "node_modules"]) symlinkSync(join(root, name), join(folder, name));
  return folder;
}

/** @returns the titles of those that failed */
async function mocha(folder: string, { tests, only }: Pick<Rule, "only" | "tests">): Promise<readonly string[]> {
  const grep = only === undefined ? [] : ["--fgrep", only];
  const args = ["--no-config", "--reporter", "tap", "--timeout", "600000", ...grep, ...tests];
  const stdout = await new Promise<string>((done) => {
    // That tests fail is what is expected of most runs.
    execFile("mocha", args, { cwd: folder, maxBuffer: 2 ** 28 }, (_error, output) => done(output));
  });
  const count = Number(/^# tests (\d+)$/m.exec(stdout)?.[1] ?? 0);
  if (count === 0 && only !== undefined) throw new Error(`no test of ${tests.join(", ")} has "${only}" in its title`);
  // A rule whose absence no longer compiles is not missed by a test.
  if (count === 0) throw new Error(`${tests.join(", ")}: the tests do not run`);
  return [...stdout.matchAll(/^not ok \d+ (.*)$/gm)].map(([, title]) => title ?? "");
}

/** Runs the rule's tests without it. @returns the titles of those that failed */
async function withoutRule(folder: string, rule: Rule): Promise<readonly string[]> {
  const path = join(folder, rule.file);
  const text = readFileSync(path, "utf8");
  if (text.split(rule.text).length !== 2) {
    throw new Error(`${rule.name}: ${rule.file} does not have exactly once:\n${rule.text}`);
  }
  writeFileSync(
    path,
    text.replace(rule.text, () => rule.instead),
  );
  try {
    return await mocha(folder, rule);
  } finally {
    writeFileSync(path, text);
  }
}

const words = process.argv.slice(2);
const chosen = rules.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (chosen.length === 0) throw new Error(`no rule's name has ${words.join(" or ")} in it`);
/** Two at a time, each in a copy of its own: a rule's tests are one process. */
const folders = [copyOfProject(), copyOfProject()];
const waiting = [...chosen];
let missed = 0;

async function takeOut(folder: string): Promise<void> {
  for (let rule = waiting.shift(); rule !== undefined; rule = waiting.shift()) {
    const failed = await withoutRule(folder, rule);
    if (failed.length === 0) missed += 1;
    console.log(`${failed.length > 0 ? "missed by" : "MISSED BY NOBODY"}: ${rule.name} (durability, ${rule.section})`);
    for (const title of failed.slice(0, 3)) console.log(`    ${title}`);
    if (failed.length > 3) console.log(`    and ${failed.length - 3} more`);
  }
}

async function runWhole(folder: string): Promise<void> {
  const failed = await mocha(folder, { tests: [...new Set(chosen.flatMap(({ tests }) => tests))] });
  if (failed.length > 0) throw new Error(`with all rules in place these tests fail:\n  ${failed.join("\n  ")}`);
}

try {
  const [first = "", second = ""] = folders;
  const ended = await Promise.allSettled([runWhole(first).then(() => takeOut(first)), takeOut(second)]);
  const broken = ended.find((each) => each.status === "rejected");
  if (broken !== undefined) throw broken.reason;
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true });
}
console.log(`${chosen.length - missed} of ${chosen.length} rules are missed by a test when they are taken out`);
process.exitCode = missed > 0 ? 1 : 0;
