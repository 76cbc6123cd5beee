// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { casesNotRun, resultTable } from "../conformance/results.ts";
import type { CaseResult } from "../conformance/results.ts";

const results: readonly CaseResult[] = [
  { transport: "simulated", name: "reads", outcome: "passed" },
  { transport: "simulated", name: "finds a block", outcome: "passed" },
  { transport: "iscsi", name: "reads", outcome: "failed" },
  { transport: "iscsi", name: "finds a block", outcome: "skipped", lacks: "LOCATE" },
];

describe("table of the conformance suite", () => {
  it("has a row for each case and a column for each transport, and names what is missing", () => {
    expect(resultTable(results)).to.equal(
      [
        "case           simulated  iscsi",
        "-------------  ---------  ---------",
        "reads          passed     failed",
        "finds a block  passed     no LOCATE",
      ].join("\n"),
    );
    expect(casesNotRun(results)).to.equal(0);
  });

  it("does not pass over a case that never ran", () => {
    const brokenOff = results.slice(0, 3);
    expect(resultTable(brokenOff)).to.match(/^finds a block {2}passed {5}not run$/m);
    expect(casesNotRun(brokenOff)).to.equal(1);
  });
});
