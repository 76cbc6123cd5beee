// SPDX-License-Identifier: Apache-2.0
/** What the crash matrix finds is told, also where it is found in passing, in parts, or in a run that is cut off. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { MatrixReport } from "../../scripts/crash-matrix-report.ts";
import { repeated } from "../../scripts/crash-matrix-run.ts";
import { until } from "../peers/until.ts";
import { CourseRun } from "./course.ts";
import { parseFault } from "./fault-text.ts";
import { Simulator } from "./simulator.ts";
import type { Outcome } from "./simulator.ts";

const outcome: Outcome = { text: "x", kind: "k", violations: [], bytesWrittenAgain: 0, processes: 1, hash: "a" };
const script = resolve(import.meta.dirname, "../../scripts/crash-matrix.ts");

/** @param stop - what it gets once its file is there */
async function crashMatrix(args: readonly string[], stop?: NodeJS.Signals): Promise<readonly [number, string, string]> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]);
  if (stop !== undefined) {
    const path = args.at(-1) ?? "";
    await until(path, 30_000, () => Promise.resolve(existsSync(path) || undefined));
    child.kill(stop);
  }
  const [, out, error] = await ended;
  return [child.exitCode ?? NaN, out, error];
}

describe("the crash matrix", function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-matrix-"));
  });
  after(() => rmSync(folder, { recursive: true }));
  const foundIn = (path: string): ReturnType<MatrixReport["toJSON"]> =>
    JSON.parse(readFileSync(path, "utf8")) as ReturnType<MatrixReport["toJSON"]>;

  it("adds up what several runs have written, as if it had been one", async () => {
    const paths = ["first", "second", "sum"].map((name) => join(folder, name));
    const parts = paths.slice(0, 2).map((path) => new MatrixReport(path));
    const whole = new MatrixReport();
    for (const [index, bytesWrittenAgain] of [9, 100_000, 7, 3, 9, 16_384, 8].entries()) {
      for (const report of [whole, parts[index % 2]]) report?.add({ ...outcome, bytesWrittenAgain });
    }
    for (const report of parts) report.isWhole = true;
    for (const report of parts) report.save();
    const [code, out] = await crashMatrix(["--sum", ...paths.slice(0, 2), "--json", ...paths.slice(2)]);
    expect(code).to.equal(0);
    expect(out)
      .to.match(/^k +7 +0 +9 +100,000$/m)
      .and.match(/^all +7 +0$/m);
    expect(foundIn(paths[2] ?? "")).to.deep.include({ isWhole: true, runs: 7, kinds: whole.toJSON().kinds });
  });

  it("adds up violations and seconds too, and says whose run was cut off", async () => {
    const [path, old] = [join(folder, "cut-off"), join(folder, "old")];
    const failures = [{ ...outcome, violations: ["a byte is lost"], named: "small:1:" }];
    const kinds = [{ kind: "k", runs: 40, violations: 1, bytesWrittenAgain: { "0": 40 } }];
    writeFileSync(path, JSON.stringify({ isWhole: false, runs: 40, violations: 1, seconds: 1800, kinds, failures }));
    const [code, out] = await crashMatrix(["--sum", path, path]);
    expect(code).to.equal(1);
    expect(out).to.contain("VIOLATION scripts/simulate --case 'x'\n    a byte is lost\nTO KEEP");
    expect(out)
      .to.match(/^all +80 +2\n3600 s;/m)
      .and.contain(`cut off: ${path}, ${path}`);
    writeFileSync(old, JSON.stringify({ runs: 1, violations: 0, seconds: 1, kinds, failures: [] }));
    expect(await crashMatrix(["--sum", old])).to.deep.equal([
      1,
      "",
      `crash-matrix failed: ${old} was not written by --json of this version\n`,
    ]);
  });

  it("writes its file while it runs", () => {
    const path = join(folder, "running");
    const report = new MatrixReport(path);
    for (let run = 0; run < 999; run++) report.add(outcome);
    expect(foundIn(path)).to.include({ isWhole: false, runs: 500 });
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`keeps what it has found where ${signal} cuts it off, and says how far it came`, async () => {
      const path = join(folder, signal);
      const [code, out, error] = await crashMatrix(["--random", "100", "--jobs", "1", "--json", path], signal);
      expect(code).to.equal(128 + constants.signals[signal]);
      expect(out).to.match(/^all +\d+ +0$/m);
      expect(error).to.match(new RegExp(`^crash-matrix was cut off (before|behind) .*: ${signal}$`, "m"));
      expect(foundIn(path)).to.include({ isWhole: false });
    });
  }

  it("has a violation where a course's repetition has another trace hash", () => {
    expect(repeated(outcome, "a").violations).to.deep.equal([]);
    expect(repeated(outcome, "b").violations).to.have.length(1);
    expect(repeated(outcome, undefined).violations).to.have.length(1);
  });

  for (const number of [1, 2]) {
    it(`tells what goes wrong in process ${number} of a course that is to have a second fault`, async () => {
      const { attempt } = CourseRun.prototype;
      const small = new Simulator("small");
      await small.usual();
      const outcomes: Outcome[] = [];
      let attempts = 0;
      try {
        CourseRun.prototype.attempt = async function (faults) {
          if (++attempts === number) this.violations.push("wrong");
          return attempt.call(this, faults);
        };
        for await (const each of small.doubles(1, parseFault("c100.kill"), 4)) outcomes.push(each);
        attempts = 0;
        const state = await small.stateAfter(1, parseFault("c100.kill"));
        expect(state).to.not.equal(undefined);
      } finally {
        CourseRun.prototype.attempt = attempt;
        small.close();
      }
      expect(outcomes.map((each) => [each.text, each.violations[0]])).to.deep.equal([["small:1:c100.kill", "wrong"]]);
    });
  }
});
