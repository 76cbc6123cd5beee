// SPDX-License-Identifier: Apache-2.0
/**
 * Takes a job through its course: a process that meets its faults, the next one that goes on with the job, until the job
 * is complete; then all of it is restored and compared.
 */
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { openService } from "../../lib/service/service.ts";
import { TapeError } from "../../lib/errors.ts";
import type { JobSummary, Service } from "../../lib/service/api.ts";
import { AcceptedBlocks } from "./accepted-blocks.ts";
import type { SimulationCase } from "./case.ts";
import { checkFinished, checkInterrupted } from "./checker.ts";
import type { CheckedJob } from "./checker.ts";
import type { Fault } from "./fault.ts";
import { restoreWithFaults } from "./faulty-restore.ts";
import { readImages } from "./image.ts";
import type { SimulatedInstallation } from "./installation.ts";
import { recordBytes } from "./job-plan.ts";
import type { KnownEnd, KnownEnds } from "./known-ends.ts";
import { seeToDrives } from "./person.ts";
import { firstClockMs, SimulatedProcess } from "./process.ts";
import type { ProcessTrace } from "./process.ts";
import { restoreByTar } from "./restore-by-tar.ts";
import { proveRestore } from "./restore-proof.ts";

/** How one process ended. */
export interface Attempt {
  readonly trace: ProcessTrace;
  readonly status: string;
  /** What the product said where it did not end well. */
  readonly error?: string;
}

export interface Course {
  readonly attempts: readonly Attempt[];
  /** Of the processes that restored the job. */
  readonly restoring: readonly ProcessTrace[];
  readonly violations: readonly string[];
  /** Of what is in `attempts`. */
  readonly hash: string;
  /** Also those that are known from another course. */
  readonly processes: number;
  /** In WRITE commands of all processes. */
  readonly bytesWritten: number;
}

/**
 * How a job that has become complete is proved: from the media alone; restored by the product too; and by the printed
 * recipe with GNU tar.
 */
export type Proofs = "checks" | "restore" | "all";

/** Processes without a fault that a job may need to become complete. */
const patience = 3;
/** Nothing waits in simulated time: a process that is not over by then never ends. */
const hangTicks = 30;
/** So that a matrix can be stopped for a while, with the machine or by itself: that counts as one tick. */
const tickMs = 1000;

export class CourseRun {
  readonly #installation: SimulatedInstallation;
  readonly #sources: readonly string[];
  readonly #seed: number;
  readonly #proofs: Proofs;
  readonly #attempts: Attempt[] = [];
  readonly #restoring: ProcessTrace[] = [];
  readonly violations: string[] = [];
  /** By how much the clock of each process differs from what it was when the one before began. */
  clockStepMs = 0;
  /** What a first restore meets, before the one that must give everything back. */
  restoreFaults: readonly Fault[] = [];
  #jobId: string | undefined;
  #isComplete = false;

  constructor(
    installation: SimulatedInstallation,
    sources: readonly string[],
    seed: number,
    proofs: Proofs = "restore",
  ) {
    this.#installation = installation;
    this.#sources = sources;
    this.#seed = seed;
    this.#proofs = proofs;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** One process, which begins the job or goes on with it. */
  async attempt(faults: readonly Fault[]): Promise<Attempt> {
    await this.#seeToDrives();
    const accepted = new AcceptedBlocks(readImages(this.#installation.libraryFolder));
    const process = this.#process(faults);
    let error: string | undefined;
    let service: Service | undefined;
    try {
      service = await openService(this.#installation.config, process.world);
      await inTime(this.#work(service, process.signal));
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
      if (thrown instanceof HangError) this.violations.push(`process ${this.#attempts.length + 1} hangs`);
      else if (!process.isOff && !isSaid(thrown)) {
        this.violations.push(
          `process ${this.#attempts.length + 1} failed with: ${thrown instanceof Error ? (thrown.stack ?? error) : error}`,
        );
      }
    }
    await service?.close().catch(() => undefined);
    // What it said with its last breath nobody has heard.
    const status = process.isOff ? "crashed" : error === undefined ? "complete" : "ended";
    const trace = process.end();
    accepted.add(trace.commands);
    const attempt = { trace, status, ...(error === undefined ? {} : { error }) };
    this.#isComplete = status === "complete";
    this.#attempts.push(attempt);
    if (!this.#isComplete) await this.#checkInterrupted(accepted.bytes());
    return attempt;
  }

  /** The same so far, to go on in another way. Whoever goes on puts the files back first. */
  copy(): CourseRun {
    const copy = new CourseRun(this.#installation, this.#sources, this.#seed, this.#proofs);
    copy.clockStepMs = this.clockStepMs;
    copy.restoreFaults = this.restoreFaults;
    copy.#attempts.push(...this.#attempts);
    return copy;
  }

  /**
   * Processes without faults until the job is complete; or what is known of the end of another course that had left the
   * same behind.
   */
  async finish(ends?: KnownEnds): Promise<Course> {
    const isOwn = this.#isComplete || this.violations.length > 0 || this.restoreFaults.length > 0;
    if (ends === undefined || isOwn) return this.#finish();
    // Seeds differ from process to process.
    const state = `${this.#seed} ${this.#attempts.length} ${this.#installation.stateHash()}`;
    const known = ends.get(state, this.#proofs);
    if (known !== undefined) return this.#course(known);
    const before = this.#course();
    const course = await this.#finish();
    if (course.violations.length === 0) {
      const processes = course.processes - before.processes;
      ends.put(state, this.#proofs, { processes, bytesWritten: course.bytesWritten - before.bytesWritten });
    }
    return course;
  }

  async #finish(): Promise<Course> {
    for (let left = patience; !this.#isComplete; left--) {
      if (left === 0 || this.violations.length > 0) {
        this.violations.push(`the job does not become complete: ${this.#attempts.at(-1)?.error ?? ""}`);
        return this.#course();
      }
      await this.attempt([]);
    }
    const job = this.#checkedJob();
    if (job === undefined) throw new Error("a job that is complete has left no trace");
    this.violations.push(...checkFinished(job));
    if (this.#proofs !== "checks") await this.#proveRestore(job);
    if (this.#proofs === "all") this.violations.push(...restoreByTar(job, this.#installation.folder));
    return this.#course();
  }

  /** Everything that is claimed now must be on the media. */
  async #checkInterrupted(acceptedBytes: ReadonlyMap<string, bigint>): Promise<void> {
    const job = this.#checkedJob();
    if (job === undefined) return;
    const place = `after process ${this.#attempts.length}`;
    this.violations.push(
      ...(await checkInterrupted({ ...job, acceptedBytes })).map((violation) => `${place}: ${violation}`),
    );
  }

  /** The last job of which something was recorded. */
  #checkedJob(): CheckedJob | undefined {
    const { stateFolder } = this.#installation.config;
    const jobs = readdirSync(join(stateFolder, "jobs")).filter((name) => /^\d+$/.test(name));
    // One that is complete has no temporary catalog any more; who died while it went has not said its number.
    const jobId = this.#jobId ?? (jobs.length === 0 ? undefined : String(Math.max(...jobs.map(Number))));
    if (jobId === undefined) return undefined;
    return { libraryFolder: this.#installation.libraryFolder, stateFolder, jobId, sources: this.#sources };
  }

  async #seeToDrives(): Promise<void> {
    if (this.#attempts.length > 0) await seeToDrives(this.#installation.config, () => this.#process([]));
  }

  #process(faults: readonly Fault[]): SimulatedProcess {
    const seed = this.#seed * 64 + this.#attempts.length + 2;
    const clockMs = firstClockMs + this.clockStepMs * this.#attempts.length;
    return new SimulatedProcess(this.#installation, { seed, faults, clockMs });
  }

  async #work(service: Service, signal: AbortSignal): Promise<void> {
    const job = await lastJob(service);
    if (job === undefined || job.status === "failed") {
      const result = await service.backup(
        this.#sources.map((path) => Buffer.from(path)),
        { signal },
      );
      this.#jobId = result.jobId;
      return refuseIncomplete(result.status);
    }
    this.#jobId = job.jobId;
    if (job.status === "complete") return undefined;
    const result = await service.resumeJob(job.jobId, { signal });
    return refuseIncomplete(result.status);
  }

  async #proveRestore(job: CheckedJob): Promise<void> {
    if (this.restoreFaults.length > 0) await this.#restore(job, this.restoreFaults, restoreWithFaults);
    await this.#seeToDrives();
    await this.#restore(job, [], proveRestore);
  }

  async #restore(job: CheckedJob, faults: readonly Fault[], prove: typeof proveRestore): Promise<void> {
    const process = this.#process(faults);
    let service: Service | undefined;
    try {
      service = await openService(this.#installation.config, process.world);
      this.violations.push(...(await inTime(prove(service, job, this.#installation.folder))));
    } catch (error) {
      const isCrash = process.isOff && !(error instanceof HangError);
      if (!isCrash) this.violations.push(`restore failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    await service?.close().catch(() => undefined);
    this.#restoring.push(process.end());
  }

  /** @param end - What would follow. */
  #course(end: KnownEnd = { processes: 0, bytesWritten: 0 }): Course {
    const hash = createHash("sha256");
    for (const { trace } of this.#attempts) hash.update(trace.hash);
    const written = this.#attempts.flatMap(({ trace }) =>
      trace.commands.filter(({ operation }) => operation === "WRITE(6)"),
    );
    return {
      attempts: this.#attempts,
      restoring: this.#restoring,
      violations: this.violations,
      hash: hash.digest("hex"),
      processes: this.#attempts.length + end.processes,
      bytesWritten: written.length * recordBytes + end.bytesWritten,
    };
  }
}

/** From the beginning to the end. */
export async function runCase(
  installation: SimulatedInstallation,
  sources: readonly string[],
  { faults, restoreFaults = [], seed }: SimulationCase,
  proofs: Proofs = "restore",
  ends?: KnownEnds,
): Promise<Course> {
  await installation.reset();
  const run = new CourseRun(installation, sources, seed, proofs);
  run.restoreFaults = restoreFaults;
  for (const each of faults) {
    if (run.isComplete || run.violations.length > 0) break;
    await run.attempt(each);
  }
  return run.finish(ends);
}

async function lastJob(service: Service): Promise<JobSummary | undefined> {
  const jobs = await service.listJobs();
  return jobs.reduce<JobSummary | undefined>(
    (last, job) => (last === undefined || Number(job.jobId) > Number(last.jobId) ? job : last),
    undefined,
  );
}

function refuseIncomplete(status: string): void {
  if (status !== "complete") throw new Error(`the job ended as ${status}`);
}

/** Errors of the product's own say what happened and what to do; others are mistakes in it. */
function isSaid(error: unknown): boolean {
  return error instanceof TapeError;
}

class HangError extends Error {}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    let left = hangTicks;
    timer = setInterval(() => {
      if (--left === 0) reject(new HangError("no end"));
    }, tickMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearInterval(timer);
  }
}
