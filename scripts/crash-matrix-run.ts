// SPDX-License-Identifier: Apache-2.0
/** Runs many courses on several cores: which ones, who runs them, and what came of them. */
import { fork, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { caseText, parseCase } from "../test/simulation/case.ts";
import { Chance } from "../test/simulation/chance.ts";
import type { Fault } from "../test/simulation/fault.ts";
import { faultText } from "../test/simulation/fault-text.ts";
import { isNamedCase } from "../test/simulation/named-case.ts";
import { Simulator } from "../test/simulation/simulator.ts";
import type { Outcome } from "../test/simulation/simulator.ts";

/** What a worker is asked for. */
export type MatrixTask =
  /** Courses one by one. */
  | { readonly kind: "courses"; readonly job: string; readonly texts: readonly string[]; readonly areWhole?: boolean }
  /** Courses that another process has run, for their trace hashes. */
  | { readonly kind: "repeats"; readonly job: string; readonly texts: readonly string[] }
  /** Which state a first fault leaves. */
  | { readonly kind: "states"; readonly job: string; readonly seed: number; readonly faults: readonly string[] }
  /** So many second faults behind each first one. */
  | {
      readonly kind: "doubles";
      readonly job: string;
      readonly seed: number;
      readonly faults: readonly string[];
      readonly count: number;
    };

export type MatrixAnswer =
  | { readonly kind: "outcome"; readonly outcome: Outcome }
  | { readonly kind: "repeat"; readonly outcome: Outcome }
  | { readonly kind: "state"; readonly fault: string; readonly state?: string }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly message: string };

export interface MatrixWish {
  /** How many; Infinity is all. */
  readonly single: number;
  readonly double: number;
  readonly restore: number;
  readonly random: number;
  /** How many of the random ones a second process runs too: the same course has the same trace hash. */
  readonly repeat: number;
  readonly seed: number;
  readonly jobs: number;
  /** Only every n-th course, from this one on: several computers share a matrix. */
  readonly part: { readonly number: number; readonly of: number };
  readonly singleJob: string;
  readonly doubleJob: string;
  readonly restoreJob: string;
  readonly randomJob: string;
}

/** So many at a time: enough that nobody waits for messages, and that progress is seen. */
const batchSize = 8;
/** Behind each first fault of a sample. */
const leastSeconds = 4;
const workerPath = fileURLToPath(new URL("crash-matrix-worker.ts", import.meta.url));

export class CrashMatrix {
  readonly #wish: MatrixWish;
  readonly #onOutcome: (outcome: Outcome) => void;
  /** How far it has come. */
  progress = "before its first course";

  constructor(wish: MatrixWish, onOutcome: (outcome: Outcome) => void) {
    this.#wish = wish;
    this.#onOutcome = onOutcome;
  }

  async run(): Promise<void> {
    const { double, random, restore, single } = this.#wish;
    if (single > 0) await this.#singles();
    if (double > 0) await this.#doubles();
    if (restore > 0) await this.#restores();
    if (random > 0) await this.#randoms();
  }

  async #singles(): Promise<void> {
    const { seed, single, singleJob: job } = this.#wish;
    const faults = new Chance(seed).sample(await allSingles(job), single);
    const texts = faults.map((fault) => caseText({ job, seed, faults: [[fault]] }));
    await this.#share("courses with one fault", tasksOf(job, this.#ofPart(texts)));
  }

  async #restores(): Promise<void> {
    const { restore, restoreJob: job, seed } = this.#wish;
    const all = await withSimulator(job, (simulator) => simulator.restoreSingles());
    const faults = new Chance(seed).sample(all, restore);
    const texts = faults.map((fault) => caseText({ job, seed, faults: [], restoreFaults: [fault] }));
    await this.#share("courses with a fault in the restore", tasksOf(job, this.#ofPart(texts)));
  }

  async #randoms(): Promise<void> {
    const { random, randomJob: job, repeat, seed } = this.#wish;
    const texts: string[] = [];
    await withSimulator(job, async (simulator) => {
      for (let index = 0; index < random; index++) texts.push(caseText(await simulator.random(seed + index)));
    });
    const hashes = new Map<string, string>();
    const [mine, twice] = [this.#ofPart(texts), this.#ofPart(texts.slice(0, repeat))];
    await this.#share("random courses to be repeated", tasksOf(job, twice, true), (answer) => {
      if (answer.kind === "outcome") hashes.set(answer.outcome.text, answer.outcome.hash);
    });
    await this.#repeats(job, twice, hashes);
    await this.#share("random courses", tasksOf(job, mine.slice(twice.length)));
  }

  /** By processes that have run none of them before. */
  async #repeats(job: string, texts: readonly string[], hashes: ReadonlyMap<string, string>): Promise<void> {
    const tasks = batches(texts).map((each): MatrixTask => ({ kind: "repeats", job, texts: each }));
    await this.#share("repeated courses", tasks, (answer) => {
      if (answer.kind === "repeat") this.#onOutcome(repeated(answer.outcome, hashes.get(answer.outcome.text)));
    });
  }

  async #doubles(): Promise<void> {
    const { double, doubleJob: job, seed } = this.#wish;
    const all = await allSingles(job);
    const behindFirst = "first faults and what comes behind them";
    const taskOf = (count: number) => (fault: string) =>
      ({ kind: "doubles", job, seed, faults: [fault], count }) as const;
    if (double === Infinity) {
      const firsts = await this.#differentFirsts(job, all.map(faultText));
      await this.#share(behindFirst, this.#ofPart(firsts).map(taskOf(double)));
      return;
    }
    // Some first faults stop nothing: so more of them are asked for than are needed.
    const count = Math.max(leastSeconds, Math.ceil((2 * double) / all.length));
    const firsts = new Chance(seed).sample(all.map(faultText), Math.ceil((2 * double) / count));
    let left = double / this.#wish.part.of;
    await this.#share(
      behindFirst,
      this.#ofPart(new Chance(seed).shuffled(firsts)).map(taskOf(count)),
      (answer) => {
        if (answer.kind === "outcome") left--;
      },
      () => left <= 0,
    );
  }

  #ofPart<T>(things: readonly T[]): readonly T[] {
    const { number, of } = this.#wish.part;
    // Neighbours, as they often come to the same end, which is then proved once.
    return things.slice(Math.round(((number - 1) * things.length) / of), Math.round((number * things.length) / of));
  }

  /** First faults that leave the same behind need only one of them to go on from: the first one. */
  async #differentFirsts(job: string, firsts: readonly string[]): Promise<readonly string[]> {
    const states = new Map<string, string>();
    await this.#share(
      "first faults, for what each leaves",
      batches(firsts).map((faults) => ({ kind: "states", job, seed: this.#wish.seed, faults })),
      (answer) => {
        if (answer.kind === "state" && answer.state !== undefined) states.set(answer.fault, answer.state);
      },
    );
    const known = new Set<string>();
    const different = firsts.filter((fault) => {
      const state = states.get(fault);
      if (state === undefined || known.has(state)) return false;
      known.add(state);
      return true;
    });
    console.log(`${firsts.length} first faults leave ${different.length} different states`);
    return different;
  }

  /** @param what - things that are done, in the plural */
  async #share(
    what: string,
    tasks: readonly MatrixTask[],
    onAnswer: (answer: MatrixAnswer) => void = () => undefined,
    isEnough: () => boolean = () => false,
  ): Promise<void> {
    const waiting = [...tasks];
    const all = tasks.flatMap(thingsOf).length;
    let done = 0;
    const haveDone = (count: number): void => {
      done += count;
      this.progress = `behind ${done} of ${all} ${what}`;
    };
    haveDone(0);
    const work = async (_: unknown, number: number): Promise<void> => {
      const worker = startWorker(number);
      try {
        for (let task = waiting.shift(); task !== undefined && !isEnough(); task = waiting.shift()) {
          await this.#give(worker, task, onAnswer);
          haveDone(thingsOf(task).length);
        }
      } finally {
        worker.disconnect();
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#wish.jobs, tasks.length) }, work));
  }

  #give(worker: ChildProcess, task: MatrixTask, onAnswer: (answer: MatrixAnswer) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        worker.off("message", hear);
        worker.off("exit", lost);
      };
      const lost = (code: number | null): void => {
        leave();
        reject(new Error(`a worker ended with ${code ?? "a signal"} in: ${JSON.stringify(task)}`));
      };
      const hear = (message: unknown): void => {
        const answer = message as MatrixAnswer;
        if (answer.kind === "outcome") this.#onOutcome(answer.outcome);
        onAnswer(answer);
        if (answer.kind !== "done" && answer.kind !== "failed") return;
        leave();
        if (answer.kind === "done") resolve();
        else reject(new Error(answer.message));
      };
      worker.on("message", hear);
      worker.on("exit", lost);
      worker.send(task);
    });
  }
}

/** The same course had this trace hash in another process. */
export function repeated(outcome: Outcome, hash: string | undefined): Outcome {
  const violations = [...outcome.violations];
  const first = hash ?? "unknown";
  if (outcome.hash !== hash)
    violations.push(`its trace hash is ${first} in one process and ${outcome.hash} in another`);
  return { ...outcome, kind: "random, repeated", violations };
}

/**
 * In a course the packer, the tape writer, the drive and JavaScript take turns: on one processor they do so without waking
 * another one each time, which takes as long as most turns. So each worker stays on its own, where that can be said.
 */
function startWorker(number: number): ChildProcess {
  const { status, stdout } = spawnSync("taskset", ["-p", "-c", String(process.pid)], { encoding: "utf8" });
  const processors = status === 0 ? listed(stdout.slice(stdout.lastIndexOf(":") + 1)) : [];
  const options = { serialization: "advanced" } as const;
  const processor = processors[number % Math.max(1, processors.length)];
  if (processor === undefined) return fork(workerPath, options);
  const execArgv = ["-c", String(processor), process.execPath, ...process.execArgv];
  return fork(workerPath, { ...options, execPath: "taskset", execArgv });
}

/** "0-2,5" are 0, 1, 2, 5. */
function listed(text: string): readonly number[] {
  return text.split(",").flatMap((range) => {
    const [first = NaN, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

function tasksOf(job: string, texts: readonly string[], areWhole = false): readonly MatrixTask[] {
  return batches(texts).map((each) => ({ kind: "courses", job, texts: each, areWhole }));
}

function thingsOf(task: MatrixTask): readonly string[] {
  return "texts" in task ? task.texts : task.faults;
}

function batches<T>(things: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(things.length / batchSize) }, (_, index) =>
    things.slice(index * batchSize, (index + 1) * batchSize),
  );
}

async function withSimulator<T>(job: string, work: (simulator: Simulator) => Promise<T>): Promise<T> {
  const simulator = new Simulator(job);
  const close = (): void => simulator.close();
  // Its folder goes also where the process is told to end before.
  process.once("exit", close);
  try {
    return await work(simulator);
  } finally {
    process.off("exit", close);
    close();
  }
}

function allSingles(job: string): Promise<readonly Fault[]> {
  return withSimulator(job, (simulator) => simulator.singles());
}

/** Of a case that was printed. */
export async function replay(text: string): ReturnType<Simulator["course"]> {
  const [job = ""] = text.split(":");
  return withSimulator(job, (simulator) =>
    isNamedCase(text) ? simulator.named(text) : simulator.course(parseCase(text)),
  );
}

export function caseOfSeed(job: string, seed: number): Promise<string> {
  return withSimulator(job, async (simulator) => caseText(await simulator.random(seed)));
}
