// SPDX-License-Identifier: Apache-2.0
/**
 * Jobs over a simulated library whose processes are killed, again and again, and what is checked behind each kill and at
 * each end. The seed decides the moments; how far a process was then, the machine decides.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../lib/service/config.ts";
import { openService } from "../../lib/service/service.ts";
import { Chance } from "../simulation/chance.ts";
import { checkFinished, checkInterrupted } from "../simulation/checker.ts";
import type { CheckedJob } from "../simulation/checker.ts";
import { makeLibrary, recordBytes, sourceVolumes } from "../simulation/job-plan.ts";
import type { JobPlan } from "../simulation/job-plan.ts";
import { restoreByTar } from "../simulation/restore-by-tar.ts";
import { proveRestore } from "../simulation/restore-proof.ts";
import { toldFinished } from "../simulation/told.ts";
import { Installation } from "./installation.ts";
import { begunJob, drawMoment, momentText } from "./kill-moment.ts";
import type { KillWish } from "./kill-moment.ts";
import { killedAt } from "./kill-run.ts";
import type { KillPlace } from "./kill-run.ts";

const exitDone = 0;

/** Restored where long attributes can be, as the sources are. */
const memory = "/dev/shm";

/** What is not of the product: only of simulated media it is known what they must hold. */
export interface KillLibrary {
  /** Lines of the configuration's table of that name. */
  readonly config: string;
  readonly mediaFolder: string;
}

export interface KilledJob {
  readonly plan: JobPlan;
  /** Without it a simulated one is made. */
  readonly library?: KillLibrary;
  readonly seed: number;
  readonly kills: number;
  readonly byTar: boolean;
  /** Shared by all jobs. */
  readonly cacheFolder: string;
}

export interface Killed {
  readonly kills: number;
  readonly violations: readonly string[];
}

/** One job of an installation of its own, from its first process to its proofs. */
export class KillCourse {
  readonly #wish: KilledJob;
  readonly #installation = new Installation();
  readonly #sources: readonly string[];
  readonly #history: string[] = [];

  constructor(wish: KilledJob) {
    this.#wish = wish;
    this.#sources = sourceVolumes(wish.plan);
  }

  async run(): Promise<Killed> {
    try {
      await this.#make();
      const kills = await this.#killAll();
      return { kills: kills.count, violations: this.#told([...kills.violations, ...(await this.#end())]) };
    } finally {
      this.#installation.remove();
    }
  }

  async #make(): Promise<void> {
    const { plan, library } = this.#wish;
    if (library === undefined) makeLibrary(this.#installation.libraryFolder, this.#wish.plan);
    writeFileSync(this.#installation.configPath, configText(plan, library?.config ?? simulatedConfig));
    await this.#installation.succeed("volume", "label", "--all", "--yes");
    if (readdirSync(this.#wish.cacheFolder).length === 0) await killedAt(this.#place, undefined, ["volume", "list"]);
  }

  /** Until so many kills have hit, or the job was done before one did. */
  async #killAll(): Promise<{ readonly count: number; readonly violations: readonly string[] }> {
    const { seed, kills, library } = this.#wish;
    const chance = new Chance(seed);
    for (let count = 0; count < kills; count++) {
      const moment = drawMoment(chance, this.#killWish());
      const args = this.#next();
      const { killed, exitCode, said } = await killedAt(this.#place, moment, args);
      this.#history.push(`${args.slice(0, 3).join(" ")}: ${killed ? "killed" : "ended"}, ${momentText(moment)}`);
      if (!killed)
        return { count, violations: exitCode === exitDone ? [] : [`ended with ${String(exitCode)}: ${said}`] };
      const violations = library === undefined ? await checkInterrupted(this.#job) : [];
      if (violations.length > 0 || this.#isFinished) return { count: count + 1, violations };
    }
    return { count: kills, violations: [] };
  }

  /** Kills are spread over the job: each has its share of what is to be written. */
  #killWish(): KillWish {
    const { plan, kills } = this.#wish;
    const tapeBytes = Math.ceil((2 * plan.capacityBytes) / kills);
    return { tapeBytes, catalogBytes: Math.ceil(tapeBytes / 32) };
  }

  get #place(): KillPlace {
    const { configPath, libraryFolder, stateFolder } = this.#installation;
    return {
      cacheFolder: this.#wish.cacheFolder,
      configPath,
      lookEveryMs: 2,
      mediaFolder: this.#wish.library?.mediaFolder ?? join(libraryFolder, "media"),
      jobsFolder: join(stateFolder, "jobs"),
    };
  }

  get #job(): CheckedJob {
    const { libraryFolder, stateFolder } = this.#installation;
    return { libraryFolder, stateFolder, jobId: begunJob(stateFolder) ?? "1", sources: this.#sources };
  }

  /** A process may be killed when its job is done, and before it has ended. */
  get #isFinished(): boolean {
    return toldFinished(this.#installation.stateFolder, this.#job.jobId) !== undefined;
  }

  #next(): readonly string[] {
    const jobId = begunJob(this.#installation.stateFolder);
    return jobId === undefined ? ["backup", ...this.#sources] : ["job", "resume", jobId];
  }

  /** @returns what is wrong, if the job does not come to its end now */
  async #goOn(): Promise<string[]> {
    if (this.#isFinished) return [];
    const args = this.#next();
    const { code, out, error } = await this.#installation.run(...args);
    this.#history.push(`${args.slice(0, 3).join(" ")}: not killed`);
    return code === exitDone ? [] : [`ended with ${code}: ${out}${error}`];
  }

  async #end(): Promise<readonly string[]> {
    const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "tidemark-kills-"));
    try {
      const violations = await this.#goOn();
      if (violations.length > 0) return violations;
      if (this.#wish.library === undefined) violations.push(...checkFinished(this.#job));
      if (this.#wish.byTar) violations.push(...restoreByTar(this.#job, folder));
      const service = await openService(loadConfig(this.#installation.configPath));
      try {
        return [...violations, ...(await proveRestore(service, this.#job, folder))];
      } finally {
        await service.close();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** With all that it needs to be done again. */
  #told(violations: readonly string[]): readonly string[] {
    const { plan, seed } = this.#wish;
    const course = `job "${plan.name}" of seed ${seed}: ${this.#history.join("; ")}`;
    return violations.map((violation) => `${violation} (${course})`);
  }
}

const simulatedConfig = `kind = "simulated"
folder = "library"
`;

function configText({ segmentBytes, checkpointBytes }: JobPlan, library: string): string {
  return `stateFolder = "state"
[library]
${library}[tape]
recordSize = ${recordBytes}
segmentSize = ${segmentBytes}
[checkpoint]
size = ${checkpointBytes}
[pipeline]
ringSize = ${4 * recordBytes}
`;
}
