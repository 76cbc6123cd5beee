// SPDX-License-Identifier: Apache-2.0
/**
 * Every test and check, one after the other: mocha, the native tests and the addon's tests under sanitizers with what
 * they cover, format, lint and types. All of them run even where one fails. What failed is told once more at the end;
 * the last line is `N passed, N failed, N skipped`, alone.
 * With words as arguments, only those steps run whose title has one of them: `scripts/test native`.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { branchCoverage, isWhole, printBranchCoverage } from "./branch-coverage.ts";
import { checks, runCheck } from "./checks.ts";
import { countingFolder, forgetCounts, isEnough, nativeCoverage, printCoverage } from "./native-coverage.ts";
import { TestFolder } from "./test-folder.ts";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const root = resolve(import.meta.dirname, "..");
const sanitizedFolder = countingFolder;
const testFolder = new TestFolder();
const none: Counts = { passed: 0, failed: 0, skipped: 0 };
/** What failed in which step: the end of a long run's output is often all that is kept of it. */
const failures: string[] = [];

function sum(all: readonly Counts[]): Counts {
  return all.reduce(
    (left, right) => ({
      passed: left.passed + right.passed,
      failed: left.failed + right.failed,
      skipped: left.skipped + right.skipped,
    }),
    none,
  );
}

interface Ran {
  readonly status: number;
  readonly output: string;
}

/** Runs a program, shows its output as it comes unless it is to be quiet, and keeps it for counting. */
async function run(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  shown: "shown" | "quiet" = "shown",
): Promise<Ran> {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", shown === "shown" ? "inherit" : "pipe"],
  });
  let output = "";
  const take = (piece: Buffer): void => {
    if (shown === "shown") process.stdout.write(piece);
    output += piece.toString();
  };
  child.stdout?.on("data", take);
  child.stderr?.on("data", take);
  const status = await new Promise<number>((done) => {
    child.once("error", () => done(127));
    child.once("close", (code) => done(code ?? 128));
  });
  return { status, output };
}

/** The last number before `word` at the beginning of a line, as mocha's spec reporter writes its totals. */
function mochaTotal(output: string, word: string): number {
  const found = [...output.matchAll(new RegExp(`^\\s+(\\d+) ${word}\\b`, "gm"))].at(-1);
  return Number(found?.[1] ?? 0);
}

async function mocha(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Counts> {
  const { status, output } = await run("mocha", ["--no-color", ...args], environment);
  const counts = {
    passed: mochaTotal(output, "passing"),
    failed: mochaTotal(output, "failing"),
    skipped: mochaTotal(output, "pending"),
  };
  const told = output.search(/^ {2}\d+ failing$/m);
  if (told !== -1) failures.push(output.slice(told));
  // Without totals it did not come to its end, whatever it says: a worker that dies between two files ends it so.
  const hasEnded = /^\s+\d+ passing\b/m.test(output);
  return notWell("mocha", hasEnded ? status : status || 1, counts);
}

/** Those that take longest, the longest first: one that began last would have half of the machine to itself. */
const longTests: readonly string[] = ["spanning", "interrupted-job", "kills", "poor-drives", "roles", "segments"];

/** mocha takes files in the order in which they are named. @returns a file with mocha's options */
function longestFirst(): string {
  const options = JSON.parse(readFileSync(join(root, ".mocharc.json"), "utf8")) as { readonly spec: readonly string[] };
  const long = longTests.map((name) => join("test", "integration", `${name}.test.ts`));
  const rest = options.spec
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((path) => !long.includes(path));
  const path = join(testFolder.path, "mocharc.json");
  writeFileSync(path, JSON.stringify({ ...options, spec: [...long, ...rest.sort()] }));
  return path;
}

/** A run that ended badly without a total, by a crash for instance, must not look like one without failures. */
function notWell(program: string, status: number, counts: Counts): Counts {
  if (status === 0 || counts.failed > 0) return counts;
  failures.push(
    `${program} ended with status ${status} and named no test that failed: it crashed, or a file has no tests`,
  );
  return { ...counts, failed: 1 };
}

/**
 * Builds the native tests and the addon with sanitizers, in one folder, so that what they share is compiled once.
 * Begun before the steps that need it, with the processors that the others leave idle.
 * @returns why it went wrong, or nothing
 */
async function buildSanitized(): Promise<string | undefined> {
  const options = [
    "-DCMAKE_BUILD_TYPE=Debug",
    "-DCMAKE_CXX_FLAGS_DEBUG=-O1 -g",
    "-DTIDEMARK_SANITIZE=ON",
    "-DTIDEMARK_COVERAGE=ON",
    "-DTIDEMARK_ADDON=ON",
    "-DTIDEMARK_PRECOMPILE=ON",
    // cmake-js would download the headers of Node.js; those of Node-API are all that the addon uses.
    `-DCMAKE_JS_INC=${join(root, "node_modules", "node-api-headers", "include")}`,
    // Where node-gyp-build looks, in the folder that TIDEMARK_PREBUILD names.
    `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${join(root, sanitizedFolder, "build", "Release")}`,
  ];
  const configured = spawnSync("cmake", ["-S", "native", "-B", sanitizedFolder, ...options], {
    cwd: root,
    encoding: "utf8",
  });
  if (configured.status !== 0) {
    return `cmake: ${configured.error?.message ?? configured.stderr}`;
  }
  const build = ["--build", sanitizedFolder, "--parallel", "2", "--", "--no-print-directory", "--silent"];
  const { status, output } = await run("nice", ["-n", "10", "cmake", ...build], {}, "quiet");
  return status === 0 ? undefined : output;
}

/** One doctest summary for each file of tests, one line for each fuzz target's inputs; ctest counts what crashed. */
async function nativeTests(): Promise<Counts> {
  const problem = await (sanitizedBuild ?? buildSanitized());
  if (problem !== undefined) return missingPeer(`${problem}\nthe native tests need cmake, g++ and doctest-dev`);
  forgetCounts();
  const { status, output } = await run("ctest", ["--test-dir", sanitizedFolder, "--verbose"]);
  const cases = [...output.matchAll(/test cases:\s+\d+ \|\s+(\d+) passed \|\s+(\d+) failed \|\s+(\d+) skipped/g)];
  const inputs = [...output.matchAll(/fuzz inputs: (\d+) of \w+ replayed/g)];
  const counts = sum([
    ...cases.map((found) => ({ passed: Number(found[1]), failed: Number(found[2]), skipped: 0 })),
    ...inputs.map((found) => ({ ...none, passed: Number(found[1]) })),
  ]);
  const told = [
    ...output.matchAll(/^.*(?:ERROR:|ERROR: AddressSanitizer|runtime error:|\*\*\*Failed|\(Failed\)).*$/gm),
  ];
  if (told.length > 0) failures.push(told.map(([line]) => line).join("\n"));
  return notWell("ctest", status, counts);
}

/** The tests that load the addon, once more, with the one that was built with sanitizers. */
async function addonUnderSanitizers(): Promise<Counts> {
  if (!existsSync(join(root, sanitizedFolder, "build", "Release", "tidemark.node"))) {
    return missingPeer("the addon was not built with sanitizers");
  }
  const runtime = spawnSync("g++", ["-print-file-name=libasan.so"], { encoding: "utf8" }).stdout.trim();
  return mocha(
    [
      "--no-config",
      "--require=test/rejections.ts",
      "--parallel",
      "--jobs=2",
      "--timeout=300000",
      "--slow=20000",
      ...addonTests(),
    ],
    {
      LD_PRELOAD: runtime,
      // Node.js itself never frees some of its memory; a test loads a second copy of the addon.
      ASAN_OPTIONS: "detect_leaks=0:detect_odr_violation=0",
      UBSAN_OPTIONS: "print_stacktrace=1",
      TIDEMARK_PREBUILD: join(root, sanitizedFolder),
      // They have run in memory, and now meet the file system of a disk.
      TMPDIR: testFolder.environment["TIDEMARK_DISK_FOLDER"],
    },
  );
}

/** They use a lock or a digest of the addon, and test what lies above it. */
const aboveAddon: readonly string[] = ["broken-promises", "drive-queue", "robot", "roles", "transport-faults"];

/** Those that call the addon themselves; what lies above it is slow under sanitizers, and shows them nothing new. */
function addonTests(): string[] {
  return readdirSync(join(root, "test", "integration"))
    .filter((name) => name.endsWith(".test.ts") && !aboveAddon.some((word) => name.startsWith(word)))
    .map((name) => join("test", "integration", name))
    .filter((path) => readFileSync(join(root, path), "utf8").includes("lib/native/binding.ts"));
}

/** One suite over every transport; it counts by itself, and ends with the numbers. */
async function conformance(): Promise<Counts> {
  const { status, output } = await run("node", ["scripts/conformance.ts"]);
  const found = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(output);
  const counts = { passed: Number(found?.[1] ?? 0), failed: Number(found?.[2] ?? 0), skipped: Number(found?.[3] ?? 0) };
  if (counts.failed > 0) failures.push([...output.matchAll(/^.*FAILED.*$/gm)].map(([line]) => line).join("\n"));
  return notWell("conformance", found === null ? status || 1 : status, counts);
}

/** A sample of the crash matrix, so many of each kind, and 100 of them twice; `TIDEMARK_SIMULATION` asks for more. */
async function simulatedFaults(): Promise<Counts> {
  const size = process.env["TIDEMARK_SIMULATION"] ?? "1000";
  const args = ["--single", size, "--double", size, "--random", size, "--repeat", "100", "--restore", "100"];
  const { status, output } = await run("node", ["scripts/crash-matrix.ts", ...args]);
  const [, runs = 0, failed = 0] = /^all\s+([\d,]+)\s+([\d,]+)$/m.exec(output)?.map(numberOf) ?? [];
  if (failed > 0) failures.push([...output.matchAll(/^(?:VIOLATION|TO KEEP) .*$/gm)].map(([line]) => line).join("\n"));
  return notWell("crash-matrix", runs === 0 ? status || 1 : status, { passed: runs - failed, failed, skipped: 0 });
}

function numberOf(text: string): number {
  return Number(text.replaceAll(",", ""));
}

async function rulesTakenOut(): Promise<Counts> {
  const { status, output } = await run("node", ["scripts/rules.ts"]);
  const [, missed = 0, all = 0] = /^(\d+) of (\d+) rules/m.exec(output)?.map(Number) ?? [];
  if (all > missed) failures.push([...output.matchAll(/^MISSED BY NOBODY.*$/gm)].map(([line]) => line).join("\n"));
  return notWell("rules", all === 0 ? status || 1 : status, { passed: missed, failed: all - missed, skipped: 0 });
}

/** Of what the two steps before it ran; one result for each folder that has to reach a percentage. */
function coverageOfCpp(): Counts {
  const all = nativeCoverage();
  if (all === undefined) return missingPeer("no native test has run, so there is nothing to count");
  printCoverage(all);
  const judged = all.filter(({ leastPercent }) => leastPercent !== undefined);
  const passed = judged.filter(isEnough).length;
  return { ...none, passed, failed: judged.length - passed };
}

/** Prints and asserts nothing: it fails where it does not come to its end. */
async function shortBenchmark(): Promise<Counts> {
  const { status } = await run("node", ["scripts/bench.ts", "--short"]);
  return notWell("the benchmark", status, { ...none, passed: status === 0 ? 1 : 0 });
}

/** Its tests have been counted already: one result for each file whose branches all have to be taken. */
function branchesOfTypeScript(): Counts {
  const all = branchCoverage();
  if (typeof all === "string") {
    console.log(all);
    failures.push(all);
    return { ...none, failed: 1 };
  }
  printBranchCoverage(all);
  const missed = all.filter((each) => !isWhole(each));
  if (missed.length > 0) failures.push(`branches not taken: ${missed.map(({ file }) => file).join(", ")}`);
  return { ...none, passed: all.length - missed.length, failed: missed.length };
}

function missingPeer(reason: string): Counts {
  console.log(reason);
  if (process.env["CI"] === "true") failures.push(reason);
  return process.env["CI"] === "true" ? { ...none, failed: 1 } : { ...none, skipped: 1 };
}

function staticChecks(): Counts {
  return sum(
    checks()
      .map(runCheck)
      .map((outcome) => ({ ...none, [outcome]: 1 })),
  );
}

const steps: readonly (readonly [title: string, step: () => Counts | Promise<Counts>])[] = [
  ["format, lint, types", staticChecks],
  // Two files at a time: most of them wait for processes of their own.
  ["TypeScript tests", () => mocha(["--parallel", "--jobs=2", `--config=${longestFirst()}`])],
  ["branches of the TypeScript sources", branchesOfTypeScript],
  ["conformance over every transport", conformance],
  ["simulated faults at every boundary, a sample", simulatedFaults],
  ["load-bearing rules, each taken out", rulesTakenOut],
  ["native tests, with sanitizers", nativeTests],
  ["the addon's tests, with sanitizers", addonUnderSanitizers],
  ["coverage of the C++ sources", coverageOfCpp],
  ["benchmark, the short form", shortBenchmark],
];

const words = process.argv.slice(2);
const chosen = steps.filter(([title]) => words.length === 0 || words.some((word) => title.includes(word)));
const sanitizedBuild = chosen.some(([, step]) => step === nativeTests) ? buildSanitized() : undefined;
process.once("exit", () => testFolder.remove());
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
Object.assign(process.env, testFolder.environment);
const results: Counts[] = [];
for (const [title, step] of chosen) {
  const startedMs = Date.now();
  console.log(`\n== ${title}`);
  const counts = await step();
  results.push(counts);
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(0);
  console.log(`== ${title}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped, ${seconds} s`);
}
const { passed, failed, skipped } = sum(results);
for (const told of failures) console.log(`\n== failed:\n${told.trimEnd()}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
