// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import type { LocalCatalogManager } from "../../../lib/catalog-manager/catalog-manager.ts";
import { decodeRecords, encodeRecords } from "../../../lib/catalog/persistent-record.ts";
import type { JobRecord, PersistentRecord } from "../../../lib/catalog/persistent-record.ts";
import { FormatError } from "../../../lib/errors.ts";
import { formatVersion } from "../../../lib/format/version.ts";
import type {
  EpochToken,
  FooterVerdict,
  ResumeStory,
  SegmentOnTape,
  TapeFooter,
} from "../../../lib/protocol/catalog-manager.ts";
import type { Segment } from "../../../lib/protocol/tape.ts";
import * as records from "../catalog/records.ts";
import { begin, jobId, ManagedJobs, settings } from "./managed-jobs.ts";

const { r, recordSizeBytes } = records;
const volume = { volumeUuid: "v1", volumeTag: "TM0001L9" };
const segment = (number: number, headBlock: bigint, streamStart: bigint, epoch = 1): Segment => ({
  segment: number,
  epoch,
  ...volume,
  tapeFile: number,
  headBlock,
  firstDataBlock: headBlock + 1n,
  streamStart,
});
/** Head at 3, two records, footer at 6, filemark at 7. */
const first = segment(1, 3n, 0n);
const firstEnd: SegmentOnTape = { ...first, streamEnd: r(2), ended: "closed", footerBlock: 6n, endPosition: 8n };
const second: SegmentOnTape = {
  ...segment(2, 8n, r(2)),
  streamEnd: r(4),
  ended: "closed",
  footerBlock: 11n,
  endPosition: 13n,
};
const story: ResumeStory = { cause: "killed", discardedObjects: 0n, repeatedBytes: 0n, reasons: ["why"] };

const opening = ({ segment: number, streamStart, ...place }: SegmentOnTape) => {
  const { epoch, firstDataBlock, headBlock, tapeFile, volumeTag, volumeUuid } = place;
  return records.segmentOpen(number, streamStart, {
    tapeFile,
    headBlock,
    firstDataBlock,
    epoch,
    volumeTag,
    volumeUuid,
  });
};
const closing = ({ segment: number, tapeFile, streamEnd = 0n, footerBlock, ended, endPosition = 0n }: SegmentOnTape) =>
  records.segmentClose(number, streamEnd, {
    tapeFile,
    endBlock: endPosition,
    footerBlock: footerBlock ?? null,
    how: ended ?? "cut",
  });

function footer(
  content: readonly PersistentRecord[] | (() => AsyncIterable<Uint8Array>),
  fields: Partial<TapeFooter> = {},
): TapeFooter {
  const ending = fields.ending ?? firstEnd;
  const { endPosition: position = 0n, segment: number, streamEnd: streamOffset = 0n } = ending;
  const mark = { volumeUuid: "v1", segment: number, position, streamOffset, durableBytes: 9n, lastDigest: 5n };
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    if (typeof content !== "function") yield await Promise.resolve(encodeRecords(content));
  };
  const pieces = typeof content === "function" ? content : whole;
  return { before: [], ending, mark, recordSizeBytes, where: `the footer of segment ${number}`, pieces, ...fields };
}

const job: JobRecord = {
  type: "job",
  jobId,
  originalStartMs: 5n,
  sources: [Buffer.from("/a")],
  formatVersion,
  settings,
};
/** Container 1 of one file, closed; both in the first segment. */
const inFirst: readonly PersistentRecord[] = [
  records.sourceOpen(0, "/a", 0n),
  records.containerOpen(1, "a/"),
  records.object(1, "one", 0n, r(1)),
  records.containerClose(1, "a/", r(2) - 512n, [["one", records.fingerprint()]]),
];

describe("H4: a damaged catalog and the footers on tape", () => {
  let jobs: ManagedJobs;
  let manager: LocalCatalogManager;
  beforeEach(async () => {
    jobs = new ManagedJobs();
    manager = await damaged();
  });
  afterEach(async () => {
    await manager.close();
    jobs.remove();
  });

  /** What the first file says is left: the opening of segment 1, and what is appended by hand. */
  async function damaged(
    extra: (manager: LocalCatalogManager, token: EpochToken) => Promise<void> = () => Promise.resolve(),
  ): Promise<LocalCatalogManager> {
    jobs.fileSystem.files.clear();
    const writing = jobs.open();
    const token = await begin(writing);
    await writing.segmentOpened(token, first);
    await extra(writing, token);
    const path = `${jobs.jobFolder}/catalog-000002.tmc`;
    const kept = jobs.fileSystem.files.get(path)!.bytes.length;
    await writing.volumeClosed(token, "v1", 8n, 0n, "lost");
    await writing.close();
    jobs.fileSystem.files.get(path)!.bytes[kept + 45]! ^= 1;
    const reading = jobs.open();
    expect(await reading.loadJob(jobId)).to.deep.include({ damaged: true, epochBehindDamage: 1 });
    return reading;
  }

  const firstFooter = (): readonly PersistentRecord[] => [job, opening(first), ...inFirst];
  const refusal = async (given: TapeFooter): Promise<string> => {
    const verdict = await manager.takeFooter(jobId, given);
    return "refused" in verdict ? verdict.refused : "taken";
  };
  const taken = async (given: TapeFooter): Promise<Exclude<FooterVerdict, { readonly refused: string }>> => {
    const verdict = await manager.takeFooter(jobId, given);
    if ("refused" in verdict) throw new Error(verdict.refused);
    return verdict;
  };
  /** Ordinal and type of what another pass over the records sees. */
  async function seen(): Promise<readonly string[]> {
    const types: string[] = [];
    for await (const { payload, where } of manager.reconciled(jobId).journal)
      types.push(...decodeRecords(payload, where).map(({ type }) => type));
    return types;
  }

  it("H4: takes records back: for now in memory and for other passes, with the next start for good", async () => {
    const found = await taken(footer(firstFooter()));
    expect(found.objects).to.equal(1n);
    expect(found.records.segments).to.deep.equal([firstEnd]);
    expect(found.records.durableMarks[0]).to.include({ position: 8n, streamOffset: r(2), lastDigest: 5n });
    expect(await seen()).to.deep.equal([
      "epoch",
      "job",
      "segmentOpen",
      "sourceVolumeOpen",
      "containerOpen",
      "object",
      "containerClose",
      "segmentClose",
      "durable",
    ]);
    const many = Array.from({ length: 3000 }, (_, index) => records.object(2, `f${index}`, r(2), r(2)));
    const content = [job, opening(first), opening(second), closing(firstEnd), records.containerOpen(2, "b/", r(2))];
    await taken(footer([...content, ...many, records.object(2, "two", r(2), r(4) - 512n)], { ending: second }));
    await manager.applyBoundary(jobId, {
      durable: { ...footer([]).mark, segment: 2, position: 13n, streamOffset: r(4) },
      epochOnTape: 1,
    });
    await manager.claimsProved(jobId);
    await manager.beginEpoch(jobId, story);
    expect([...jobs.fileSystem.files.keys()].filter((path) => path.includes("recovered"))).to.deep.equal([]);
    await manager.close();
    jobs.fileSystem.crash();
    manager = jobs.open();
    const later = await manager.loadJob(jobId);
    expect(later).to.deep.include({ damaged: false, durableStreamOffset: r(4), epoch: 2, nextSegment: 3 });
    expect(later.segments).to.deep.equal([firstEnd, second]);
    expect((await seen()).filter((type) => type === "object")).to.have.length(3002);
  });

  it("H4: forgets them where no start followed", async () => {
    await taken(footer(firstFooter()));
    await manager.close();
    expect([...jobs.fileSystem.files.keys()].filter((path) => path.includes("recovered"))).to.deep.equal([]);
    manager = jobs.open();
    expect((await manager.loadJob(jobId)).durableMarks).to.deep.equal([]);
    expect(await seen()).to.deep.equal(["epoch", "job", "segmentOpen"]);
  });

  it("H4: believes no footer of another job or place, of which not all can be read, or that tells of something else", async () => {
    const own = opening(first);
    const elsewhere = { ...own, tapeFile: 9 };
    const torn = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(encodeRecords(firstFooter()));
      throw new FormatError("block 6 cannot be read");
    };
    const refusals: readonly (readonly [TapeFooter, RegExp])[] = [
      [footer([own]), /does not begin with the job/],
      [footer([job, own, ...inFirst].slice(1)), /does not begin with the job/],
      [footer([job, inFirst[0]!]), /does not begin with the job/],
      [footer([job]), /does not begin with the job/],
      [footer([{ ...job, originalStartMs: 6n }, own, ...inFirst]), /of another job/],
      [footer([job, elsewhere, ...inFirst]), /segment 1 in another place/],
      [
        footer([job, opening({ ...second, segment: 7 }), own, closing({ ...second, segment: 7 })]),
        /names segment 7, of which/,
      ],
      [footer([job, own, ...inFirst.slice(0, 3)]), /ends at byte 16384 of the stream/],
      [footer([job, own, records.sourceOpen(1, "/b", 0n), ...inFirst]), /source volume 1 that the job does not have/],
      [footer(torn), /block 6 cannot be read/],
      [
        footer([job, own, ...inFirst], { pieces: () => damagedPieces(encodeRecords(firstFooter())) }),
        /malformed persistent record/,
      ],
    ];
    for (const [given, why] of refusals) expect(await refusal(given)).to.match(why);
    // Nothing of what was refused counts.
    expect(await seen()).to.deep.equal(["epoch", "job", "segmentOpen"]);
    await taken(footer(firstFooter()));
    expect(await seen()).to.have.length(9);
    const broken = (): AsyncIterable<Uint8Array> => {
      throw new Error("a mistake of this program");
    };
    expect(String(await manager.takeFooter(jobId, footer(broken)).catch((error: unknown) => error))).to.match(
      /a mistake/,
    );
  });

  it("H4: holds a footer's other segments against what is on record and on tape", async () => {
    const content = [job, opening(first), opening(second), closing(firstEnd), records.object(2, "two", r(2), r(4))];
    // Segment 1 has not ended by the records that are left, and was not read either.
    expect(await refusal(footer(content, { ending: second }))).to.match(/segment 1 has another end in it/);
    await taken(footer(firstFooter()));
    const other = [job, opening(first), opening(second), closing({ ...firstEnd, endPosition: 9n })];
    expect(await refusal(footer(other, { ending: second }))).to.match(/segment 1 has another end in it/);
    const without = [job, opening(second), records.object(2, "two", r(2), r(4))];
    expect(await refusal(footer(without, { ending: second }))).to.match(/segment 1 did not count any more/);
    expect(await refusal(footer(content, { ending: second }))).to.equal("taken");
  });

  it("H4: with a close that is on record takes only a footer that ends there", async () => {
    const late = { ...firstEnd, streamEnd: r(1), footerBlock: 5n, endPosition: 7n };
    manager = await damaged((writing, token) => writing.segmentEnded(token, { ...late, ended: "closed" }));
    expect(await refusal(footer(firstFooter()))).to.match(/segment 1 has another end on record than on the tape/);
  });

  it("H4: takes back a cut and the start behind it, which went on there, together", async () => {
    const cut: SegmentOnTape = { ...first, streamEnd: r(2), ended: "cut", endPosition: 7n };
    const restart: SegmentOnTape = {
      ...segment(2, 7n, r(2), 3),
      streamEnd: r(2),
      ended: "closed",
      footerBlock: 8n,
      endPosition: 10n,
    };
    // Its close was on the disk: the start cut the segment before that, and voided one that was opened on another volume.
    manager = await damaged(async (writing, token) => {
      await writing.segmentEnded(token, { ...firstEnd, streamEnd: r(3), footerBlock: 7n });
      await writing.segmentOpened(token, { ...segment(9, 3n, r(2)), volumeUuid: "v2" });
      await writing.appendFrame({ token, bytes: encodeRecords([records.object(1, "voided", r(2), r(3))]) });
    });
    const content = [job, opening(first), opening(restart), closing(cut), ...inFirst];
    const given = footer(content, { before: [cut], ending: restart });
    const { records: found } = await taken(given);
    expect(found).to.deep.include({ epoch: 3, durableStreamOffset: r(2) });
    expect(found.segments).to.deep.equal([cut, restart]);
    // The lost start has told of it.
    expect(await manager.casualties(jobId, r(2))).to.deep.equal({ count: 0n, paths: [] });
    expect(found.interruptions).to.deep.include.members([
      { epoch: 3, volumeUuid: "v1", boundaryBlock: 6n, streamOffset: r(2), adoptedBytes: r(2) },
    ]);
  });

  it("H4: does not count a source volume as done whose claims were lost with a volume, nor take anything from that one", async () => {
    const behind = { ...segment(2, 3n, r(2)), volumeUuid: "v2", volumeTag: "TM0002L9", tapeFile: 1 };
    const ending: SegmentOnTape = { ...behind, streamEnd: r(4), ended: "closed", footerBlock: 6n, endPosition: 8n };
    manager = await damaged(async (writing, token) => {
      await writing.segmentEnded(token, { ...firstEnd, ended: "closed" });
      await writing.segmentOpened(token, behind);
    });
    const front = [job, opening(first), opening(behind), closing(firstEnd)];
    const content = [
      records.sourceOpen(0, "/a", 0n),
      records.sourceDone(0, r(2)),
      records.object(1, "two", r(2), r(4)),
    ];
    const given = footer([...front, ...content], {
      ending,
      mark: { ...footer([]).mark, volumeUuid: "v2", segment: 2 },
    });
    const whole = { ...given, mark: { ...given.mark, streamOffset: r(4) } };
    expect((await taken(whole)).records.sourceVolumes[0]?.status).to.equal("complete");
    await manager.close();
    manager = jobs.open();
    await manager.loadJob(jobId);
    await manager.applyVolumeLost(jobId, "v1", 0n);
    expect((await taken(whole)).records.sourceVolumes[0]?.status).to.equal("partial");
    await manager.close();
    manager = jobs.open();
    await manager.loadJob(jobId);
    await manager.applyVolumeLost(jobId, "v2", 0n);
    expect(await refusal(whole)).to.match(/claims on its volume were withdrawn/);
  });
});

async function* damagedPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.concat([bytes, Buffer.from([0x81, 0x18, 99])]));
}
