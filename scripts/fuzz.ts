// SPDX-License-Identifier: Apache-2.0
/**
 * Fuzzing of every parser that reads what a device or a tape says, for `scripts/check --fuzz [SECONDS]`: each target of
 * native/test/fuzz runs that long under libFuzzer and the sanitizers. It begins with the inputs that are checked in and
 * with those that earlier runs on this computer found.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const fuzzFolder = join("native", "test", "fuzz");
const buildFolder = join("build-cmake", "fuzz");
const findingsFolder = join(buildFolder, "findings");
/** A parser that needs longer for one input of a few kilobytes hangs. */
const longestInputSeconds = 10;

interface FuzzOutcome {
  readonly target: string;
  readonly executions: string;
  readonly features: string;
  readonly newInputs: string;
  /** Inputs that crashed the target, hung it or used up the memory. */
  readonly findings: readonly string[];
  /** Everything that the target said, where it ended badly. */
  readonly complaint: string | undefined;
}

/** Runs every target for `seconds` and prints a table. Says whether nothing was found. */
export async function fuzz(seconds: number): Promise<boolean> {
  if (!build()) return false;
  mkdirSync(join(root, findingsFolder), { recursive: true });
  const waiting = targets();
  const outcomes: FuzzOutcome[] = [];
  const work = async (): Promise<void> => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      outcomes.push(await runTarget(target, seconds));
    }
  };
  console.log(`${waiting.length} fuzz targets, ${seconds} s each`);
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  outcomes.sort((a, b) => (a.target < b.target ? -1 : 1));
  report(outcomes);
  return outcomes.length > 0 && outcomes.every(({ complaint }) => complaint === undefined);
}

/** `pax_reader` for pax_reader_fuzz.cpp. */
function targets(): string[] {
  return readdirSync(join(root, fuzzFolder))
    .filter((name) => name.endsWith("_fuzz.cpp"))
    .map((name) => basename(name, "_fuzz.cpp"))
    .sort();
}

function build(): boolean {
  const settings = ["-DTIDEMARK_FUZZ=ON", "-DTIDEMARK_TESTS=OFF", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"];
  const steps = [
    ["-S", "native", "-B", buildFolder, "-DCMAKE_CXX_COMPILER=clang++", ...settings],
    ["--build", buildFolder, "--parallel", String(availableParallelism())],
  ];
  for (const step of steps) {
    const { status, error, stdout, stderr } = spawnSync("cmake", step, { cwd: root, encoding: "utf8" });
    if (status === 0) continue;
    console.log(error === undefined ? `${stdout}${stderr}` : `cmake: ${error.message}`);
    console.log("the fuzz targets could not be built; they need cmake, clang and libclang-rt-dev");
    return false;
  }
  return true;
}

async function runTarget(target: string, seconds: number): Promise<FuzzOutcome> {
  const seeds = join(fuzzFolder, "corpus", target);
  const grown = join(buildFolder, "corpus", target);
  mkdirSync(join(root, grown), { recursive: true });
  const before = findingsOf(target);
  const limits = [`-max_total_time=${seconds}`, `-timeout=${longestInputSeconds}`];
  const reporting = ["-print_final_stats=1", `-artifact_prefix=${findingsFolder}/${target}-`];
  // New inputs go to the first folder.
  const child = spawn(join(buildFolder, `${target}_fuzz`), [...limits, ...reporting, grown, seeds], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (piece: string) => (output += piece));
  const status = await new Promise<number | null>((done) => {
    child.once("error", (error) => {
      output += error.message;
      done(null);
    });
    child.once("close", done);
  });
  return {
    target,
    executions: last(output, /number_of_executed_units:\s+(\d+)/g),
    features: last(output, /\bft: (\d+)/g),
    newInputs: last(output, /new_units_added:\s+(\d+)/g),
    findings: findingsOf(target).filter((path) => !before.includes(path)),
    complaint: status === 0 ? undefined : output,
  };
}

function findingsOf(target: string): string[] {
  return readdirSync(join(root, findingsFolder))
    .filter((name) => name.startsWith(`${target}-`))
    .map((name) => join(findingsFolder, name));
}

function last(output: string, pattern: RegExp): string {
  return [...output.matchAll(pattern)].at(-1)?.[1] ?? "-";
}

function report(outcomes: readonly FuzzOutcome[]): void {
  const rows = [
    ["target", "executions", "features", "new inputs", "findings"],
    ...outcomes.map((each) => [
      each.target,
      each.executions,
      each.features,
      each.newInputs,
      String(each.findings.length),
    ]),
  ];
  for (const [name = "", ...cells] of rows) {
    console.log(`${name.padEnd(24)}${cells.map((cell) => cell.padStart(14)).join("")}`);
  }
  for (const { target, findings, complaint } of outcomes) {
    if (complaint === undefined) continue;
    console.log(`\n${target} failed:\n${complaint}`);
    for (const path of findings) console.log(`to replay it: ${buildFolder}/${target}_fuzz ${path}`);
    console.log(`once it is mended, keep the input in ${fuzzFolder}/corpus/${target}`);
  }
}
