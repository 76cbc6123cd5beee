// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { OperatorError, senseError, TransportError } from "../../../lib/errors.ts";
import { boundaryRecord, decideOnTape, partWithVolumes, tagOf } from "../../../lib/job-manager/tape-decision.ts";
import type { MemberAcross, TapeDecision, TapeWish } from "../../../lib/job-manager/tape-decision.ts";
import type { CatalogManager, JobRecords } from "../../../lib/protocol/catalog-manager.ts";
import type { MediaSession } from "../../../lib/protocol/media-server.ts";
import type { TapeFacts } from "../../../lib/protocol/tape.ts";
import * as example from "./tape-of-a-job.ts";

const { block, facts, filemark, head, logged, nothingBefore, records, segment, size, volumeTag, volumeUuid } = example;

/** Decides, and notes what was asked of the others. */
class Decider {
  readonly lost: unknown[] = [];
  readonly verifiedFrom: bigint[] = [];
  proved = 0;
  tape: (verifyFrom: bigint) => TapeFacts = () => facts([]);
  memberAcross: MemberAcross = () => Promise.resolve(undefined);
  footerOf: MediaSession["footerOf"] = unexpectedFooter;
  takeFooter: CatalogManager["takeFooter"] = unexpectedFooter;

  decide(job: JobRecords, wish: TapeWish = {}): Promise<TapeDecision> {
    const applyVolumeLost = (...given: unknown[]): Promise<void> => {
      this.lost.push(given);
      return Promise.resolve();
    };
    const examine = ({ verifyFrom }: { verifyFrom: bigint }): Promise<TapeFacts> => {
      this.verifiedFrom.push(verifyFrom);
      return Promise.resolve().then(() => this.tape(verifyFrom));
    };
    const claimsProved = (): Promise<void> => {
      this.proved += 1;
      return Promise.resolve();
    };
    const { footerOf, takeFooter } = this;
    const catalogManager = { applyVolumeLost, claimsProved, takeFooter };
    return decideOnTape(catalogManager, { examine, footerOf }, job, wish, this.memberAcross);
  }
}

const other = { volumeUuid: "uuid-0", volumeTag: "LTO000L9" };
/** Its first two records lie on an earlier volume. */
const onTwo = (fields: Partial<JobRecords> = {}): JobRecords =>
  records({
    volumes: [other, { volumeUuid, volumeTag }],
    segments: [
      segment({ ...other, streamEnd: 2n * size, ended: "cut", endPosition: 9n }),
      segment({ segment: 2, streamStart: 2n * size }),
    ],
    durableMarks: [
      { volumeUuid: other.volumeUuid, segment: 1, position: 9n, streamOffset: 2n * size, durableBytes: 5n },
      { volumeUuid, segment: 2, position: 6n, streamOffset: 4n * size, durableBytes: 7n, lastDigest: 101n },
    ],
    durableStreamOffset: 4n * size,
    resumableStreamOffset: 4n * size,
    loggedBlocks: [],
    ...fields,
  });

describe("what a resume does with its tape volumes", () => {
  let decider: Decider;
  beforeEach(() => {
    decider = new Decider();
  });

  it("goes on on the last one where it is as it should be", async () => {
    const decision = await decider.decide(records());
    expect(decision).to.include({ streamOffset: 2n * size });
    expect(decision).to.not.have.any.keys("leaves", "alarm", "refusal", "givenUp");
    expect(boundaryRecord(decision)).to.deep.include({ epochOnTape: 0 });
  });

  it("goes on on a new one where none was being written", async () => {
    const { currentVolumeUuid: _none, ...closed } = records();
    const decision = await decider.decide(closed);
    expect(decision.boundary).to.equal(undefined);
    expect(boundaryRecord(decision)).to.equal(undefined);
    expect(decider.verifiedFrom).to.deep.equal([]);
    await partWithVolumes({ leaveVolume: unexpected, raiseAlarm: unexpected, setAside: unexpected }, decision);
  });

  it("goes back before a header set that the boundary cuts, on a volume that it looks at and on one that it leaves", async () => {
    decider.memberAcross = (offset) =>
      Promise.resolve(offset === 2n * size ? { headerOffset: size, dataOffset: 3n * size } : undefined);
    expect((await decider.decide(records())).boundary).to.include({ boundary: 5n, streamOffset: size });
    const left = await decider.decide(records(), { leave: { volumeTag, reason: "it is away" } });
    expect(left).to.include({ streamOffset: size, leaves: "it is away" });
    decider.memberAcross = () => Promise.resolve({ headerOffset: 0n, dataOffset: size });
    expect((await decider.decide(records())).boundary).to.include({ boundary: 6n });
  });

  it("leaves one: its claims stay, nothing is looked at", async () => {
    const decision = await decider.decide(records(), { leave: { volumeTag, reason: "it is away" } });
    expect(decider.verifiedFrom).to.deep.equal([]);
    expect(decider.lost).to.deep.equal([]);
    const { durable, ...rest } = boundaryRecord(decision) ?? { durable: undefined };
    expect(durable).to.include({ position: 6n, streamOffset: 2n * size, lastDigest: 101n });
    expect(rest).to.deep.equal({ epochOnTape: 0, closes: "it is away" });
    const elsewhere = await decider.decide(records(), { leave: { volumeTag: "LTO009L9", reason: "it is away" } });
    expect(elsewhere).to.not.have.property("leaves");
  });

  describe("that are given up", () => {
    it("the last one: goes back to where the stream came onto it, and withdraws its claims", async () => {
      const decision = await decider.decide(onTwo(), { giveUp: volumeTag });
      expect(decision).to.include({ streamOffset: 2n * size, leaves: `${volumeTag} is given up` });
      expect(decider.lost).to.deep.equal([["1", volumeUuid, 0n]]);
      expect(decider.verifiedFrom).to.deep.equal([]);
      expect(boundaryRecord(decision)?.durable).to.include({ volumeUuid, position: 3n, segment: 0 });
    });
    it("an earlier one: leaves the stream alone", async () => {
      decider.tape = () => facts([], { before: { digest: 101n, behindFilemark: false } });
      const decision = await decider.decide(onTwo(), { giveUp: other.volumeTag });
      expect(decision).to.include({ streamOffset: 4n * size });
      expect(decision).to.not.have.property("leaves");
      expect(decision.givenUp).to.deep.equal(other);
      expect(decision.records.segments.map((each) => each.volumeUuid)).to.deep.equal([volumeUuid]);
      expect(decider.lost).to.deep.equal([["1", other.volumeUuid, 0n]]);
    });
    it("an earlier one of a copy: goes back there, for its stream is all that it has", async () => {
      const { settings } = records();
      const copy = onTwo({ settings: { ...settings, copyOfJobId: "7" } });
      const decision = await decider.decide(copy, { giveUp: other.volumeTag });
      expect(decision).to.include({ streamOffset: 0n });
      expect(decision.mark?.volumeUuid).to.equal(other.volumeUuid);
    });
    it("one that it claims nothing on, or not any more: says so", async () => {
      const wish = { giveUp: "LTO009L9" };
      expect(await decider.decide(records(), wish)).to.include({ claimsNothingOn: "LTO009L9" });
      const before = onTwo({ segments: [segment({ segment: 2, streamStart: 2n * size })] });
      expect(await decider.decide(before, { giveUp: other.volumeTag })).to.have.property("claimsNothingOn");
      expect(decider.lost).to.deep.equal([]);
    });
    it("one that holds nothing: goes on where it stood", async () => {
      const decision = await decider.decide(records({ segments: [] }), { giveUp: volumeTag });
      expect(decision).to.include({ streamOffset: 2n * size });
    });
    it("one on which nothing is claimed any more, as the second file knew: goes on where the stream is whole", async () => {
      const without = records({ segments: [], durableMarks: [] });
      const decision = await decider.decide(without, { giveUp: volumeTag });
      expect(decision).to.deep.include({ streamOffset: 2n * size, givenUp: { volumeUuid, volumeTag } });
      expect(boundaryRecord(decision)).to.equal(undefined);
    });
    it("counts as durable on them what stands before the boundary, and no more", async () => {
      const label = 10320n;
      const durableMarks = [
        { volumeUuid, segment: 3, position: 8n, streamOffset: 4n * size, durableBytes: label + 4n * size },
      ];
      // Label 0..2, head 3, data 4, filemark 5, head 6, data 7.
      const segments = [
        segment({ segment: 2, streamStart: 2n * size, streamEnd: 3n * size, ended: "cut", endPosition: 6n }),
        segment({ segment: 3, headBlock: 6n, firstDataBlock: 7n, tapeFile: 2, streamStart: 3n * size }),
      ];
      const job = onTwo({ durableMarks, segments });
      const durableBytes = (decision: TapeDecision): bigint | undefined =>
        boundaryRecord(decision)?.durable.durableBytes;
      expect(durableBytes(await decider.decide(job, { giveUp: volumeTag }))).to.equal(label);
      const leave = { volumeTag, reason: "it is away" };
      expect(durableBytes(await decider.decide(job, { leave }))).to.equal(label + 4n * size);
      decider.memberAcross = () => Promise.resolve({ headerOffset: 3n * size, dataOffset: 5n * size });
      const inFrontOfHead = await decider.decide(job, { leave });
      expect(inFrontOfHead.boundary).to.include({ boundary: 6n, streamOffset: 3n * size });
      expect(durableBytes(inFrontOfHead)).to.equal(label + 2n * size);
    });
  });

  it("H5: take a copy whose stream has a hole back to it, whatever the last one holds", async () => {
    const settings = { ...records().settings, copyOfJobId: "7" };
    const holed = onTwo({ settings, resumableStreamOffset: size, segments: onTwo().segments.slice(1) });
    const decision = await decider.decide(holed);
    expect(decision).to.include({ streamOffset: size });
    expect(boundaryRecord(decision)).to.equal(undefined);
    expect(decider.verifiedFrom).to.deep.equal([]);
    // What is given up behind the hole does not bring its bytes back.
    expect(await decider.decide(holed, { giveUp: volumeTag })).to.include({ streamOffset: size });
    expect(decider.lost).to.deep.equal([["1", volumeUuid, 0n]]);
    const before = onTwo({ settings, resumableStreamOffset: 2n * size });
    expect(await decider.decide(before, { giveUp: other.volumeTag })).to.include({ streamOffset: 0n });
  });

  describe("that broke a promise", () => {
    const broken = records({
      segments: [
        segment({ streamEnd: size, endPosition: 6n, ended: "cut" }),
        segment({ segment: 2, headBlock: 6n, firstDataBlock: 7n, streamStart: size }),
      ],
      loggedBlocks: [logged(8n, 2n * size, [102n]), logged(9n, 3n * size, [103n])],
      durableMarks: [{ volumeUuid, segment: 2, position: 10n, streamOffset: 4n * size, durableBytes: 7n }],
      durableStreamOffset: 4n * size,
      resumableStreamOffset: 4n * size,
    });
    const cutTo = (objects: TapeFacts["objects"], from: bigint): TapeFacts =>
      nothingBefore(facts(objects, { scannedFrom: from }));

    it("keeps what is proved, raises an alarm, and goes on elsewhere", async () => {
      decider.tape = (from) => cutTo([block(102n)], from);
      const decision = await decider.decide(broken);
      expect(decision.alarm).to.match(/altered or damaged/);
      expect(decision).to.include({ streamOffset: 3n * size, leaves: "nothing is written behind a broken promise" });
      expect(decider.verifiedFrom).to.deep.equal([8n]);
    });
    it("is written on where the operator says so, with the alarm all the same", async () => {
      decider.tape = (from) => cutTo([block(102n)], from);
      const decision = await decider.decide(broken, { appendTo: volumeTag });
      expect(decision).to.not.have.property("leaves");
      expect(decision).to.have.property("alarm");
    });
    it("is read from lower and lower places until something is proved", async () => {
      decider.tape = (from) => (from === 3n ? cutTo([head(1), block(5n)], from) : cutTo([], from));
      expect((await decider.decide(broken)).boundary).to.include({ boundary: 3n, relation: "behind" });
      expect(decider.verifiedFrom).to.deep.equal([8n, 6n, 3n]);
    });
    it("is refused where nothing is proved, with the way on", async () => {
      decider.tape = (from) => cutTo([], from);
      const { refusal } = await decider.decide(broken);
      expect(refusal?.message).to.match(/nothing on it can be proved.*job resume 1 --give-up LTO001L9/);
      expect(refusal?.exitCode).to.equal(5);
    });
    it("is not read from before its first head, and from its mark where nothing else is known", async () => {
      decider.tape = (from) => cutTo([], from);
      await decider.decide({ ...broken, loggedBlocks: [logged(1n, 0n, [1n])] });
      expect(decider.verifiedFrom).to.deep.equal([3n]);
      await decider.decide({ ...broken, loggedBlocks: [], segments: [] });
      expect(decider.verifiedFrom).to.deep.equal([3n, 10n]);
    });
  });

  it("refuses one that is altered before its mark", async () => {
    decider.tape = () => facts([], { before: { digest: 5n, behindFilemark: false } });
    const { refusal, boundary } = await decider.decide(records());
    expect(refusal?.code).to.equal("ERR_TAPE_VOLUME_ALTERED");
    expect(boundary?.mismatch).to.match(/not the one/);
  });

  it("refuses one with another label, and names the way on; other errors are passed on", async () => {
    const fail = (error: Error): void => {
      decider.tape = () => {
        throw error;
      };
    };
    fail(new OperatorError("it is another one", { code: "ERR_TAPE_CARTRIDGE_WRONG" }));
    expect(await rejection(decider.decide(records()))).to.match(/it is another one\. If.*--give-up LTO001L9/);
    fail(new OperatorError("it is not there", { code: "ERR_TAPE_CARTRIDGE_MISSING" }));
    expect(await rejection(decider.decide(records()))).to.equal("it is not there");
    fail(new TransportError("the line is cut", "unknown"));
    expect(await rejection(decider.decide(records()))).to.equal("the line is cut");
  });

  it("W8: goes on behind what is void on WORM, or leaves it where its end is not known", async () => {
    decider.tape = () => facts([block(9n)], { isWorm: true });
    expect((await decider.decide(records())).boundary).to.include({ boundary: 7n, voidObjects: 1n });
    decider.tape = () => facts([block(9n)], { isWorm: true, isEndLost: true });
    expect((await decider.decide(records())).leaves).to.match(/cannot be written over, and its end is not known/);
    decider.tape = () => facts([], { notWritable: "it is full" });
    expect((await decider.decide(records())).leaves).to.equal("it is full");
  });

  it("tells the media server which are left, and which are set aside", async () => {
    const told: unknown[] = [];
    const media = {
      leaveVolume: (uuid: string, end: { position: bigint }): Promise<void> => {
        told.push(["left", uuid, end.position]);
        return Promise.resolve();
      },
      setAside: (uuid: string): Promise<void> => {
        told.push(["aside", uuid]);
        return Promise.resolve();
      },
      raiseAlarm: (uuid: string): Promise<void> => {
        told.push(["alarm", uuid]);
        return Promise.resolve();
      },
    };
    await partWithVolumes(media, await decider.decide(records()));
    expect(told).to.deep.equal([]);
    const decision = await decider.decide(records());
    await partWithVolumes(media, { ...decision, leaves: "full", alarm: "it ends too early" });
    expect(told.splice(0)).to.deep.equal([
      ["left", volumeUuid, 6n],
      ["aside", volumeUuid],
    ]);
    await partWithVolumes(media, { ...decision, alarm: "it ends too early" });
    expect(told.splice(0)).to.deep.equal([["alarm", volumeUuid]]);
    await partWithVolumes(media, await decider.decide(onTwo(), { giveUp: volumeTag }));
    expect(told).to.deep.equal([["aside", volumeUuid]]);
  });

  describe("H4: that a damaged catalog names", () => {
    const isThere = { digest: 101n, behindFilemark: false };
    const marks = onTwo().durableMarks.map((mark) => ({ ...mark, lastDigest: 101n }));
    const damaged = (fields: Partial<JobRecords> = {}): JobRecords =>
      onTwo({ damaged: true, durableMarks: marks, ...fields });

    it("are looked at before anything that it claims counts", async () => {
      decider.tape = (from) => facts([], { before: isThere, scannedFrom: from });
      const decision = await decider.decide(damaged());
      expect(decider.verifiedFrom).to.deep.equal([9n, 6n]);
      expect(decision.findings?.join("\n")).to.match(/damaged.*\nLTO000L9 is the volume that it names/);
      expect(decider.lost).to.deep.equal([]);
      expect(decider.proved).to.equal(1);
    });
    it("lose what is claimed on them where the last block is not there, or nothing was ever durable", async () => {
      const gone: TapeFacts[] = [
        facts([], { endOfData: 8n, before: isThere }),
        nothingBefore(facts([], { endOfData: 9n })),
        facts([], { endOfData: 9n, before: { ...isThere, digest: 5n } }),
      ];
      for (const onTape of gone) {
        decider = new Decider();
        decider.tape = (from) => (from === 9n ? onTape : facts([], { before: isThere }));
        const decision = await decider.decide(damaged());
        expect(decider.lost).to.deep.equal([["1", other.volumeUuid, 0n]]);
        expect(decision.records.segments.map((each) => each.volumeUuid)).to.deep.equal([volumeUuid]);
      }
      decider = new Decider();
      await decider.decide(damaged({ durableMarks: marks.slice(1) }));
      expect(decider.lost).to.have.length(1);
    });
    it("H4: may give back records that are lost; then the last one is looked at again from there", async () => {
      const ahead = facts([block(102n), block(201n), filemark], { before: isThere });
      const behindFooter = facts([], { scannedFrom: 9n, before: { digest: 201n, behindFilemark: true } });
      const seen = [facts([], { scannedFrom: 9n, before: isThere }), ahead, behindFooter];
      decider.tape = () => seen.shift() ?? ahead;
      decider.footerOf = () => Promise.resolve({ footerBlock: 7n, pieces: noPieces });
      decider.takeFooter = (_jobId, { ending, mark }) => {
        const { durableMarks, segments } = damaged();
        const closed = segments.map((each) => (each.segment === ending.segment ? ending : each));
        const given = { segments: closed, durableMarks: [...durableMarks.slice(0, 1), mark] };
        return Promise.resolve({ records: damaged(given), objects: 3n });
      };
      const decision = await decider.decide(damaged());
      expect(decider.verifiedFrom).to.deep.equal([9n, 6n, 9n]);
      expect(decision).to.include({ streamOffset: 5n * size });
      expect(decision.boundary).to.include({ boundary: 9n, relation: "equal", behindFilemark: true });
      expect(decision.findings?.slice(1).join("\n")).to.match(/LTO000L9 is the volume .*\nfooters on .* gave back/);

      decider = new Decider();
      decider.tape = (from) => (from === 6n ? ahead : facts([], { before: isThere }));
      decider.footerOf = () => Promise.resolve(undefined);
      const without = await decider.decide(damaged());
      expect(decider.verifiedFrom).to.deep.equal([9n, 6n]);
      expect(without.boundary).to.include({ boundary: 6n, discardedBlocks: 3n });
      // Nothing is taken from behind a mark that is not there.
      decider = new Decider();
      decider.tape = () => facts([block(102n), block(201n), filemark], { before: { ...isThere, digest: 5n } });
      expect(await decider.decide(damaged())).to.have.property("refusal");
    });
    it("take a copy back to the first of them that does not hold what is claimed", async () => {
      const settings = { ...records().settings, copyOfJobId: "7" };
      const decision = await decider.decide(damaged({ settings }));
      expect(decision).to.include({ streamOffset: 0n, leaves: "LTO000L9 is given up" });
      expect(decision.findings).to.have.length(2);
    });
    it("take a copy back to the one that is given up, where the stream came onto it before", async () => {
      const settings = { ...records().settings, copyOfJobId: "7" };
      const third = { volumeUuid: "uuid-2", volumeTag: "LTO002L9" };
      const [first, second] = onTwo().segments;
      const ended = { ...(second ?? segment()), streamEnd: 4n * size, ended: "cut", endPosition: 6n } as const;
      const job = damaged({
        settings,
        volumes: [...onTwo().volumes, third],
        segments: [first ?? segment(), ended, segment({ ...third, segment: 3, streamStart: 4n * size })],
        durableMarks: [...marks, { ...third, segment: 3, position: 5n, streamOffset: 5n * size, durableBytes: 9n }],
        durableStreamOffset: 5n * size,
        resumableStreamOffset: 5n * size,
        currentVolumeUuid: third.volumeUuid,
      });
      const aside = async (decision: TapeDecision): Promise<readonly string[]> => {
        const told: string[] = [];
        const setAside = (uuid: string): Promise<void> => Promise.resolve(void told.push(uuid));
        await partWithVolumes({ leaveVolume: unexpected, raiseAlarm: unexpected, setAside }, decision);
        return told.sort();
      };
      // The second one does not hold its last block.
      decider.tape = (from) => facts([], { endOfData: from, before: { ...isThere, digest: from === 9n ? 101n : 5n } });
      const later = await decider.decide(job, { giveUp: third.volumeTag });
      expect(later).to.include({ streamOffset: 2n * size });
      expect(await aside(later)).to.deep.equal([volumeUuid, third.volumeUuid]);
      const earlier = await decider.decide(job, { giveUp: other.volumeTag });
      expect(earlier).to.include({ streamOffset: 0n });
      expect(await aside(earlier)).to.deep.equal([other.volumeUuid, volumeUuid]);
    });
    it("stop the job where they cannot be read or have another label, with the way on", async () => {
      const refused = async (error: Error): Promise<unknown> => {
        decider.tape = () => {
          throw error;
        };
        return decider.decide(damaged()).catch((thrown: unknown) => thrown);
      };
      const notFound = { senseKey: 3, asc: 0x3b, ascq: 0, deferred: false };
      const medium = senseError("a locate", notFound);
      const unreadable = await refused(medium);
      expect(unreadable).to.be.instanceOf(OperatorError);
      expect(unreadable).to.include({ code: "ERR_TAPE_VOLUME_ALTERED", cause: medium });
      expect((unreadable as Error).message).to.match(/LTO000L9 cannot be proved\. If.*--give-up LTO000L9/);
      const label = new OperatorError("it is another one", { code: "ERR_TAPE_CARTRIDGE_WRONG" });
      expect(((await refused(label)) as Error).message).to.match(/another one\. If.*--give-up LTO000L9/);
      const line = new TransportError("the line is cut", "unknown");
      expect(await refused(line)).to.equal(line);
    });
    it("are all looked at where the last one is left or none was being written, and not those given up", async () => {
      decider.tape = () => facts([], { before: isThere });
      await decider.decide(damaged(), { leave: { volumeTag, reason: "it is away" } });
      expect(decider.verifiedFrom.splice(0)).to.deep.equal([9n, 6n]);
      const { currentVolumeUuid: _none, ...closed } = damaged();
      await decider.decide(closed);
      expect(decider.verifiedFrom.splice(0)).to.deep.equal([9n, 6n]);
      await decider.decide(damaged(), { giveUp: other.volumeTag });
      expect(decider.verifiedFrom).to.deep.equal([6n]);
      await decider.decide(damaged({ volumes: [...onTwo().volumes, { volumeUuid: "uuid-9", volumeTag: "LTO009L9" }] }));
      expect(decider.verifiedFrom).to.deep.equal([6n, 9n, 6n]);
    });
  });

  it("are known by their barcodes", () => {
    expect(tagOf(onTwo(), other.volumeUuid)).to.equal(other.volumeTag);
    expect(tagOf(onTwo(), "unknown")).to.equal("unknown");
  });
});

async function* noPieces(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new Uint8Array());
}

function unexpectedFooter(): Promise<never> {
  throw new Error("no footer is asked for");
}

function unexpected(): Promise<void> {
  throw new Error("nothing becomes of any volume");
}

async function rejection(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error("it did not fail");
}
