// SPDX-License-Identifier: Apache-2.0
/**
 * H4: a bit flips in the temporary catalog of a job that was interrupted. Wherever it is, the job goes on, nothing that
 * is not on tape is claimed, and all of it is there in the end.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { CourseRun } from "./course.ts";
import { parseFault } from "./fault-text.ts";
import { SimulatedInstallation } from "./installation.ts";
import { jobPlan, sourceVolumes } from "./job-plan.ts";

/**
 * A volume that only the lost records named holds nothing of the job any more: only its label is told, and what stands
 * behind it is written over by the next job.
 */
function ofClaims(violations: readonly string[]): readonly string[] {
  const free = violations.flatMap((text) => /^volume (\S+): \d+ objects on it, 3 are told$/.exec(text)?.[1] ?? []);
  return violations.filter((text) => !free.some((tag) => text.startsWith(`volume ${tag}: `)));
}

describe("a damaged temporary catalog", function () {
  this.timeout(120_000);
  const plan = jobPlan("small");
  const sources = sourceVolumes(plan);
  let installation: SimulatedInstallation;
  before(() => {
    installation = new SimulatedInstallation(plan);
  });
  after(() => installation.remove());

  /** So many times a bit flips in the file, each time further on. */
  async function everywhere(faults: readonly string[], name: string, times: number): Promise<void> {
    await installation.reset();
    const run = new CourseRun(installation, sources, 1, "checks");
    for (const fault of faults) await run.attempt([parseFault(fault)]);
    const snapshot = installation.keep();
    for (let time = 0; time < times; time += 1) {
      installation.restore(snapshot);
      const path = join(installation.config.stateFolder, "jobs", "1", name);
      const bytes = readFileSync(path);
      const at = Math.floor(((time + 0.5) / times) * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (time % 8));
      writeFileSync(path, bytes);
      const again = run.copy();
      const { violations } = await again.finish();
      expect(ofClaims(violations), `${faults.join("/")}, byte ${at} of ${name}`).to.deep.equal([]);
    }
  }

  it("in its first frame: nothing of it is left, and the job begins anew", async () => {
    await everywhere(["d250.kill-done"], "catalog-000001.tmc", 3);
  });

  it("behind its first frame: what is left is proved on the tapes, or withdrawn, and the rest is written again", async () => {
    for (const call of ["d200", "d260", "d305"]) await everywhere([`${call}.kill-done`], "catalog-000002.tmc", 5);
  });

  it("in a TRUNCATE: what it voided does not come true again", async () => {
    await everywhere(["c90.power-0-done", "d210.kill-done"], "catalog-000003.tmc", 3);
    await everywhere(["c150.power-0-done", "d240.kill-done"], "catalog-000003.tmc", 3);
  });
});
