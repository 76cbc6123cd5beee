// SPDX-License-Identifier: Apache-2.0
/**
 * H1: a process that is killed when all is written and the job is not yet called done leaves nothing open on the tape;
 * one that is killed when it is called done loses nothing of it with the temporary catalog.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parseCase } from "./case.ts";
import { checkFinished } from "./checker.ts";
import { CourseRun, runCase } from "./course.ts";
import { parseFault } from "./fault-text.ts";
import { SimulatedInstallation } from "./installation.ts";
import { jobPlan, sourceVolumes } from "./job-plan.ts";

describe("the end of a simulated job", function () {
  this.timeout(120_000);
  const plan = jobPlan("small");
  let installation: SimulatedInstallation;
  let sources: readonly string[];
  let calls: readonly { readonly operation: string }[];
  before(async () => {
    installation = new SimulatedInstallation(plan);
    sources = sourceVolumes(plan);
    calls = (await runCase(installation, sources, parseCase("small:1:"), "checks")).attempts[0]?.trace.calls ?? [];
  });
  after(() => installation.remove());

  it("H1: killed behind each of its last records", async () => {
    const synchronised = calls.flatMap(({ operation }, index) => (operation === "synchronise" ? [index + 1] : []));
    const violations: string[] = [];
    for (const number of synchronised.slice(-4)) {
      for (const call of [number - 1, number]) {
        const course = await runCase(installation, sources, parseCase(`small:1:d${call}.kill-done`), "checks");
        violations.push(...course.violations.map((violation) => `d${call}: ${violation}`));
      }
    }
    expect(violations).to.deep.equal([]);
  });

  const jobsLeft = (): readonly string[] =>
    readdirSync(join(installation.config.stateFolder, "jobs")).filter((name) => !name.endsWith(".lock"));

  it("H1: ended at each call behind its last record, it is complete, and the next job removes what is left", async () => {
    const complete = calls.findLastIndex(({ operation }) => operation === "store.jobs.update") + 1;
    expect(jobsLeft()).to.deep.equal([]);
    const left = new Set<string>();
    for (let call = complete; call <= calls.length; call++) {
      for (const fault of ["kill-done", "machine-torn", "EIO-sticky"]) {
        const place = `d${call}.${fault}`;
        await installation.reset();
        const run = new CourseRun(installation, sources, 1, "checks");
        await run.attempt([parseFault(place)]);
        left.add(jobsLeft().join());
        expect((await run.finish()).violations, place).to.deep.equal([]);
        await installation.withService(7, (service) => service.backup([Buffer.from(sources[0] ?? "")], {}));
        expect(jobsLeft(), place).to.deep.equal([]);
        const { config, libraryFolder } = installation;
        const job = { libraryFolder, stateFolder: config.stateFolder, jobId: "1", sources };
        expect(checkFinished(job), place).to.deep.equal([]);
      }
    }
    expect([...left].sort()).to.deep.equal(["", "1"]);
  });
});
