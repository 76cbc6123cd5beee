// SPDX-License-Identifier: Apache-2.0
/** Rules of durability that show in the order of commands, in courses that meet them. */
import { expect } from "chai";
import { parseCase } from "./case.ts";
import { CourseRun, runCase } from "./course.ts";
import type { Course } from "./course.ts";
import { SimulatedInstallation } from "./installation.ts";
import { jobPlan, sourceVolumes } from "./job-plan.ts";

const asksForPosition = /^(READ POSITION|LOCATE|SPACE)/;

describe("rules of durability", () => {
  const plan = jobPlan("small");
  let installation: SimulatedInstallation;
  before(() => {
    installation = new SimulatedInstallation(plan);
  });
  after(() => installation.remove());

  const course = (text: string): Promise<Course> =>
    runCase(installation, sourceVolumes(plan), parseCase(text), "checks");

  const operations = ({ attempts }: Course, attempt: number): readonly string[] =>
    (attempts[attempt]?.trace.commands ?? [])
      .filter(({ unit }) => unit !== "changer")
      .map(({ operation }) => operation);

  it("H1: a resume synchronises the tape before it asks where the tape ends", async () => {
    for (const killed of ["c60", "c90", "c120", "c150"]) {
      const resumed = operations(await course(`small:1:${killed}.kill`), 1);
      const synchronised = resumed.indexOf("WRITE FILEMARKS(6)");
      const asked = resumed.findIndex((operation) => asksForPosition.test(operation));
      expect(synchronised, killed).to.be.greaterThan(-1);
      expect(asked, killed).to.be.greaterThan(synchronised);
    }
  });

  it("H7: nothing is ordered by time: with a clock ten years further back in each process the course is the same", async () => {
    for (const killed of ["c60", "c120"]) {
      const { faults, seed } = parseCase(`small:1:${killed}.kill`);
      const expected = await course(`small:1:${killed}.kill`);
      await installation.reset();
      const run = new CourseRun(installation, sourceVolumes(plan), seed, "restore");
      run.clockStepMs = -10 * 365 * 86_400_000;
      for (const each of faults) await run.attempt(each);
      const { attempts, violations } = await run.finish();
      expect(violations, killed).to.deep.equal([]);
      expect(attempts.length, killed).to.be.greaterThan(1);
      const commandsOf = ({ attempts: all }: Pick<Course, "attempts">): unknown =>
        all.map(({ trace }) => trace.commands);
      expect(commandsOf({ attempts }), killed).to.deep.equal(commandsOf(expected));
    }
  });

  it("T2: no WRITE of unknown outcome is sent a second time, executed or not", async () => {
    const all = (await course("small:1:")).attempts[0]?.trace.commands ?? [];
    const writes = all.flatMap(({ operation }, index) => (operation === "WRITE(6)" ? [index + 1] : []));
    expect(writes.length).to.be.greaterThan(5);
    for (const number of [1, 4, writes.length - 1].map((place) => writes[place] ?? 0)) {
      for (const executed of ["", "-done"]) {
        const { attempts, violations } = await course(`small:1:c${number}.unknown${executed}`);
        const behind = (attempts[0]?.trace.commands ?? []).slice(number).map(({ operation }) => operation);
        // What comes next looks where the tape is; a WRITE comes only behind a LOCATE to a proved place.
        const written = behind.indexOf("WRITE(6)");
        const located = behind.findIndex((operation) => operation.startsWith("LOCATE"));
        expect(written === -1 || (located !== -1 && located < written), `command ${number}${executed}`).to.equal(true);
        expect(violations).to.deep.equal([]);
      }
    }
  });
});
