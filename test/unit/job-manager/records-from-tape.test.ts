// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { recordsFromTape } from "../../../lib/job-manager/records-from-tape.ts";
import type { RecordsFromTape } from "../../../lib/job-manager/records-from-tape.ts";
import type { JobRecords, TapeFooter } from "../../../lib/protocol/catalog-manager.ts";
import type { FileOnTape } from "../../../lib/protocol/media-server.ts";
import type { TapeFacts, TapeObject } from "../../../lib/protocol/tape.ts";
import * as example from "./tape-of-a-job.ts";

const { block, facts, filemark, head, logged, markOf, nothingBefore, records, segment, size, volumeTag, volumeUuid } =
  example;

const damaged = (fields: Partial<JobRecords> = {}): JobRecords =>
  records({ damaged: true, loggedBlocks: [], epochBehindDamage: 1, ...fields });

/** The rest of segment 1 from the mark at object 6 on: two records, a footer of one, the filemark. */
const restOfFirst: readonly TapeObject[] = [block(102n), block(103n), block(201n), filemark];
/** Head at object 10, one record, its footer, the filemark. */
const second = (epoch = 1, streamOffset = 4n * size, jobId = "1"): readonly TapeObject[] => [
  head(2, epoch, jobId, streamOffset),
  block(104n),
  block(202n),
  filemark,
];
/** Where the footers of both are. */
const footers: Readonly<Record<number, bigint>> = { 1: 8n, 2: 12n };

class Tape {
  readonly asked: FileOnTape[] = [];
  readonly taken: TapeFooter[] = [];
  footerBlocks = footers;
  refused: string | undefined;

  async read(job: JobRecords, found: TapeFacts): Promise<RecordsFromTape> {
    const footerOf = (file: FileOnTape) => {
      this.asked.push(file);
      const footerBlock = this.footerBlocks[file.segment];
      if (footerBlock === undefined) return Promise.resolve(undefined);
      return Promise.resolve({ footerBlock, pieces: () => piecesOf(file.segment) });
    };
    const takeFooter = async (_jobId: string, footer: TapeFooter) => {
      if (this.refused !== undefined) return { refused: this.refused };
      this.taken.push(footer);
      for await (const piece of footer.pieces()) expect(piece[0]).to.equal(footer.ending.segment);
      return { records: damaged({ frames: this.taken.length }), objects: 5n };
    };
    return recordsFromTape({ takeFooter }, { footerOf }, job, found, markOf(job));
  }

  get segments(): readonly number[] {
    return this.taken.map(({ ending }) => ending.segment);
  }
}

async function* piecesOf(number: number): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Uint8Array.of(number));
}

describe("H4: records that only the tape has", () => {
  let tape: Tape;
  beforeEach(() => {
    tape = new Tape();
  });

  it("H4: come from one footer after the other, up to the end of the tape", async () => {
    const found = await tape.read(damaged(), facts([...restOfFirst, ...second()]));
    expect(tape.asked.map(({ firstBlock, filemark: end }) => [firstBlock, end])).to.deep.equal([
      [6n, 9n],
      [11n, 13n],
    ]);
    const [first, last] = tape.taken;
    expect(first?.ending).to.include({ streamEnd: 4n * size, ended: "closed", footerBlock: 8n, endPosition: 10n });
    expect(last?.ending).to.deep.equal({
      segment: 2,
      epoch: 1,
      volumeUuid,
      volumeTag,
      tapeFile: 2,
      headBlock: 10n,
      firstDataBlock: 11n,
      streamStart: 4n * size,
      streamEnd: 5n * size,
      ended: "closed",
      footerBlock: 12n,
      endPosition: 14n,
    });
    const bytes = 10320n + 9n * size;
    const mark = { volumeUuid, segment: 2, position: 14n, streamOffset: 5n * size, lastDigest: 202n };
    expect(found.mark).to.deep.equal({ ...mark, durableBytes: bytes });
    expect(found.records.frames).to.equal(2);
    expect(found.findings).to.deep.equal([
      `footers on ${volumeTag} gave back lost records, of 2 segments up to object 14 and of 10 objects in them: they count as written`,
    ]);
  });

  it("H4: of a segment that was cut come from the footer behind it; one behind which there is none gives nothing back", async () => {
    tape.footerBlocks = { 2: 12n };
    const cut = facts([...restOfFirst, ...second(1, 5n * size)]);
    await tape.read(damaged(), cut);
    expect(tape.taken).to.have.length(1);
    expect(tape.taken[0]?.before).to.have.length(1);
    expect(tape.taken[0]?.before[0]).to.include({ segment: 1, ended: "cut", streamEnd: 5n * size, endPosition: 10n });
    tape = new Tape();
    tape.footerBlocks = {};
    const job = damaged();
    expect(await tape.read(job, facts(restOfFirst))).to.deep.equal({ records: job, mark: markOf(job), findings: [] });
  });

  it("H4: of a segment that begins at the mark come from there, and its own filemark may be all that is behind it", async () => {
    const closed = segment({ streamEnd: 2n * size, ended: "closed", footerBlock: 6n, endPosition: 8n });
    const mark = { ...markOf(damaged()), position: 8n };
    const job = damaged({ segments: [closed], durableMarks: [mark] });
    tape.footerBlocks = { 2: 10n };
    await tape.read(job, facts(second(1, 2n * size), { scannedFrom: 8n }));
    expect(tape.taken[0]?.ending).to.include({ headBlock: 8n, tapeFile: 2, streamEnd: 3n * size });
    tape = new Tape();
    // What an older start wrote there was taken back: its TRUNCATE is on record, and nothing was written since.
    await tape.read({ ...job, epoch: 2, epochBehindDamage: 2 }, facts(second(1, 2n * size), { scannedFrom: 8n }));
    expect(tape.asked).to.deep.equal([]);
    tape.footerBlocks = {};
    await tape.read(damaged(), facts([filemark, ...second(1, 2n * size)]));
    expect(tape.asked.map((file) => file.segment)).to.deep.equal([1, 2]);
    tape = new Tape();
    await tape.read(damaged(), nothingBefore(facts([filemark, ...second(1, 2n * size)])));
    expect(tape.asked).to.deep.equal([]);
  });

  it("H4: of later starts come where each has gone on exactly behind the one before", async () => {
    await tape.read(damaged({ epochBehindDamage: 3 }), facts([...restOfFirst, ...second(3)]));
    expect(tape.segments).to.deep.equal([1, 2]);
    const third = [head(3, 2, "1", 5n * size), block(105n), filemark];
    tape = new Tape();
    await tape.read(damaged({ epochBehindDamage: 3 }), facts([...restOfFirst, ...second(3), ...third]));
    // Epochs never go down along a tape.
    expect(tape.segments).to.deep.equal([1]);
  });

  it("H4: of a start that left nothing there keep everything there from counting: it may have taken it back", async () => {
    const found = await tape.read(damaged({ epochBehindDamage: 2 }), facts([...restOfFirst, ...second()]));
    expect(tape.asked).to.deep.equal([]);
    expect(found.findings.join()).to.match(/a later start is among the lost records and has left nothing on LTO001L9/);
    const { epochBehindDamage: _unknown, ...job } = damaged();
    await tape.read(job, facts(restOfFirst));
    expect(tape.segments).to.deep.equal([1]);
  });

  it("H4: of another job, an older start, or another place in the stream do not count, nor what stands before them", async () => {
    const foreign: readonly (readonly TapeObject[])[] = [
      second(1, 4n * size, "2"),
      second(0),
      second(1, 3n * size),
      // On WORM a later start goes on behind what it has taken back.
      second(2, 3n * size),
      [block(1n), filemark],
    ];
    for (const each of foreign) {
      tape = new Tape();
      await tape.read(damaged(), facts([...restOfFirst, ...each]));
      expect(tape.segments).to.deep.equal([]);
    }
    tape = new Tape();
    await tape.read(damaged(), facts([...restOfFirst, ...second(), head(3, 2, "1", 3n * size)]));
    expect(tape.segments).to.deep.equal([]);
    tape = new Tape();
    // Inside a file's data nothing is a head.
    const [first, ...rest] = restOfFirst;
    expect(first?.kind).to.equal("block");
    await tape.read(damaged(), facts([head(9, 7), ...rest]));
    expect(tape.segments).to.deep.equal([1]);
  });

  it("H4: end at a block that is not what was announced, and behind what cannot be read", async () => {
    const job = damaged({ loggedBlocks: [logged(6n, 2n * size, [102n, 999n])] });
    await tape.read(job, facts([...restOfFirst, ...second()]));
    expect(tape.asked).to.deep.equal([]);
    await tape.read(damaged(), facts(restOfFirst, { endOfData: 20n }));
    expect(tape.segments).to.deep.equal([]);
    await tape.read(damaged(), facts([...restOfFirst, head(2, 1, "1", 4n * size), block(104n)], { endOfData: 20n }));
    expect(tape.segments).to.deep.equal([1]);
  });

  it("H4: end at a footer that is not believed; those before it count", async () => {
    tape.refused = "it is of another job";
    const job = damaged();
    const none = await tape.read(job, facts([...restOfFirst, ...second()]));
    expect(none.mark).to.equal(markOf(job));
    expect(none.findings).to.deep.equal([
      `the footer of segment 1 on ${volumeTag} is not believed, for it is of another job: what it tells of is written again`,
    ]);
    expect(tape.asked).to.have.length(1);
  });

  it("H4: are not looked for where the end of the tape is not known, nor for a copy", async () => {
    await tape.read(damaged(), facts(restOfFirst, { isEndLost: true }));
    const { settings } = records();
    await tape.read(damaged({ settings: { ...settings, copyOfJobId: "7" } }), facts(restOfFirst));
    expect(tape.asked).to.deep.equal([]);
  });
});
