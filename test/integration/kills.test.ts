// SPDX-License-Identifier: Apache-2.0
/**
 * kill -9 of the real process at random moments (durability.md): no kill loses what was called durable, and each job comes
 * to its end. TIDEMARK_KILLS_SEED repeats a run's moments, TIDEMARK_KILLS asks for more kills over the simulated library.
 */
import { randomInt } from "node:crypto";
import { expect } from "chai";
import { needs } from "../needs.ts";
import { jobPlan } from "../simulation/job-plan.ts";
import { KillCourse } from "./kill-course.ts";

const wantedKills = Number(process.env["TIDEMARK_KILLS"] ?? "40");
const seed = Number(process.env["TIDEMARK_KILLS_SEED"] ?? randomInt(2 ** 31));

describe(`kill -9 at random moments (TIDEMARK_KILLS_SEED=${seed})`, () => {
  const killsPerJob = 5;
  /** Of so many jobs one is restored with GNU tar, too, and one is large. */
  const everyJob = 5;

  it(`${wantedKills} times over the simulated library`, async function () {
    needs(this, "tar");
    let kills = 0;
    for (let number = 0; kills < wantedKills; number++) {
      const isLarge = number % everyJob === 1;
      const killed = await new KillCourse({
        plan: jobPlan(isLarge ? "reference" : "small"),
        seed: (seed + number) % 2 ** 31,
        kills: Math.min(killsPerJob, wantedKills - kills),
        byTar: number % everyJob === 0,
      }).run();
      expect(killed.violations).to.deep.equal([]);
      // A job whose first process was faster than its kill proves nothing; that all are is not chance.
      expect(number, "jobs without kills").to.be.at.most(wantedKills);
      kills += killed.kills;
    }
    expect(kills).to.equal(wantedKills);
  });
});
