// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { sourceVerdict, verdict } from "../../../lib/media-server/bench-verdict.ts";
import type { SourceStretch } from "../../../lib/media-server/bench-verdict.ts";
import type { DriveBench } from "../../../lib/media-server/drive-bench.ts";
import { RateOverTime } from "../../../lib/media-server/rate-over-time.ts";
import type { Stretch } from "../../../lib/media-server/sample-stream.ts";

const second = 1_000_000;
const megabyte = 1_000_000;
const recordSizeBytes = 500_000;
const lto9 = { slowestMegabytesPerSecond: 177, fastestMegabytesPerSecond: 408 };

/** Ten seconds at a rate; WRITEs that do not wait take `quickUs`. */
function stretch(megabytesPerSecond: number, quickUs: number, inCommandsUs = 10 * second): Stretch {
  const bytes = BigInt(megabytesPerSecond * 10 * megabyte);
  const rate = new RateOverTime();
  rate.add(0, 10 * second, bytes);
  return {
    recordSizeBytes,
    bytes,
    writingUs: 10 * second,
    inCommandsUs,
    synchronisingUs: 3 * second,
    quickUs,
    longestUs: 10 * quickUs,
    longWrites: 0,
    ended: "time",
    intervals: rate.intervals(),
  };
}

function bench(stream: Stretch, more: Partial<DriveBench> = {}): DriveBench {
  return {
    drive: { densityCode: 0x60, speedMatching: lto9, bufferBytes: 500_000_000n, largestRecordBytes: 8 << 20 },
    recordSizes: [],
    bestRecordSizeBytes: recordSizeBytes,
    stream,
    synchronous: { behindRecordUs: 3 * second, behindStreamUs: 3 * second, emptyUs: 100 },
    counted: {},
    ...more,
  };
}

const words = ({ sentences }: { readonly sentences: readonly string[] }): string => sentences.join(" ");

describe("verdict of a measured drive", () => {
  it("at its full speed the drive is the limit", () => {
    const found = verdict(bench(stretch(400, 1200)));
    expect(found).to.include({ limit: "drive", streams: true });
    expect(words(found)).to.include("400 MB/s on the tape is its full speed");
  });

  it("does not believe in more than that", () => {
    const found = verdict(bench(stretch(700, 500)));
    expect(found.limit).to.equal("drive");
    expect(words(found)).to.include("more than any drive of this kind writes").and.to.not.include("full speed");
  });

  it("WRITEs that all take what their way takes say that the way is the limit", () => {
    const found = verdict(bench(stretch(250, 2000)));
    expect(found).to.include({ limit: "transport", streams: true });
    expect(words(found)).to.include("enough to keep it running").and.to.include("link itself");
    const slow = verdict(bench(stretch(100, 5000)));
    expect(slow).to.include({ limit: "transport", streams: false });
    expect(words(slow)).to.include("stop and go back again and again");
  });

  it("the largest record that was the fastest says that each command costs much", () => {
    const small = { ...stretch(100, 2000), recordSizeBytes: recordSizeBytes / 2 };
    const found = verdict(bench(stretch(250, 2000), { recordSizes: [small, stretch(250, 2000)] }));
    expect(words(found)).to.include("Set tape.recordSize to it").and.to.not.include("not carried");
    const refused = bench(stretch(250, 2000), {
      recordSizes: [small, stretch(250, 2000)],
      refusedRecordSizeBytes: 2 * recordSizeBytes,
    });
    expect(words(verdict(refused))).to.include("Larger records are not carried");
  });

  it("WRITEs that wait for a drive that is slower than it can be say that it is not well", () => {
    const found = verdict(bench(stretch(100, 500), { counted: { writeRetries: 70n } }));
    expect(found.limit).to.equal("drive");
    expect(found).to.not.have.any.keys("streams");
    expect(words(found)).to.include("clean it").and.to.include("70 times again");
  });

  it("time between commands is this host's", () => {
    const found = verdict(bench(stretch(200, 1000, 5 * second)));
    expect(found).to.include({ limit: "program", streams: true });
    expect(words(found)).to.include("50 % of the time");
  });

  it("a drive that had to stop is not the limit, however long WRITEs waited for it", () => {
    const found = verdict(bench(stretch(100, 500), { counted: { suspendedWrites: 12n } }));
    expect(found).to.include({ limit: "transport", streams: false });
    expect(words(found)).to.include("counted 12 (suspended writes, page 30h)");
    const servo = verdict(bench(stretch(300, 2000), { counted: { writeServoErrors: 2n } }));
    expect(words(servo)).to.include("counted 2 (servo errors or suspended writes, page 17h)");
  });

  it("counts what compression leaves, and says nothing of speeds that it does not know", () => {
    const packed = { counted: { receivedBytes: 1000n, toMediumBytes: 500n } };
    expect(verdict(bench(stretch(800, 600), packed)).limit).to.equal("drive");
    const unknown = { densityCode: 0x5c, largestRecordBytes: 1 << 20 };
    const found = verdict(bench(stretch(250, 2000), { drive: unknown }));
    expect(found.limit).to.equal("transport");
    expect(found).to.not.have.any.keys("streams");
    expect(words(found)).to.include("says between which speeds");
    expect(verdict(bench(stretch(250, 500), { drive: unknown }))).to.include({ limit: "drive", streams: true });
  });

  it("claims nothing of what its buffer took, nor of what was not measured", () => {
    const found = verdict(bench(stretch(80, 1000)));
    expect(found.limit).to.equal("unproved");
    expect(words(found)).to.include("buffer of 500 MB").and.to.not.include("on the tape");
    const { stream: _, ...nothing } = bench(stretch(80, 1000));
    expect(words(verdict(nothing))).to.include("nothing is proved");
  });
});

describe("verdict of a source", () => {
  const ringBytes = 100 * megabyte;
  const source = (megabytesPerSecond: number, waitingForRingUs: number): SourceStretch => ({
    bytes: BigInt(megabytesPerSecond * 10 * megabyte),
    objects: 1000n,
    writingUs: 10 * second,
    synchronisingUs: 3 * second,
    waitingForRingUs,
    waitingForDriveUs: 10 * second - waitingForRingUs,
    ringBytes,
  });
  const full = bench(stretch(400, 1200));

  it("keeps up where there is always something to write", () => {
    expect(sourceVerdict(full, source(395, second / 10))).to.include({ streams: true, limit: "drive" });
  });

  it("is the limit where the drive waits for files, and stops it where they are too few", () => {
    const slow = sourceVerdict(full, source(35, 9 * second));
    expect(slow).to.include({ streams: false, limit: "source" });
    expect(words(slow)).to.include("35 MB/s from the files, 400 MB/s of generated data").and.to.include("90 %");
    const enough = sourceVerdict(full, source(250, 4 * second));
    expect(enough).to.include({ streams: true, limit: "source" });
    expect(words(enough)).to.include("keeps running");
  });

  it("claims nothing of what the ring took, nor in simulated time", () => {
    expect(sourceVerdict(full, source(15, second)).limit).to.equal("unproved");
    const { waitingForRingUs: _, ...simulated } = source(300, 0);
    expect(words(sourceVerdict(full, simulated))).to.include("simulated time");
  });
});
