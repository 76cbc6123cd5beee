// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { durationText, jobTimeText } from "../../../lib/cli/job-time-text.ts";
import { noTime } from "../../../lib/protocol/job-time.ts";

describe("where a job's time went", () => {
  it("is told in parts of the whole, and what is in none of them is told too", () => {
    const time = {
      totalMs: 200_000,
      sourceMs: 20_000,
      driveMs: 100_000,
      syncMs: 30_000,
      catalogMs: 500,
      ringFullMs: 90_000,
    };
    expect(
      jobTimeText(time)
        .split("\n")
        .map((line) => line.replaceAll(/ {2,}/g, " ")),
    ).to.deep.equal([
      "time: 3 min",
      " waiting for the source 20.0 s (10 %)",
      " drive takes data 2 min (50 %)",
      " syncs on tape 30.0 s (15 %)",
      " syncs of the catalog 0.5 s (0 %)",
      " all else 49.5 s (25 %)",
      " meanwhile: ring full 2 min (45 %)",
    ]);
    expect(jobTimeText(noTime)).to.equal("");
  });

  it("is told in hours where it is long", () => {
    expect([999, 59_949, 60_000, 3_599_000, 7_260_000].map(durationText)).to.deep.equal([
      "1.0 s",
      "59.9 s",
      "1 min",
      "1 h 0 min",
      "2 h 1 min",
    ]);
  });
});
