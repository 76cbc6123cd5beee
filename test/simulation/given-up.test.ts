// SPDX-License-Identifier: Apache-2.0
/** A cartridge is given up while a job goes on inside an object of a later source: that object goes on first. */
import { expect } from "chai";
import { CourseRun } from "./course.ts";
import { parseFault } from "./fault-text.ts";
import { SimulatedInstallation } from "./installation.ts";
import { jobPlan, sourceVolumes } from "./job-plan.ts";

describe("a cartridge that is given up while the object of another source goes on", function () {
  this.timeout(60_000);
  const plan = jobPlan("reference");
  let installation: SimulatedInstallation;
  before(() => {
    installation = new SimulatedInstallation(plan);
  });
  after(() => installation.remove());

  it("costs what only it held: the object goes on, then the sources that are partial again", async () => {
    await installation.reset();
    const run = new CourseRun(installation, sourceVolumes(plan), 1, "restore");
    await run.attempt([parseFault("c1300.kill-done")]);
    await installation.withService(5, async (service) => {
      const [decided] = await service.planResume("1", { giveUp: "SIM001L9" });
      expect(decided?.continued).to.have.property("fromByte");
      const sources = decided?.sourceVolumes.map(({ index, status }) => [index, status]);
      expect(sources).to.deep.equal([
        [2, "partial"],
        [0, "partial"],
        [1, "partial"],
      ]);
      expect(await service.resumeJob("1", { giveUp: "SIM001L9" })).to.include({ status: "complete" });
    });
    const { violations } = await run.finish();
    // What was on it has no other place in the stream.
    expect(
      violations.filter((text) => !/^the stream of job 1: bytes 0 to \d+ are on no medium$/.test(text)),
    ).to.deep.equal([]);
  });
});
