// SPDX-License-Identifier: Apache-2.0
/** What the crash matrix finds is told, also where it is found in passing. */
import { expect } from "chai";
import { repeated } from "../../scripts/crash-matrix-run.ts";
import { CourseRun } from "./course.ts";
import { parseFault } from "./fault-text.ts";
import { Simulator } from "./simulator.ts";
import type { Outcome } from "./simulator.ts";

const outcome: Outcome = { text: "x", kind: "k", violations: [], bytesWrittenAgain: 0, processes: 1, hash: "a" };

describe("the crash matrix", function () {
  this.timeout(60_000);

  it("has a violation where a course's repetition has another trace hash", () => {
    expect(repeated(outcome, "a").violations).to.deep.equal([]);
    expect(repeated(outcome, "b").violations).to.have.length(1);
    expect(repeated(outcome, undefined).violations).to.have.length(1);
  });

  for (const number of [1, 2]) {
    it(`tells what goes wrong in process ${number} of a course that is to have a second fault`, async () => {
      const { attempt } = CourseRun.prototype;
      const small = new Simulator("small");
      await small.usual();
      const outcomes: Outcome[] = [];
      let attempts = 0;
      try {
        CourseRun.prototype.attempt = async function (faults) {
          if (++attempts === number) this.violations.push("wrong");
          return attempt.call(this, faults);
        };
        for await (const each of small.doubles(1, parseFault("c100.kill"), 4)) outcomes.push(each);
        attempts = 0;
        const state = await small.stateAfter(1, parseFault("c100.kill"));
        expect(state).to.not.equal(undefined);
      } finally {
        CourseRun.prototype.attempt = attempt;
        small.close();
      }
      expect(outcomes.map(({ text, violations }) => [text, violations[0]])).to.deep.equal([
        ["small:1:c100.kill", "wrong"],
      ]);
    });
  }
});
