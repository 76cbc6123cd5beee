// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { chooseMediaSet, currentSet, nextSetNumber } from "../../../lib/media/media-set.ts";
import type { AllocationPolicy, MediaSetEntry } from "../../../lib/protocol/media-set.ts";
import { volume } from "./media.ts";

const set = (uuid: string, fields: Partial<MediaSetEntry> = {}): MediaSetEntry => ({
  uuid,
  pool: "p",
  createdAtMs: 1000,
  ...fields,
});

describe("choice of a media set", () => {
  const choose = (
    allocation: AllocationPolicy,
    sets: readonly MediaSetEntry[],
    nowMs = 5000,
    unfinished: readonly string[] = [],
  ): [string | undefined, string[]] => {
    const choice = chooseMediaSet({ pool: "p", allocation, sets, nowMs, unfinished: new Set(unfinished) });
    return [choice.set?.uuid, choice.closes.map(({ uuid }) => uuid)];
  };
  const others = [set("q1", { pool: "q" }), set("s0", { closedAtMs: 900 })];

  it("begins one where the pool has none that is open", () => {
    for (const allocation of [{ kind: "continue" }, { kind: "newSet" }, { kind: "period", periodMs: 9 }] as const) {
      expect(choose(allocation, others)).to.deep.equal([undefined, []]);
    }
  });

  it("continue: goes on with the newest, and closes what is left open before it", () => {
    expect(choose({ kind: "continue" }, [...others, set("s1"), set("s2")])).to.deep.equal(["s2", ["s1"]]);
  });

  it("newSet: begins one for every job; that of an unfinished job stays open", () => {
    expect(choose({ kind: "newSet" }, [...others, set("s1"), set("s2")], 5000, ["s2"])).to.deep.equal([
      undefined,
      ["s1"],
    ]);
  });

  it("period: begins one when the current one is as old as the period", () => {
    const period = { kind: "period", periodMs: 100 } as const;
    expect(choose(period, [set("s1")], 1099)).to.deep.equal(["s1", []]);
    expect(choose(period, [set("s1")], 1100)).to.deep.equal([undefined, ["s1"]]);
    expect(choose(period, [set("s1")], 1100, ["s1"])).to.deep.equal([undefined, []]);
    expect(choose(period, [set("s1")], 500), "a clock that was put back").to.deep.equal(["s1", []]);
  });

  it("numbers the volumes of a set on, past gaps", () => {
    const volumes = [
      volume("A", "full", { mediaSet: "s1", setNumber: 1 }),
      volume("B", "full", { mediaSet: "s1", setNumber: 4 }),
      volume("C", "full", { mediaSet: "s2", setNumber: 9 }),
      volume("D", "empty"),
    ];
    expect(["s1", "s2", "s3"].map((uuid) => nextSetNumber(volumes, uuid))).to.deep.equal([5, 10, 1]);
    expect(currentSet([...others, set("s1"), set("s2", { closedAtMs: 2 })], "p")?.uuid).to.equal("s1");
  });
});
