// SPDX-License-Identifier: Apache-2.0
/** Courses that are kept: what the crash matrix prints is what takes the same course. */
import { expect } from "chai";
import { parseCase } from "./case.ts";
import { runCase } from "./course.ts";
import { SimulatedInstallation } from "./installation.ts";
import { jobPlan, sourceVolumes } from "./job-plan.ts";
import { namedCaseText, runNamedCase } from "./named-case.ts";

describe("a simulated course with its places by name", function () {
  this.timeout(120_000);
  const plan = jobPlan("small");
  let installation: SimulatedInstallation;
  let sources: readonly string[];
  before(() => {
    installation = new SimulatedInstallation(plan);
    sources = sourceVolumes(plan);
  });
  after(() => installation.remove());

  it("is the one with the numbers; faults that it does not come to are left out", async () => {
    const byNumber = parseCase("small:5:c100.attention-41-0+d190.EIO+c9999.medium/d200.machine-torn+c9999.kill");
    const course = await runCase(installation, sources, byNumber, "checks");
    const text = namedCaseText(
      byNumber,
      course.attempts.map(({ trace }) => trace),
    );
    expect(text).to.match(
      /^small:5:c\[[^\]]+ \d+\]\.attention-41-0\+d\[[^\]]+ \d+\]\.EIO\/d\[[^\]]+ \d+\]\.machine-torn$/,
    );
    const again = await runNamedCase(installation, sources, text, "checks");
    expect(again.hash).to.equal(course.hash);
  });

  it("fails where the product does not come there any more", async () => {
    const refusal = async (text: string): Promise<string> =>
      String(await runNamedCase(installation, sources, text, "checks").catch((error: unknown) => error));
    expect(await refusal("small:1:c[WRITE(6) 9999].kill")).to.match(/no such place: there are \d+ of that name/);
    expect(await refusal("small:1:/c[WRITE(6) 1].kill")).to.contain("the job is complete before it comes there");
  });
});
