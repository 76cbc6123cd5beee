// SPDX-License-Identifier: Apache-2.0
/** The checkers find what they are there for: each test spoils one thing of a good job. */
import { expect } from "chai";
import { checkFinished, checkInterrupted } from "./checker.ts";
import { MadeJob } from "./made-job.ts";

describe("checkers", function () {
  this.timeout(60_000);
  const made = new MadeJob();

  before(() => made.make());
  after(() => made.remove());

  it("a good job has no violations", async () => {
    const { job } = made.copy();
    expect(await checkInterrupted(job)).to.deep.equal([]);
    expect(checkFinished(job)).to.deep.equal([]);
  });
});
