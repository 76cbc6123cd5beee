// SPDX-License-Identifier: Apache-2.0
/** What a drive that reads can meet, by rows of the fault catalogue: in a restore, a verification and a copy. */
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { compareTrees } from "../../scripts/compare-trees.ts";
import { Noise } from "../../scripts/make-tree.ts";
import { labelBytes, labelObjects } from "../../lib/format/volume-label.ts";
import type { SimulatedFault, SimulatedFaultEffect } from "../../lib/native/simulated-faults.ts";
import { FaultyJob, kindsOf } from "./faulty-job.ts";
import type { JobEvent } from "./faulty-job.ts";
import { below } from "./restored.ts";

interface Read extends JobEvent {
  readonly damagedCount?: number;
  readonly damaged?: readonly { readonly path: string }[];
  readonly unreadable?: readonly { readonly volumeTag: string; readonly firstBlock: number; readonly blocks: number }[];
}
interface Verified {
  readonly verified: readonly Read[];
}

const recordBytes = 16384;
const sense = (key: number, asc: number, ascq: number) => ({ sense: { key, asc, ascq } });
const readError = sense(3, 0x11, 0);

describe("a drive that meets something while it reads", function () {
  this.timeout(120_000);
  let job: FaultyJob;
  /** A block in the middle of the large file. */
  let block: number;

  before(async () => {
    job = await new FaultyJob().make();
    await job.backUp();
    const tape = readFileSync(join(job.installation.libraryFolder, "media", "TMK001L9.tape"));
    const middle = new Noise(3).bytes(2 * 2 ** 20).subarray(2 ** 20, 2 ** 20 + 64);
    block = Number(labelObjects) + Math.floor((tape.indexOf(middle) - Number(labelBytes)) / recordBytes);
  });
  after(() => job.remove());
  afterEach(() => job.inject());

  const atBlock = (unit: SimulatedFault["unit"], effect: SimulatedFaultEffect, times: number | "always") =>
    ({
      ...(unit === undefined ? {} : { unit }),
      when: { volume: "TMK001L9", object: block, lastObject: block },
      effect,
      times,
    }) as const;

  async function restore(): Promise<{ code: number; error: string; target: string; end: Read; kinds: unknown }> {
    const target = mkdtempSync(join(job.installation.folder, "restored-"));
    const { code, error, events } = await job.run("restore", "--job", "1", "--to", target);
    return { code, error, target, end: events.at(-1) as Read, kinds: kindsOf(events) };
  }

  const holderOf = async (): Promise<number> =>
    (await job.drives()).findIndex(({ volumeTag }) => volumeTag === "TMK001L9");

  const differencesIn = (target: string): readonly string[] =>
    compareTrees(Buffer.from(job.source), Buffer.from(below(target, job.source))).differences;

  const passing: readonly (readonly [title: string, fault: () => SimulatedFault])[] = [
    ["R5 a read error that is gone when the block is tried again", () => atBlock("drive", readError, 1)],
    [
      "R9 a decompression error that is gone when the block is tried again",
      () => atBlock("drive", sense(4, 0x11, 0x0d), 1),
    ],
    [
      "U2 a reset",
      () => ({ unit: "drive", when: { operation: "READ(6)", count: 60 }, effect: { unitAttention: [0x29, 0] } }),
    ],
    [
      "T2 an unknown outcome",
      () => ({ unit: "drive", when: { operation: "READ(6)", count: 90 }, effect: { hostStatus: 8 } }),
    ],
    [
      "R6 a LOCATE that fails once",
      () => ({ unit: "drive", when: { operation: "LOCATE(16)" }, effect: sense(3, 0x3b, 0) }),
    ],
  ];
  for (const [title, fault] of passing) {
    it(`${title}: all is restored`, async () => {
      job.inject(fault());
      const { code, error, target } = await restore();
      expect(code, error).to.equal(0);
      expect(differencesIn(target)).to.deep.equal([]);
      expect((await job.drives()).every(({ state }) => state === "inService")).to.equal(true);
    });
  }

  it("R5 a bad spot: everything but the file that it lies in is restored, and that one and the block are named", async () => {
    job.inject(atBlock(undefined, readError, "always"));
    const { code, end, target } = await restore();
    expect(code).to.equal(3);
    expect(end.damaged?.map(({ path }) => `/${path}`.replace("//", "/"))).to.deep.equal([join(job.source, "b-large")]);
    expect(end.unreadable).to.have.length(1);
    expect(end.unreadable?.[0]).to.include({ volumeTag: "TMK001L9", firstBlock: block, blocks: 1 });
    const differences = differencesIn(target);
    expect(differences.length).to.be.greaterThan(0);
    expect(
      differences.every((each) => each.includes("b-large")),
      differences.join("\n"),
    ).to.equal(true);
  });

  it("R5 a bad spot: a verification names the block and the file", async () => {
    job.inject(atBlock(undefined, readError, "always"));
    const { code, events } = await job.run("job", "verify", "1");
    const [end] = (events.at(-1) as unknown as Verified).verified;
    expect(code).to.equal(3);
    expect(end?.damagedCount).to.equal(1);
    expect(end?.unreadable).to.have.length(1);
    expect(end?.unreadable?.[0]).to.include({ volumeTag: "TMK001L9", firstBlock: block, blocks: 1 });
  });

  it("R8 a block that cannot be decrypted is not tried again", async () => {
    job.inject(atBlock(undefined, sense(7, 0x74, 0x02), 1));
    const { code, error } = await restore();
    expect(code).to.equal(6);
    expect(error).to.include("7/74/02");
  });

  it("R5 a read error of the one drive: the other one reads it", async () => {
    const holder = await holderOf();
    job.inject(atBlock(`drive-${holder}`, readError, "always"));
    const { code, error, target } = await restore();
    expect(code, error).to.equal(0);
    expect(differencesIn(target)).to.deep.equal([]);
    expect(await holderOf()).to.equal(1 - holder);
    expect((await job.drives()).every(({ state }) => state === "inService")).to.equal(true);
  });

  it("W6 the drive fails: it goes out of service, and the other one restores the rest", async () => {
    const holder = await holderOf();
    const late = { operation: "READ(6)", count: 40 };
    job.inject({ unit: `drive-${holder}`, when: late, effect: sense(4, 0x44, 0), times: "always" });
    const { code, error, target } = await restore();
    expect(code, error).to.equal(0);
    expect(differencesIn(target)).to.deep.equal([]);
    expect((await job.drives()).map(({ state }) => state === "outOfService")).to.deep.equal([
      holder === 0,
      holder === 1,
    ]);
    await job.installation.succeed("library", "enable", `${holder}`);
  });

  it("R5 a bad spot under a copy: it stops there, says so, and goes on once the block can be read", async () => {
    await job.installation.succeed("volume", "label", "TMK003L9", "--pool", "second", "--yes");
    job.inject(atBlock(undefined, readError, "always"));
    const { code, error } = await job.run("job", "copy", "1", "--pool", "second");
    expect(code).to.equal(6);
    expect(error).to.include(`read of block ${block} of TMK001L9`).and.to.include("tidemark job verify 1");
    job.inject(atBlock("drive", readError, 1));
    expect((await job.run("job", "resume", "2")).code).to.equal(0);
    const verified = await job.installation.json<Verified>("job", "verify", "2");
    expect(verified.verified.map(({ damagedCount }) => damagedCount)).to.deep.equal([0]);
  });
});
