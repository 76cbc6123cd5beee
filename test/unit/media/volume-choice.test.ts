// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { chooseVolumes, judgeVolume } from "../../../lib/media/volume-choice.ts";
import type { VolumeCandidate, VolumeWish } from "../../../lib/media/volume-choice.ts";
import { anyMedia, cartridge, job, media, volume } from "./media.ts";

const tags = (candidates: readonly VolumeCandidate[]): string[] =>
  candidates.map(({ volume: { volumeTag }, relabel }) => (relabel ? `${volumeTag} anew` : volumeTag));

const all = new Set(["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"]);
const wish: VolumeWish = { pool: "p", mediaSet: "s1", recordSizeBytes: 524288, present: all };

describe("choice of a volume to write", () => {
  it("goes on with the set, then takes empty ones, then what has expired, the oldest first", () => {
    const known = media(
      [
        volume("A", "full", { labelledAtMs: 9, mediaSet: "s0" }),
        volume("B", "empty"),
        volume("C", "appendable", { mediaSet: "s1", setNumber: 2 }),
        volume("D", "full", { labelledAtMs: 8, mediaSet: "s1" }),
        volume("E", "empty", { recordSizeBytes: 524288 }),
        volume("F", "appendable", { mediaSet: "s1", setNumber: 1 }),
        volume("G", "appendable", { mediaSet: "s0", labelledAtMs: 10 }),
        volume("H", "empty", { pool: "q" }),
      ],
      [job("1", { expiredAtMs: 5 }), job("2", { status: "cancelled" })],
      { A: ["1"], D: ["2"], G: ["1"] },
    );
    const { candidates, absent, refused } = chooseVolumes(known, wish);
    expect(tags(candidates)).to.deep.equal(["F", "C", "B", "E", "D anew", "A anew", "G anew"]);
    expect([absent, refused]).to.deep.equal([[], []]);
  });

  it("without a set takes any volume of the pool that has room", () => {
    const known = media([volume("A", "appendable", { mediaSet: "s0" }), volume("B", "empty")]);
    const { candidates } = chooseVolumes(known, { pool: "p", present: all });
    expect(tags(candidates)).to.deep.equal(["A", "B"]);
  });

  it("says which would do if they were in the library", () => {
    const known = media([volume("A", "empty"), volume("B", "appendable", { mediaSet: "s1" }), volume("C", "empty")]);
    const { candidates, absent } = chooseVolumes(known, { ...wish, present: new Set(["C"]) });
    expect([tags(candidates), tags(absent)]).to.deep.equal([["C"], ["B", "A"]]);
  });

  it("says of every other one why it will not do", () => {
    const kept = ["1", "2"].map((jobId) => job(jobId));
    const known = media(
      [
        volume("A", "damaged"),
        volume("B", "altered"),
        volume("C", "retired"),
        volume("D", "inUse", { lastJobId: "3" }),
        volume("E", "full"),
        volume("F", "appendable", { mediaSet: "s0" }),
        volume("G", "empty", { recordSizeBytes: 16384 }),
        volume("H", "appendable", { mediaSet: "s1", recordSizeBytes: 16384, lastJobId: "7" }),
      ],
      kept,
      { E: ["1"], F: ["2", "1"] },
    );
    expect(reasons(known)).to.deep.equal([
      ["A", "a write on it has failed"],
      ["B", "it does not hold any more what was written on it"],
      ["C", "it was taken out of use"],
      ["D", "job 3 is writing it"],
      ["E", "it is full, and job 1 on it is not expired"],
      ["F", "it belongs to another media set, and jobs 1, 2 on it are not expired"],
      [
        "G",
        "its records have 16384 bytes, not 524288, and nothing was written on it yet: label it anew to change that",
      ],
      ["H", "its records have 16384 bytes, not 524288, and job 7 on it is not expired"],
    ]);
  });

  it("says what is wrong with a cartridge", () => {
    const known = media(
      ["A", "B", "C", "D", "E"].map((tag) => volume(tag, tag === "E" ? "full" : "empty")),
      [],
      {},
      [
        cartridge("A", { kind: "foreign" }),
        cartridge("B", { kind: "cleaning" }),
        cartridge("C", { writeProtected: true }),
        cartridge("D", { location: { kind: "vault", name: "bank" } }),
        cartridge("E", { worm: true }),
      ],
    );
    expect(reasons(known)).to.deep.equal([
      ["A", "it was seen with another product's label or data"],
      ["B", "it is a cleaning cartridge"],
      ["C", "it is write protected"],
      ["D", "it is in the vault bank"],
      ["E", "it is full, and it can be written only once (WORM)"],
    ]);
  });

  it("appends to WORM cartridges", () => {
    const known = media([volume("A", "appendable", { mediaSet: "s1" }), volume("B", "empty")], [], {}, [
      cartridge("A", { worm: true }),
      cartridge("B", { worm: true }),
    ]);
    expect(tags(chooseVolumes(known, wish).candidates)).to.deep.equal(["A", "B"]);
  });

  const reasons = (known: Parameters<typeof chooseVolumes>[0]): [string, string][] =>
    chooseVolumes(known, wish).refused.map(({ volume: { volumeTag }, reason }) => [volumeTag, reason]);
});

describe("choice of a volume, whatever the media are like,", () => {
  const anyWish = fc.record(
    {
      pool: fc.constantFrom("p", "q"),
      mediaSet: fc.constantFrom("s1", "s2"),
      recordSizeBytes: fc.constantFrom(16384, 524288),
      present: fc.subarray(["A", "B", "C", "D"]).map((present) => new Set(present)),
    },
    { requiredKeys: ["pool", "present"] },
  ) as fc.Arbitrary<VolumeWish>;

  function everywhere(check: (known: Parameters<typeof chooseVolumes>[0], wanted: VolumeWish) => void): void {
    fc.assert(fc.property(anyMedia, anyWish, check), { numRuns: 2000 });
  }

  it("never writes over a job that is not expired, cancelled or failed, nor over one that nobody knows", () => {
    everywhere((known, wanted) => {
      const { candidates, absent } = chooseVolumes(known, wanted);
      for (const { volume: chosen } of [...candidates, ...absent].filter(({ relabel }) => relabel)) {
        const jobIds = [...known.jobsOnVolume(chosen.volumeUuid), chosen.lastJobId ?? ""];
        for (const jobId of jobIds) {
          const found = known.job(jobId);
          expect(found, `job ${jobId}`).not.to.equal(undefined);
          const isGivenUp = found?.status === "cancelled" || found?.status === "failed";
          const isFinished = found?.status === "complete" || found?.status === "completeWithExceptions";
          expect(isGivenUp || (isFinished && found?.expiredAtMs !== undefined), `job ${jobId}`).to.equal(true);
        }
      }
    });
  });

  it("never offers what cannot or must not be written", () => {
    everywhere((known, wanted) => {
      const { candidates, absent } = chooseVolumes(known, wanted);
      for (const { volume: chosen, relabel } of [...candidates, ...absent]) {
        expect(chosen.state).to.be.oneOf(["empty", "appendable", "full"]);
        expect(chosen.pool).to.equal(wanted.pool);
        const found = known.cartridge(chosen.volumeTag);
        expect(found?.kind).not.to.be.oneOf(["cleaning", "foreign"]);
        expect(found?.location.kind).not.to.equal("vault");
        expect(found?.writeProtected).not.to.equal(true);
        if (relabel) {
          expect(found?.worm).not.to.equal(true);
          continue;
        }
        expect(chosen.state).not.to.equal("full");
        if (wanted.recordSizeBytes !== undefined) expect(chosen.recordSizeBytes).to.equal(wanted.recordSizeBytes);
        if (wanted.mediaSet !== undefined && chosen.state === "appendable") {
          expect(chosen.mediaSet).to.equal(wanted.mediaSet);
        }
      }
    });
  });

  it("offers or refuses every volume of the pool once, and its judgement on one is the same", () => {
    everywhere((known, wanted) => {
      const { candidates, absent, refused } = chooseVolumes(known, wanted);
      const named = [...candidates, ...absent, ...refused].map((each) => each.volume);
      const ofPool = known.volumes.filter(({ pool }) => pool === wanted.pool);
      expect(named.map(({ volumeTag }) => volumeTag).sort()).to.deep.equal(
        ofPool.map(({ volumeTag }) => volumeTag).sort(),
      );
      for (const each of candidates) expect(wanted.present.has(each.volume.volumeTag)).to.equal(true);
      for (const each of absent) expect(wanted.present.has(each.volume.volumeTag)).to.equal(false);
      const usable = new Set([...candidates, ...absent].map((each) => each.volume));
      for (const each of named) {
        expect(judgeVolume(each, known, wanted).kind === "usable").to.equal(usable.has(each));
      }
    });
  });
});
