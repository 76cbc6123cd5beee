// SPDX-License-Identifier: Apache-2.0
/** Courses that leave the same behind are taken to their end once: what is said of the others must be true of them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parseCase } from "./case.ts";
import { runCase } from "./course.ts";
import type { Course } from "./course.ts";
import { SimulatedInstallation } from "./installation.ts";
import { jobPlan, sourceVolumes } from "./job-plan.ts";
import { KnownEnds } from "./known-ends.ts";

describe("what is known of the end of an interrupted job", () => {
  const plan = jobPlan("small");
  let installation: SimulatedInstallation;

  beforeEach(() => (installation = new SimulatedInstallation(plan)));
  afterEach(() => installation.remove());

  const run = (text: string, ends?: KnownEnds): Promise<Course> =>
    runCase(installation, sourceVolumes(plan), parseCase(text), "checks", ends);

  it("is so of each job that has left the same behind, and of no other", async () => {
    const ends = new KnownEnds();
    const calls = (await run("small:1:")).attempts[0]?.trace.calls ?? [];
    // Nothing happens between the two.
    const appended = calls.findIndex(
      ({ operation }, index) => operation === "append" && calls[index + 1]?.operation === "synchronise",
    );
    expect((await run(`small:1:d${appended + 1}.kill-done`, ends)).attempts).to.have.length(2);
    const same = `small:1:d${appended + 2}.kill`;
    const known = await run(same, ends);
    expect(known.attempts).to.have.length(1);
    const { processes, bytesWritten, violations } = await run(same);
    expect(known).to.include({ processes, bytesWritten });
    expect(violations).to.deep.equal([]);
    expect((await run(`small:1:d${appended + 1}.kill`, ends)).attempts).to.have.length(2);
  });

  it("is of no state that the next process could tell from this one", async () => {
    await installation.reset();
    const { disk, folder, libraryFolder } = installation;
    const job = join(folder, "state", "jobs", "1");
    const removed = join(job, "removed");
    const hashes = [installation.stateHash()];
    disk.makeFolder(job);
    hashes.push(installation.stateHash());
    writeFileSync(join(job, "fold.sqlite"), "");
    hashes.push(installation.stateHash());
    for (const content of ["a", "b"]) {
      writeFileSync(removed, content);
      disk.remove(removed);
      hashes.push(installation.stateHash());
    }
    expect(new Set(hashes)).to.have.property("size", hashes.length);
    writeFileSync(join(libraryFolder, "faults.json"), "{}");
    expect(installation.stateHash()).to.equal(hashes.at(-1));
  });

  it("is nothing where less was proved than is asked for", () => {
    const ends = new KnownEnds();
    const state = "1 1 of another job";
    ends.put(state, "checks", { processes: 1, bytesWritten: 0 });
    expect(ends.get(state, "restore")).to.equal(undefined);
    expect(ends.get(state, "checks")).to.include({ processes: 1 });
  });
});
