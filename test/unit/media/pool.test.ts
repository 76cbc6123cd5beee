// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { writableVolumes } from "../../../lib/media/pool.ts";
import { volumeBytesAt } from "../../../lib/media/volume-bytes.ts";
import type { VolumeEntry, VolumeState } from "../../../lib/protocol/volume.ts";

function volume(volumeTag: string, state: VolumeState, fields: Partial<VolumeEntry> = {}): VolumeEntry {
  return {
    volumeUuid: volumeTag,
    volumeTag,
    pool: "default",
    state,
    recordSizeBytes: 524288,
    labelBytes: 10320n,
    endPosition: 3n,
    bytes: 10320n,
    tapeFiles: 1,
    labelledAtMs: 0,
    ...fields,
  };
}

describe("choice of a volume to write", () => {
  const all = [
    volume("C", "empty"),
    volume("B", "empty"),
    volume("D", "appendable"),
    volume("E", "full"),
    volume("F", "inUse"),
    volume("G", "empty", { pool: "other" }),
    volume("H", "empty", { recordSizeBytes: 16384 }),
    volume("I", "altered"),
  ];
  const present = new Set(all.map(({ volumeTag }) => volumeTag));

  it("fills begun cartridges first, then empty ones by barcode; never full, altered or another job's", () => {
    const chosen = writableVolumes(all, { pool: "default", recordSizeBytes: 524288, present });
    expect(chosen.map(({ volumeTag }) => volumeTag)).to.deep.equal(["D", "B", "C"]);
  });

  it("takes only what is in the library", () => {
    expect(
      writableVolumes(all, { pool: "default", present: new Set(["C"]) }).map(({ volumeTag }) => volumeTag),
    ).to.deep.equal(["C"]);
  });
});

describe("bytes on a volume", () => {
  const identity = {
    volumeUuid: "u",
    volumeTag: "A",
    pool: "p",
    recordSizeBytes: 16384,
    labelBytes: 10320n,
    labelObjects: 3n,
  };

  it("are the label and whole records; filemarks hold none", () => {
    expect(volumeBytesAt(identity, 3n, 1)).to.equal(10320n);
    // Head, two records, footer, filemark, head.
    expect(volumeBytesAt(identity, 9n, 2)).to.equal(10320n + 5n * 16384n);
  });
});
