// SPDX-License-Identifier: Apache-2.0
/** Runs courses of one job, one after the other, in one folder. */
import { badSpots, boundaries, restoreBoundaries } from "./boundaries.ts";
import { caseText } from "./case.ts";
import type { SimulationCase } from "./case.ts";
import { Chance } from "./chance.ts";
import { CourseRun, runCase } from "./course.ts";
import type { Course, Proofs } from "./course.ts";
import { faultKind } from "./fault-kind.ts";
import { faultText } from "./fault-text.ts";
import type { Fault } from "./fault.ts";
import { SimulatedInstallation } from "./installation.ts";
import { KnownEnds } from "./known-ends.ts";
import { jobPlan, sourceVolumes } from "./job-plan.ts";
import { namedCaseText, runNamedCase } from "./named-case.ts";
import type { ProcessTrace } from "./process.ts";
import { randomCase } from "./random-case.ts";

export interface Outcome {
  readonly text: string;
  /** The same with its places by name, for `seeds.json`, where something was violated. */
  readonly named?: string;
  /** Of its last fault. */
  readonly kind: string;
  readonly violations: readonly string[];
  readonly bytesWrittenAgain: number;
  readonly processes: number;
  readonly hash: string;
}

export class Simulator {
  readonly job: string;
  readonly #sources: readonly string[];
  readonly #installation: SimulatedInstallation;
  readonly #ends = new KnownEnds();
  #usual: Course | undefined;
  #runs = 0;

  constructor(job: string) {
    const plan = jobPlan(job);
    this.job = job;
    this.#sources = sourceVolumes(plan);
    this.#installation = new SimulatedInstallation(plan);
  }

  /** The course that meets no fault. */
  async usual(): Promise<Course> {
    if (this.#usual !== undefined) return this.#usual;
    const course = await this.course({ job: this.job, seed: 1, faults: [] });
    if (course.violations.length > 0) throw new Error(`without any fault: ${course.violations.join("; ")}`);
    this.#usual = course;
    return course;
  }

  course(simulated: SimulationCase, proofs: Proofs = "all"): Promise<Course> {
    return runCase(this.#installation, this.#sources, simulated, proofs);
  }

  /**
   * Every tenth job is also restored by GNU tar.
   * @param isWhole To its own end, for its trace hash, also where another one has come to that end before.
   */
  async run(simulated: SimulationCase, isWhole = false): Promise<Outcome> {
    const proofs = this.#runs++ % 10 === 0 ? "all" : "restore";
    const ends = isWhole ? undefined : this.#ends;
    return this.#outcome(simulated, await runCase(this.#installation, this.#sources, simulated, proofs, ends));
  }

  /** One of those that once failed. */
  named(text: string): Promise<Course> {
    return runNamedCase(this.#installation, this.#sources, text);
  }

  /** For its trace hash: how a course is proved is no part of it. */
  async repeat(simulated: SimulationCase): Promise<Outcome> {
    return this.#outcome(simulated, await this.course(simulated, "checks"));
  }

  /** Every fault that the first process may meet. */
  async singles(): Promise<readonly Fault[]> {
    return boundaries(await this.#usualTrace());
  }

  /** Three to eight faults by chance. */
  async random(seed: number): Promise<SimulationCase> {
    return randomCase(this.job, seed, await this.#usualTrace());
  }

  /** Every fault that the restore of the usual job may meet, and every place on its tapes where nothing can be read. */
  async restoreSingles(): Promise<readonly Fault[]> {
    const { attempts, restoring } = await this.usual();
    const [last] = restoring;
    if (last === undefined) throw new Error("a course without a restore");
    return [...restoreBoundaries(last), ...badSpots(attempts.flatMap(({ trace }) => trace.commands))];
  }

  /** What a first fault leaves, as a number of its own for each that the next process could tell from the others. */
  async stateAfter(seed: number, first: Fault): Promise<string | undefined> {
    await this.#installation.reset();
    const run = this.#newRun(seed, "checks");
    await run.attempt([first]);
    if (run.isComplete) return undefined;
    // What goes wrong at once is like nothing else.
    return run.violations.length > 0 ? faultText(first) : this.#installation.stateHash();
  }

  /** All second faults, or some, in the process that goes on after the first one: where that goes wrong alone, only it. */
  async *doubles(seed: number, first: Fault, count: number): AsyncGenerator<Outcome> {
    await this.#installation.reset();
    // All of them are checked from the media; what a tenth of the first faults leads to is restored too.
    const run = this.#newRun(seed, this.#runs++ % 10 === 0 ? "restore" : "checks");
    await run.attempt([first]);
    if (run.isComplete) return;
    const snapshot = this.#installation.keep();
    const resume = run.copy();
    const { trace } = await resume.attempt([]);
    const wrong = [run, resume].find(({ violations }) => violations.length > 0);
    if (wrong !== undefined) {
      yield this.#outcome({ job: this.job, seed, faults: [[first]] }, await wrong.finish());
      return;
    }
    for (const second of new Chance(seed).sample(boundaries(trace), count)) {
      this.#installation.restore(snapshot);
      const again = run.copy();
      await again.attempt([second]);
      const course = await again.finish(this.#ends);
      yield this.#outcome({ job: this.job, seed, faults: [[first], [second]] }, course);
    }
  }

  close(): void {
    this.#installation.remove();
  }

  async #usualTrace(): Promise<ProcessTrace> {
    const [first] = (await this.usual()).attempts;
    if (first === undefined) throw new Error("a course without processes");
    return first.trace;
  }

  #newRun(seed: number, proofs: Proofs): CourseRun {
    return new CourseRun(this.#installation, this.#sources, seed, proofs);
  }

  async #outcome(simulated: SimulationCase, course: Course): Promise<Outcome> {
    const usual = await this.usual();
    const last = simulated.restoreFaults?.at(-1) ?? simulated.faults.at(-1)?.at(-1);
    const traces = course.attempts.map(({ trace }) => trace);
    return {
      text: caseText(simulated),
      kind: last === undefined ? "none" : faultKind(last),
      violations: course.violations,
      ...(course.violations.length === 0 ? {} : { named: namedCaseText(simulated, traces) }),
      bytesWrittenAgain: Math.max(0, course.bytesWritten - usual.bytesWritten),
      processes: course.processes,
      hash: course.hash,
    };
  }
}
