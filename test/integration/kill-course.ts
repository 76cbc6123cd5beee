// SPDX-License-Identifier: Apache-2.0
/**
 * Jobs over a simulated library whose processes are killed, again and again, and what is checked behind each kill and at
 * each end. The seed decides the moments; how far a process was then, the machine decides.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeBinding } from "../../lib/native/binding.ts";
import { loadConfig } from "../../lib/service/config.ts";
import { openService } from "../../lib/service/service.ts";
import { Chance } from "../simulation/chance.ts";
import { checkFinished, checkInterrupted } from "../simulation/checker.ts";
import { recordBytes, sourceVolumes } from "../simulation/job-plan.ts";
import type { JobPlan } from "../simulation/job-plan.ts";
import { restoreByTar } from "../simulation/restore-by-tar.ts";
import { proveRestore } from "../simulation/restore-proof.ts";
import { Installation } from "./installation.ts";
import { drawMoment, momentText } from "./kill-moment.ts";
import type { KillWish } from "./kill-moment.ts";
import { killedAt } from "./kill-run.ts";

/** Exit statuses of a run that may go on: it is complete, or complete with exceptions that are none of the source's. */
const exitDone = 0;

/** Restored where long attributes can be, as the sources are. */
const memory = "/dev/shm";

export interface KilledJob {
  readonly plan: JobPlan;
  readonly seed: number;
  readonly kills: number;
  readonly byTar: boolean;
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
    const { plan } = this.#wish;
    const { libraryFolder, configPath } = this.#installation;
    nativeBinding().createSimulatedLibrary(libraryFolder, {
      drives: 2,
      storageElements: plan.cartridges,
      importExportElements: 1,
      barcodes: Array.from({ length: plan.cartridges }, (_, index) => `SIM00${index + 1}L9`),
      capacityBytes: BigInt(plan.capacityBytes),
      earlyWarningBytes: BigInt(plan.earlyWarningBytes),
      bufferBytes: plan.bufferBytes,
    });
    writeFileSync(configPath, configText(plan));
    await this.#installation.succeed("volume", "label", "--all", "--yes");
  }

  /** Until so many kills have hit, or the job was done before one did. */
  async #killAll(): Promise<{ readonly count: number; readonly violations: readonly string[] }> {
    const { seed, kills } = this.#wish;
    const chance = new Chance(seed);
    const place = {
      configPath: this.#installation.configPath,
      mediaFolder: join(this.#installation.libraryFolder, "media"),
      jobsFolder: join(this.#installation.stateFolder, "jobs"),
    };
    for (let count = 0; count < kills; count++) {
      const moment = drawMoment(chance, this.#killWish());
      const args = this.#next();
      const { killed, exitCode, said } = await killedAt(place, moment, args);
      this.#history.push(`${args.slice(0, 3).join(" ")}: ${killed ? "killed" : "ended"}, ${momentText(moment)}`);
      if (!killed) return { count, violations: exitCode === exitDone ? [] : [`ended with ${exitCode}: ${said}`] };
      const violations = await checkInterrupted({ ...this.#job, sources: this.#sources });
      if (violations.length > 0) return { count: count + 1, violations };
    }
    return { count: kills, violations: [] };
  }

  /** Kills are spread over the job: each has its share of what is to be written. */
  #killWish(): KillWish {
    const { plan, kills } = this.#wish;
    const tapeBytes = Math.ceil((2 * plan.capacityBytes) / kills);
    return { tapeBytes, catalogBytes: Math.ceil(tapeBytes / 32) };
  }

  get #job(): { readonly libraryFolder: string; readonly stateFolder: string; readonly jobId: string } {
    const { libraryFolder, stateFolder } = this.#installation;
    return { libraryFolder, stateFolder, jobId: "1" };
  }

  #next(): readonly string[] {
    return existsSync(join(this.#installation.stateFolder, "jobs", "1"))
      ? ["job", "resume", "1"]
      : ["backup", ...this.#sources];
  }

  async #end(): Promise<readonly string[]> {
    const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "tidemark-kills-"));
    try {
      const { jobs } = await this.#installation.json<{ readonly jobs: readonly { readonly status: string }[] }>(
        "job",
        "list",
      );
      if (jobs[0]?.status !== "complete") {
        const args = this.#next();
        const { code, out, error } = await this.#installation.run(...args);
        this.#history.push(`${args.slice(0, 3).join(" ")}: not killed`);
        if (code !== exitDone) return [`ended with ${code}: ${out}${error}`];
      }
      const job = { ...this.#job, sources: this.#sources };
      const violations = [...checkFinished(job), ...(this.#wish.byTar ? restoreByTar(job, folder) : [])];
      const service = await openService(loadConfig(this.#installation.configPath));
      try {
        return [...violations, ...(await proveRestore(service, job, folder))];
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

function configText({ segmentBytes, checkpointBytes }: JobPlan): string {
  return `stateFolder = "state"
[library]
kind = "simulated"
folder = "library"
[tape]
recordSize = ${recordBytes}
segmentSize = ${segmentBytes}
[checkpoint]
size = ${checkpointBytes}
[pipeline]
ringSize = ${4 * recordBytes}
`;
}
