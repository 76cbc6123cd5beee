// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { chooseStream } from "../../../lib/media/stream-choice.ts";
import type { RecordedStream } from "../../../lib/media/stream-choice.ts";
import type { Segment } from "../../../lib/protocol/tape.ts";
import type { VolumeState } from "../../../lib/protocol/volume.ts";

const recorded = (jobId: string, ...tags: readonly string[]): RecordedStream => ({
  jobId,
  segments: tags.map((volumeTag, index): Segment => ({
    segment: index + 1,
    epoch: 1,
    volumeUuid: `uuid-${volumeTag}`,
    volumeTag,
    tapeFile: 1,
    headBlock: 3n,
    firstDataBlock: 4n,
    streamStart: 0n,
  })),
});

describe("which recording of a stream is read", () => {
  const original = recorded("1", "A", "B");
  const copy = recorded("2", "C");
  const choose = (present: string, states: Readonly<Record<string, VolumeState>> = {}, streams = [original, copy]) =>
    chooseStream(streams, {
      stateOf: (uuid) => states[uuid.slice("uuid-".length)] ?? "full",
      isPresent: (tag) => present.includes(tag),
    })?.jobId;

  it("the original where all of its cartridges are at hand and good", () => {
    expect(choose("ABC")).to.equal("1");
  });
  it("a copy where one of the original's is missing", () => {
    expect(choose("AC")).to.equal("2");
  });
  it("a copy where one of the original's is damaged or altered", () => {
    expect(choose("ABC", { B: "damaged" })).to.equal("2");
    expect(choose("ABC", { A: "altered" })).to.equal("2");
  });
  it("the good one that a person can bring, rather than the damaged one that is there", () => {
    expect(choose("AB", { A: "damaged" })).to.equal("2");
  });
  it("the original where nothing is better", () => {
    expect(choose("")).to.equal("1");
    expect(choose("", { A: "damaged", C: "altered" })).to.equal("1");
  });
  it("the copy where the original was written over", () => {
    expect(choose("", {}, [recorded("1"), copy])).to.equal("2");
    expect(choose("ABC", {}, [])).to.equal(undefined);
  });
});
