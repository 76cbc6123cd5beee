// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import {
  allocationText,
  durationText,
  locationText,
  poolJobsText,
  retentionText,
  useText,
  verdictText,
} from "../../../lib/cli/media-text.ts";
import { rangesText } from "../../../lib/cli/media-set.ts";

describe("text of pools and media sets", () => {
  it("says policies as the configuration does", () => {
    expect(allocationText({ kind: "continue" })).to.equal("continue");
    expect(allocationText({ kind: "newSet" })).to.equal("new set");
    expect(allocationText({ kind: "period", periodMs: 7 * 86_400_000 })).to.equal("every 7 days");
    expect(retentionText(undefined)).to.equal("everything");
    expect(retentionText({ keepLast: 3, keepDaily: 7, keepWeekly: 4, keepMonthly: 12, keepYearly: 5 })).to.equal(
      "3 last, 7 daily, 4 weekly, 12 monthly, 5 yearly",
    );
    expect(retentionText({ keepMonthly: 1 })).to.equal("1 monthly");
  });

  it("says times in the largest unit that fits", () => {
    const texts = [86_400_000, 90_000_000, 60_000, 61_000, 1500].map(durationText);
    expect(texts).to.deep.equal(["1 day", "25 hours", "1 minute", "61 seconds", "1500 ms"]);
  });

  it("says where a cartridge is and how it can be written", () => {
    expect(locationText(undefined)).to.equal("not seen yet");
    expect(locationText({ kind: "library", elementAddress: 1001 })).to.equal("library, element 1001");
    expect(locationText({ kind: "library" })).to.equal("library");
    expect(locationText({ kind: "vault", name: "bank" })).to.equal("vault bank");
    expect(locationText({ kind: "outside" })).to.equal("outside the library");
    expect(useText({ use: "relabel" })).to.equal("anew: everything on it has expired");
    expect(useText({ refusal: "it is full" })).to.equal("no: it is full");
    expect(useText({})).to.equal("no: no label");
  });

  it("says what becomes of a job, and where it comes from", () => {
    const verdicts = [
      undefined,
      { kind: "kept", rule: "forever" },
      { kind: "kept", rule: "weekly" },
      { kind: "expires" },
      { kind: "expired", atMs: 5 },
    ] as const;
    expect(verdicts.map(verdictText)).to.deep.equal(["-", "kept", "kept: weekly", "would expire", "expired"]);
    const job = { jobId: "7", status: "complete", startedAtMs: 0, sources: [Buffer.from("/a\nb")] } as const;
    const text = poolJobsText([
      { ...job, parentJobId: "3" },
      { ...job, copyOfJobId: "4" },
    ]);
    expect(text).to.include("complete, part of 3").and.include("complete, copy of 4").and.include("/a\\nb");
  });

  it("says tape files as ranges", () => {
    expect(rangesText([5, 1, 2, 3, 9, 8])).to.equal("1-3,5,8-9");
    expect(rangesText([])).to.equal("");
  });
});
