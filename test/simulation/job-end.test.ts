// SPDX-License-Identifier: Apache-2.0
/** H1: a process that is killed when all is written and the job is not yet called done leaves nothing open on the tape. */
import { expect } from "chai";
import { parseCase } from "./case.ts";
import { runCase } from "./course.ts";
import { SimulatedInstallation } from "./installation.ts";
import { jobPlan, sourceVolumes } from "./job-plan.ts";

describe("the end of a simulated job", function () {
  this.timeout(120_000);

  it("H1: killed behind each of its last records", async () => {
    const plan = jobPlan("small");
    const installation = new SimulatedInstallation(plan);
    try {
      const sources = sourceVolumes(plan);
      const whole = await runCase(installation, sources, parseCase("small:1:"), "checks");
      const calls = whole.attempts[0]?.trace.calls ?? [];
      const synchronised = calls.flatMap(({ operation }, index) => (operation === "synchronise" ? [index + 1] : []));
      const violations: string[] = [];
      for (const number of synchronised.slice(-4)) {
        for (const call of [number - 1, number]) {
          const course = await runCase(installation, sources, parseCase(`small:1:d${call}.kill-done`), "checks");
          violations.push(...course.violations.map((violation) => `d${call}: ${violation}`));
        }
      }
      expect(violations).to.deep.equal([]);
    } finally {
      installation.remove();
    }
  });
});
