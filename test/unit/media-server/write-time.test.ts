// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { WriteTime } from "../../../lib/media-server/write-time.ts";
import { noTime, sumOfTimes, timeBetween, waitOf } from "../../../lib/protocol/job-time.ts";

describe("the time of a session that writes", () => {
  it("counts what was waited for, and what is being waited for now", () => {
    let nowMs = 1000;
    const time = new WriteTime(() => nowMs);
    nowMs += 50;
    const onMedium = time.begin("syncMs");
    nowMs += 3000;
    expect(time.upToNow()).to.deep.equal({ ...noTime, totalMs: 3050, syncMs: 3000 });
    onMedium();
    const onDisk = time.begin("catalogMs");
    nowMs += 7;
    onDisk();
    nowMs += 100;
    expect(time.upToNow()).to.deep.equal({ ...noTime, totalMs: 3157, syncMs: 3000, catalogMs: 7 });
  });

  it("adds what the writers of several volumes counted; the ring is theirs together", () => {
    const time = new WriteTime(() => 0);
    time.writerEnds({ waitingForRingUs: 4_000n, waitingForDriveUs: 20_000n, ringFullUs: 9_000n });
    const { driveMs, ringFullMs, sourceMs } = time.upToNow({
      waitingForRingUs: 1_000n,
      waitingForDriveUs: 2_400n,
      ringFullUs: 11_000n,
    });
    expect({ driveMs, ringFullMs, sourceMs }).to.deep.equal({ driveMs: 22, ringFullMs: 11, sourceMs: 5 });
  });

  it("is no shorter for a clock that was set back", () => {
    let nowMs = 5000;
    const time = new WriteTime(() => nowMs);
    const onMedium = time.begin("syncMs");
    nowMs = 10;
    onMedium();
    expect(time.upToNow()).to.deep.equal(noTime);
  });
});

describe("what a job waits for", () => {
  const before = { ...noTime, totalMs: 1000, sourceMs: 900, driveMs: 50 };

  it("is what took half of the time since the last report", () => {
    const after = sumOfTimes(before, { ...noTime, totalMs: 500, sourceMs: 100, driveMs: 300 });
    expect(waitOf(timeBetween(before, after))).to.equal("drive");
    expect(waitOf(before)).to.equal("source");
    expect(waitOf(timeBetween(before, sumOfTimes(before, { ...noTime, totalMs: 500, syncMs: 260 })))).to.equal("sync");
  });

  it("is nothing where a drive is waited for, or no time has passed", () => {
    expect(waitOf(timeBetween(before, { ...before, totalMs: 2000 }))).to.equal(undefined);
    expect(waitOf(noTime)).to.equal(undefined);
  });
});
