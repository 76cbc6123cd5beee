// SPDX-License-Identifier: Apache-2.0
/**
 * kill -9 of the real process at random moments (durability.md): no kill loses what was called durable, and each job comes
 * to its end. TIDEMARK_KILLS_SEED repeats a run's moments, or is `random`; TIDEMARK_KILLS asks for more kills over the simulated library.
 */
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { needs, needsGuest } from "../needs.ts";
import { TgtLibrary } from "../peers/tgt.ts";
import { jobPlan } from "../simulation/job-plan.ts";
import { KillCourse } from "./kill-course.ts";
import type { Killed } from "./kill-course.ts";
import { killOverSg } from "./kills-over-sg.ts";

const simulatedKills = Number(process.env["TIDEMARK_KILLS"] ?? "40");
const tgtKills = 5;
const seedLimit = 2 ** 31;
/** Even the same moments hit a process at another place each time. */
const usualSeed = 2024;
const given = process.env["TIDEMARK_KILLS_SEED"] ?? String(usualSeed);
const seed = given === "random" ? randomInt(seedLimit) : Number(given);
const killsPerJob = 5;
/** Of so many jobs one is large, and another one is restored with GNU tar, too. */
const everyJob = 5;

interface KilledJob {
  readonly number: number;
  readonly seed: number;
  readonly kills: number;
  readonly cacheFolder: string;
}

describe(`kill -9 at random moments (TIDEMARK_KILLS_SEED=${seed})`, function () {
  this.slow(60_000);
  let cacheFolder: string;

  before(() => {
    cacheFolder = mkdtempSync(join(tmpdir(), "tidemark-compiled-"));
  });
  after(() => {
    rmSync(cacheFolder, { recursive: true, force: true });
  });

  /** Job after job: one may come to its end before all of its kills have hit. */
  const kill = async (wanted: number, course: (job: KilledJob) => Promise<Killed>): Promise<void> => {
    let hit = 0;
    for (let number = 0; hit < wanted; number++) {
      expect(number, "each job should be killed once at least").to.be.below(wanted);
      const kills = Math.min(killsPerJob, wanted - hit);
      const killed = await course({ number, seed: (seed + number) % seedLimit, kills, cacheFolder });
      expect(killed.violations, `TIDEMARK_KILLS_SEED=${seed}`).to.deep.equal([]);
      hit += killed.kills;
    }
  };

  it(`${simulatedKills} times over the simulated library`, async function () {
    needs(this, "tar");
    await kill(simulatedKills, (job) => {
      const plan = jobPlan(job.number % everyJob === 1 ? "reference" : "small");
      return new KillCourse({ ...job, plan, byTar: job.number % everyJob === 0 }).run();
    });
  });

  it(`${tgtKills} times over tgt by iSCSI`, async function () {
    needs(this, "tgtd", "setpriv");
    await kill(tgtKills, async (job) => {
      const library = await TgtLibrary.start({ drives: 1, cartridges: 1, cartridgeMiB: 256 });
      try {
        const config = `kind = "devices"
changer = ${JSON.stringify(library.changerUrl)}
drives = [${JSON.stringify(library.driveUrl(0))}]
`;
        const foreign = { config, mediaFolder: join(library.folder, "media") };
        return await new KillCourse({ ...job, plan: jobPlan("reference"), library: foreign, byTar: false }).run();
      } finally {
        await library.stop();
      }
    });
  });

  it("5 times over sg in User-mode Linux: 3 times the process, and 2 times the machine", async function () {
    needsGuest(this);
    const course = await killOverSg({ seed, kills: 3, powerCuts: 2 });
    expect(course).to.deep.equal({ killedProcesses: 3, powerCuts: 2, violations: [] });
  });
});
