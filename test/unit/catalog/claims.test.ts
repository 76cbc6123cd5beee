// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { CatalogError } from "../../../lib/errors.ts";
import { Claims } from "../../../lib/catalog/claims.ts";
import type { PersistentRecord } from "../../../lib/catalog/persistent-record.ts";
import { visitJournal } from "../../../lib/catalog/record-sieve.ts";
import * as records from "./records.ts";

const { r, folded } = records;
const begin = [records.job(), records.sourceOpen(0, "/a", 0n), records.segmentOpen(0, 0n)];

const names = (claims: Claims): string[] =>
  claims.openObjects.map(({ open }) => `${open.name.toString()}@${open.headerOffset}`);
const statuses = (claims: Claims): string[] => claims.sourceVolumes.map(({ status }) => status);

describe("claims", () => {
  describe("of a job", () => {
    it("claim nothing by what only tells of it", () => {
      const told = { epoch: 2, atMs: 1n, cause: "killed", endOfData: null, discardedObjects: 0n, repeatedBytes: 0n };
      const claims = folded(
        ...begin,
        { type: "interruption", ...told, restarted: null, reasons: [] },
        { type: "mediaSet", mediaSet: "s", pool: "default", description: { volumes: [], jobs: [] } },
      );
      expect(claims).to.deep.include({ epoch: 1, durableStreamOffset: 0n, jobDone: undefined });
    });

    it("know it, its epoch, and the numbers that are free", () => {
      const claims = folded(
        { type: "epoch", epoch: 1, nonce: Buffer.alloc(8) },
        ...begin,
        records.containerOpen(9, "a/"),
        records.containerClose(9, "a/", r(1), []),
      );
      expect(claims.job.jobId).to.equal("17");
      expect(claims).to.include({
        epoch: 1,
        nextContainerId: 10,
        nextSegment: 1,
        recordSizeBytes: 16384,
        currentVolumeUuid: "v1",
      });
      expect(new Claims().nextSegment).to.equal(0);
      expect(() => new Claims().job).to.throw(CatalogError, "no job record");
    });

    it("refuse records that contradict one another", () => {
      const refused = (message: string, ...list: Parameters<typeof folded>): void => {
        expect(() => folded(...list))
          .to.throw(CatalogError, message)
          .with.property("code", "ERR_TAPE_CATALOG_DAMAGED");
      };
      refused("before the job's own", records.sourceOpen(0, "/a", 0n));
      refused("two job records", records.job(), records.job());
      refused("no recordSizeBytes", { ...records.job(), settings: {} });
      refused("no recordSizeBytes", { ...records.job(), settings: { recordSizeBytes: 0.5 } });
      refused("no recordSizeBytes", { ...records.job(), settings: { recordSizeBytes: -1 } });
      refused("no source volume 5", records.job(), records.sourceOpen(5, "/a", 0n));
      refused("two paths", records.job(), records.sourceOpen(0, "/x", 0n));
      refused("no segment was opened on volume v1", records.job(), records.blocks(1n, 0n, 1));
      refused("never opened", records.job(), records.segmentClose(0, 0n));
      refused("never opened", ...begin, records.segmentClose(0, 0n, { volumeUuid: "v2" }));
      refused("DURABLE went back", ...begin, records.durable(0, 5n, r(1)), records.durable(0, 4n, 0n));
      const back = records.durable(0, 4n, r(1));
      refused("DURABLE went back on TM0001L9 from object 5 to 4", ...begin, records.durable(0, 5n, r(1)), back);
    });

    it("end with JOB_DONE, unless a record that it counts falls", () => {
      const done = { type: "jobDone" as const, status: "complete", endOffset: r(2) };
      expect(folded(...begin, done).jobDone).to.equal(done);
      expect(folded(...begin, done, records.truncate(5n, r(2))).jobDone).to.equal(done);
      expect(folded(...begin, done, records.truncate(5n, r(1))).jobDone).to.equal(undefined);
      const lost = { type: "volumeLost" as const, volumeUuid: "v1", fromBlock: 4n };
      expect(folded(...begin, records.durable(0, 6n, r(2)), done, lost).jobDone).to.equal(undefined);
    });
  });

  describe("of source volumes", () => {
    it("are complete once DONE is durable, partial once opened", () => {
      const list = [...begin, records.sourceDone(0, r(2)), records.sourceOpen(1, "/b", r(2))];
      expect(statuses(folded(...list))).to.deep.equal(["partial", "partial", "notStarted"]);
      expect(statuses(folded(...list, records.durable(0, 6n, r(2))))).to.deep.equal([
        "complete",
        "partial",
        "notStarted",
      ]);
      expect(statuses(folded(...list, records.durable(0, 6n, r(1))))).to.deep.equal([
        "partial",
        "partial",
        "notStarted",
      ]);
      const exceptions = [...begin, records.sourceDone(0, r(1), false), records.durable(0, 5n, r(1))];
      expect(statuses(folded(...exceptions))[0]).to.equal("partial");
    });

    it("fall back with what a TRUNCATE voids", () => {
      const list = [
        ...begin,
        records.sourceDone(0, r(2)),
        records.sourceOpen(1, "/b", r(3)),
        records.durable(0, 9n, r(5)),
      ];
      expect(statuses(folded(...list, records.truncate(6n, r(2))))).to.deep.equal([
        "complete",
        "notStarted",
        "notStarted",
      ]);
      expect(statuses(folded(...list, records.truncate(5n, r(1))))).to.deep.equal([
        "partial",
        "notStarted",
        "notStarted",
      ]);
      expect(statuses(folded(...list, records.truncate(7n, r(3))))).to.deep.equal([
        "complete",
        "partial",
        "notStarted",
      ]);
    });

    it("opened again by a resume begin where they began, and are not done", () => {
      const claims = folded(
        ...begin,
        records.sourceDone(0, r(1)),
        records.durable(0, 5n, r(1)),
        records.sourceOpen(0, "/a", r(4)),
      );
      expect(claims.sourceVolumes[0]).to.include({ status: "partial", streamStart: 0n, done: undefined });
    });

    it("fall with a lost volume that holds a part of them, and only with that", () => {
      const list = [
        ...begin,
        records.sourceDone(0, r(2)),
        records.sourceOpen(1, "/b", r(2)),
        records.segmentClose(0, r(3), { endBlock: 8n }),
        records.segmentOpen(1, r(3), { volumeUuid: "v2", volumeTag: "TM0002L9" }),
        records.sourceDone(1, r(4)),
        records.durable(1, 5n, r(4), { volumeUuid: "v2" }),
      ];
      expect(statuses(folded(...list))).to.deep.equal(["complete", "complete", "notStarted"]);
      const lost = (volumeUuid: string, fromBlock: bigint): string[] =>
        statuses(folded(...list, { type: "volumeLost", volumeUuid, fromBlock }));
      expect(lost("v2", 0n)).to.deep.equal(["complete", "partial", "notStarted"]);
      expect(lost("v1", 6n)).to.deep.equal(["complete", "partial", "notStarted"]);
      expect(lost("v1", 5n)).to.deep.equal(["partial", "partial", "notStarted"]);
      expect(lost("v1", 7n)).to.deep.equal(["complete", "complete", "notStarted"]);
    });
  });

  describe("of durability", () => {
    it("need the end at or before the last DURABLE", () => {
      const claims = folded(...begin, records.durable(0, 6n, r(2)));
      expect(claims.durableStreamOffset).to.equal(r(2));
      expect(claims.isDurable(0n, r(2))).to.equal(true);
      expect(claims.isDurable(0n, r(2) + 1n)).to.equal(false);
      expect(folded(...begin).isDurable(0n, 512n)).to.equal(false);
    });

    it("need every byte inside a segment whose end is known", () => {
      const list = [
        ...begin,
        records.segmentOpen(1, r(2), { headBlock: 7n, firstDataBlock: 8n }),
        records.durable(1, 10n, r(4)),
      ];
      // Segment 0 has neither an end nor a DURABLE of its own.
      expect(folded(...list).isDurable(r(1), r(2))).to.equal(false);
      expect(folded(...list).isDurable(r(2), r(4))).to.equal(true);
      const closed = [...begin, records.segmentClose(0, r(2), { how: "cut", endBlock: 7n }), ...list.slice(3)];
      expect(folded(...closed).isDurable(r(1), r(3))).to.equal(true);
      expect(folded(...closed).segments[0]).to.include({ ended: "cut", streamEnd: r(2), endPosition: 7n });
    });

    it("never count a closed segment past the last DURABLE", () => {
      const claims = folded(
        ...begin,
        records.durable(0, 5n, r(1)),
        records.segmentClose(0, r(4), { footerBlock: 8n, endBlock: 10n }),
      );
      expect(claims.isDurable(0n, r(1))).to.equal(true);
      expect(claims.isDurable(0n, r(2))).to.equal(false);
      expect(claims.segments[0]?.footerBlock).to.equal(8n);
    });

    it("ignore a DURABLE's segment that is not known", () => {
      expect(folded(...begin, records.durable(7, 6n, r(2))).isDurable(0n, r(1))).to.equal(false);
    });
  });

  describe("after TRUNCATE", () => {
    const two = [
      ...begin,
      records.segmentClose(0, r(4), { footerBlock: 8n, endBlock: 10n }),
      records.durable(0, 10n, r(4)),
      records.segmentOpen(1, r(4), { headBlock: 10n, firstDataBlock: 11n }),
      records.durable(1, 14n, r(7)),
    ];

    it("go on at its stream offset, on its volume", () => {
      const claims = folded(...two, records.truncate(13n, r(6)));
      expect(claims).to.include({ durableStreamOffset: r(6), epoch: 2, currentVolumeUuid: "v1" });
      expect(claims.volumes[0]?.position).to.equal(13n);
      expect(claims.segments.map(({ segment }) => segment)).to.deep.equal([0, 1]);
      expect(claims.segments[0]).to.include({ ended: "closed", footerBlock: 8n, endPosition: 10n });
      expect(claims.segments[1]).to.include({ ended: "cut", streamEnd: r(6), endPosition: 14n, durableTo: r(6) });
      expect(claims.isDurable(0n, r(6))).to.equal(true);
      expect(claims.isDurable(0n, r(7))).to.equal(false);
    });

    it("count a source volume that ended past it as not done, however far the stream goes on", () => {
      const done = [records.sourceOpen(1, "/b", r(4)), records.sourceDone(1, r(7)), records.durable(1, 14n, r(7))];
      const statusOf = (claims: Claims): string | undefined => claims.sourceVolumes[1]?.status;
      expect(statusOf(folded(...two, ...done))).to.equal("complete");
      const again = [records.truncate(13n, r(6)), records.durable(1, 16n, r(9), { epoch: 2 })];
      expect(statusOf(folded(...two, ...done, ...again))).to.equal("partial");
    });

    it("adopt what lies past the last DURABLE with the DURABLE that follows", () => {
      const claims = folded(...two, records.truncate(16n, r(9)), records.durable(1, 16n, r(9), { epoch: 2 }));
      expect(claims.isDurable(0n, r(9))).to.equal(true);
      expect(claims.volumes[0]?.position).to.equal(16n);
    });

    it("void segments that begin past it, and take the end of one that it cuts away", () => {
      const claims = folded(...two, records.truncate(6n, r(2)));
      expect(claims.segments.map(({ segment }) => segment)).to.deep.equal([0]);
      expect(claims.segments[0]).to.include({ ended: "cut", streamEnd: r(2), endPosition: 7n });
      expect(claims.segments[0]).to.not.have.property("footerBlock");
      expect(claims.nextSegment).to.equal(2);
    });

    it("void a segment that begins exactly there, but not an empty one before the boundary", () => {
      const empty = [
        ...begin,
        records.segmentClose(0, r(4), { how: "cut", endBlock: 9n }),
        records.segmentOpen(1, r(4), { headBlock: 9n, firstDataBlock: 10n }),
        records.segmentClose(1, r(4), { footerBlock: 10n, endBlock: 12n }),
        records.segmentOpen(2, r(4), { headBlock: 12n, firstDataBlock: 13n }),
      ];
      const kept = (...list: Parameters<typeof folded>): number[] =>
        folded(...list).segments.map(({ segment }) => segment);
      expect(kept(...empty, records.truncate(12n, r(4)))).to.deep.equal([0, 1]);
      expect(kept(...empty, records.truncate(9n, r(4)))).to.deep.equal([0]);
      const other = records.segmentOpen(3, r(4), { volumeUuid: "v2", headBlock: 3n, firstDataBlock: 4n });
      expect(kept(...empty, other, records.truncate(12n, r(4)))).to.deep.equal([0, 1]);
      const onSecond = [...empty.slice(0, -1), other, records.truncate(4n, r(4), { volumeUuid: "v2" })];
      expect(kept(...onSecond)).to.deep.equal([0, 1, 3]);
    });

    it("lower the durable mark of other volumes whose segments fall", () => {
      const list = [
        ...begin,
        records.segmentClose(0, r(4), { endBlock: 9n }),
        records.durable(0, 9n, r(4)),
        records.segmentOpen(1, r(4), { volumeUuid: "v2", volumeTag: "TM0002L9" }),
        records.durable(1, 6n, r(6), { volumeUuid: "v2" }),
      ];
      const claims = folded(...list, records.truncate(6n, r(2)));
      expect(claims.volumes.map(({ volumeUuid, position }) => [volumeUuid, position])).to.deep.equal([
        ["v1", 6n],
        ["v2", 3n],
      ]);
      expect(claims.volumes.map(({ lastDurable }) => lastDurable)).to.deep.equal([undefined, undefined]);
      const untouched = folded(...list.slice(0, -1), records.truncate(6n, r(2)));
      expect(untouched.volumes[1]?.position).to.equal(undefined);
      expect(folded(...begin, records.truncate(4n, 0n)).volumes[0]?.position).to.equal(undefined);
    });

    it("reopen a volume that was closed", () => {
      const close = {
        type: "volumeClose" as const,
        volumeUuid: "v1",
        position: 10n,
        streamOffset: r(4),
        reason: "full",
      };
      expect(folded(...two, close).volumes[0]?.closed).to.equal(close);
      expect(folded(...two, close, records.truncate(6n, r(2))).volumes[0]?.closed).to.equal(undefined);
    });

    it("tell a second pass which records are void", () => {
      const claims = folded(...two, records.truncate(6n, r(2)), records.truncate(5n, r(3)));
      expect(claims.isVoid(3, r(2))).to.equal(false);
      expect(claims.isVoid(3, r(2) + 1n)).to.equal(true);
      expect(claims.isVoid(two.length, r(3))).to.equal(false);
      expect(claims.isVoid(two.length, r(4))).to.equal(true);
      expect(claims.isVoid(two.length + 1, r(4))).to.equal(false);
    });
  });

  describe("of block digests", () => {
    const digestsAt = (claims: Claims, block: bigint): readonly bigint[] =>
      claims.loggedBlocks("v1").flatMap(({ firstBlock, digests }) => {
        const at = Number(block - firstBlock) * 8;
        return 0 <= at && at < digests.length ? [digests.readBigUInt64BE(at)] : [];
      });

    it("are given as they were announced, the latest last", () => {
      const claims = folded(...begin, records.blocks(4n, 0n, 3), records.blocks(6n, r(2), 2, { salt: 100, epoch: 2 }));
      expect(claims.loggedBlocks("v1")[0]).to.deep.include({ epoch: 1, firstBlock: 4n, streamOffset: 0n });
      expect([5n, 6n, 8n].map((block) => digestsAt(claims, block))).to.deep.equal([[5n], [6n, 106n], []]);
      expect(claims.loggedBlocks("v2")).to.deep.equal([]);
    });

    it("are dropped when older than two DURABLEs", () => {
      const list = [...begin, records.blocks(4n, 0n, 2), records.durable(0, 6n, r(2)), records.blocks(6n, r(2), 2)];
      expect(digestsAt(folded(...list), 5n)).to.deep.equal([5n]);
      const claims = folded(...list, records.durable(0, 8n, r(4)), records.blocks(8n, r(4), 1));
      expect([5n, 6n, 8n].map((block) => digestsAt(claims, block))).to.deep.equal([[], [6n], [8n]]);
    });

    it("fall behind a boundary on its volume, and past its stream offset on any", () => {
      const list = [
        ...begin,
        records.blocks(4n, 0n, 4),
        records.segmentOpen(1, r(4), { volumeUuid: "v2" }),
        records.blocks(4n, r(4), 4, { volumeUuid: "v2" }),
      ];
      const claims = folded(...list, records.truncate(6n, r(2)));
      expect([5n, 6n].map((block) => digestsAt(claims, block))).to.deep.equal([[5n], []]);
      expect(claims.loggedBlocks("v2")).to.deep.equal([]);
      const second = folded(...list, records.truncate(6n, r(6), { volumeUuid: "v2" }));
      expect(digestsAt(second, 7n)).to.deep.equal([7n]);
      expect(second.loggedBlocks("v2")[0]?.digests.length).to.equal(16);
    });
  });

  describe("of large objects", () => {
    const open = [...begin, records.containerOpen(1, "a/"), records.objectOpen(1, "big", r(1), r(9))];

    it("know the one across an offset, with its container and its extents", () => {
      const claims = folded(...open, records.extent(1, "big", r(1), 0n, r(2)));
      const across = claims.objectAcross(r(4));
      expect(across?.containerPath.toString()).to.equal("a/");
      expect(across).to.include({ sourceIndex: 0 });
      expect(across?.extents.map(({ from, to }) => [from, to])).to.deep.equal([[0n, r(2)]]);
      for (const offset of [r(1), r(9), 0n]) expect(claims.objectAcross(offset)).to.equal(undefined);
    });

    it("keep it, though its OBJECT record came early, until it is durable", () => {
      const list = [...open, records.object(1, "big", r(1), r(9)), records.containerClose(1, "a/", r(9), [])];
      expect(names(folded(...list, records.durable(0, 9n, r(5))))).to.deep.equal([`big@${r(1)}`]);
      expect(names(folded(...list, records.durable(0, 13n, r(9))))).to.deep.equal([]);
    });

    it("keep it over a TRUNCATE inside it, with the extents that lie before", () => {
      const list = [...open, records.extent(1, "big", r(1), 0n, r(2)), records.extent(1, "big", r(1), r(2), r(4))];
      const claims = folded(...list, records.truncate(9n, r(5)));
      expect(claims.objectAcross(r(5))?.extents.length).to.equal(1);
      expect(names(folded(...list, records.truncate(5n, r(1))))).to.deep.equal([]);
    });

    it("know of several extents those that end at or before an offset, with a digest or without", () => {
      const ends = [r(2), r(4) - 512n, r(5), r(6)];
      const list = ends.map((to, index) => ({
        ...records.extent(1, "big", r(1), ends[index - 1] ?? 0n, to),
        ...(index === 1 ? { digest: null } : {}),
      }));
      const claims = folded(...open, ...list);
      const known = (at: bigint) => claims.objectAcross(at)?.extents.map(({ to, digest }) => [to, digest !== null]);
      // The data begins 512 bytes behind the header.
      expect(known(r(3) + 511n)).to.deep.equal([]);
      expect(known(r(3) + 512n)).to.deep.equal([[ends[0], true]]);
      expect(known(r(5))).to.deep.equal([
        [ends[0], true],
        [ends[1], false],
      ]);
      expect(known(r(8))?.length).to.equal(4);
    });

    it("void with a TRUNCATE between extents those behind it, and take what is said of them again", () => {
      const first = records.extent(1, "big", r(1), 0n, r(2));
      const voided = records.extent(1, "big", r(1), r(2), r(4));
      const cut = records.extent(1, "big", r(1), r(2), r(4) - 512n);
      const further = records.extent(1, "big", r(1), r(4) - 512n, r(6));
      const claims = folded(...open, first, voided, records.truncate(9n, r(5)), cut, further);
      const ends = claims.objectAcross(r(8))?.extents.map(({ from, to }) => [from, to]);
      expect(ends).to.deep.equal([
        [0n, r(2)],
        [r(2), r(4) - 512n],
        [r(4) - 512n, r(6)],
      ]);
    });

    it("keep it where the next segment continues it, and give it up where it does not", () => {
      const cut = [...open, records.durable(0, 9n, r(5)), records.segmentClose(0, r(5), { how: "cut", endBlock: 10n })];
      const next = (continuedHeaderOffset: bigint | null) =>
        records.segmentOpen(1, r(5), { headBlock: 10n, firstDataBlock: 11n, continuedHeaderOffset });
      const further = records.durable(1, 12n, r(6));
      expect(names(folded(...cut, next(r(1)), further))).to.deep.equal([`big@${r(1)}`]);
      expect(names(folded(...cut, next(null), further))).to.deep.equal([]);
      // Nothing is known of the segment yet but where it begins.
      const begun = folded(...cut, next(null));
      expect(begun.objectAcross(r(5))?.open.headerOffset).to.equal(r(1));
      expect(begun.objectAcross(r(6))).to.equal(undefined);
      const said = folded(...cut, next(r(1)), records.objectOpen(1, "big", r(1), r(9)));
      expect(names(said)).to.deep.equal([`big@${r(1)}`]);
    });

    it("keep it over a footer-only segment between cut and continuation", () => {
      const list = [
        ...open,
        records.segmentClose(0, r(5), { how: "cut", endBlock: 10n }),
        records.segmentOpen(1, r(5), { headBlock: 10n, firstDataBlock: 11n }),
        records.segmentClose(1, r(5), { footerBlock: 11n, endBlock: 13n }),
        records.segmentOpen(2, r(5), { headBlock: 13n, firstDataBlock: 14n, continuedHeaderOffset: r(1) }),
        records.truncate(16n, r(7)),
      ];
      expect(folded(...list).objectAcross(r(7))?.open.headerOffset).to.equal(r(1));
    });

    it("give it up where another member stands in its place", async () => {
      const other = records.object(1, "small", r(5), r(6));
      expect(names(folded(...open, other))).to.deep.equal([]);
      expect(names(folded(...open, records.object(1, "small", r(9), r(10))))).to.deep.equal([`big@${r(1)}`]);
      expect(names(folded(...open, records.object(1, "small", 0n, r(1))))).to.deep.equal([`big@${r(1)}`]);
      expect(names(folded(...open, records.objectOpen(1, "other", r(5), r(8))))).to.deep.equal([`other@${r(5)}`]);
      // And where that comes with its whole directory, as a pass over the journal finds it.
      for (const [from, left] of [
        [r(5), []],
        [r(9), [`big@${r(1)}`]],
      ] as const) {
        const small = records.object(2, "small", from, from + r(1));
        const close = records.containerClose(2, "b/", from + r(1), [["small", small.fingerprint]]);
        const claims = new Claims();
        const list = [...open, records.containerOpen(2, "b/", from), small, close];
        await visitJournal(records.journal(list), records.newSieve(), claims);
        expect(names(claims)).to.deep.equal(left);
      }
    });

    it("pass over extents and openings of what they do not know", () => {
      const list = [...begin, records.objectOpen(99, "orphan", r(1), r(9)), records.extent(1, "big", r(1), 0n, r(2))];
      expect(names(folded(...list))).to.deep.equal([]);
      const sparse = { ...records.objectOpen(1, "s", r(10), r(12)), sparseMap: Buffer.from("1\n") };
      expect(folded(...open, sparse).openObjects[1]?.open.sparseMap?.toString()).to.equal("1\n");
    });
  });

  describe("of lost volumes", () => {
    const list = [
      ...begin,
      records.blocks(4n, 0n, 4),
      records.segmentClose(0, r(4), { endBlock: 9n }),
      records.durable(0, 9n, r(4)),
      records.segmentOpen(1, r(4), { volumeUuid: "v2", volumeTag: "TM0002L9" }),
      records.durable(1, 6n, r(6), { volumeUuid: "v2" }),
    ];
    const lost = (fromBlock: bigint) => ({ type: "volumeLost" as const, volumeUuid: "v1", fromBlock });

    it("withdraw what lies behind the block and leave the stream offset alone", () => {
      const claims = folded(...list, lost(6n));
      expect(claims.durableStreamOffset).to.equal(r(6));
      expect(claims.isDurable(0n, r(2))).to.equal(true);
      expect(claims.isDurable(0n, r(2) + 512n)).to.equal(false);
      expect(claims.isDurable(r(4), r(6))).to.equal(true);
      expect(claims.volumes[0]).to.include({ position: 6n });
      expect(claims.loggedBlocks("v1").map(({ digests }) => digests.length / 8)).to.deep.equal([2]);
    });

    it("leave a hole, in front of which a copy goes on, and a backup behind it", () => {
      const settings = { ...records.job().settings, copyOfJobId: "3" };
      const copy: PersistentRecord[] = [{ ...records.job(), settings }, ...list.slice(1)];
      expect(folded(...list, lost(0n))).to.include({ copyOfJobId: undefined, resumableStreamOffset: r(6) });
      expect(folded(...copy)).to.include({ copyOfJobId: "3", resumableStreamOffset: r(6) });
      expect(folded(...copy, lost(6n)).resumableStreamOffset).to.equal(r(2));
      expect(folded(...copy, lost(0n)).resumableStreamOffset).to.equal(0n);
      expect(folded(...copy.slice(0, 1)).resumableStreamOffset).to.equal(0n);
    });

    it("take along a segment that holds nothing but its footer", () => {
      const footerOnly = [
        records.segmentOpen(2, r(6), { headBlock: 10n, firstDataBlock: 11n }),
        records.segmentClose(2, r(6), { footerBlock: 11n, endBlock: 13n }),
      ];
      const claims = folded(...list, ...footerOnly, lost(0n));
      expect(claims.segments.map(({ lostFrom }) => lostFrom)).to.deep.equal([0n, undefined, r(6)]);
      expect(folded(...list, ...footerOnly, lost(11n)).segments[2]?.lostFrom).to.equal(undefined);
    });

    it("take along the object that begins on them: it cannot be gone on with (I10)", () => {
      const across = [records.containerOpen(1, "a/"), records.objectOpen(1, "big", r(3), r(9))];
      const on = records.segmentOpen(1, r(4), { volumeUuid: "v2", continuedHeaderOffset: r(3) });
      const cut = [
        ...begin,
        ...across,
        records.segmentClose(0, r(4), { endBlock: 9n }),
        records.durable(0, 9n, r(4)),
        on,
      ];
      const durable = records.durable(1, 6n, r(6), { volumeUuid: "v2" });
      const object = (...more: readonly PersistentRecord[]) => folded(...cut, durable, ...more).objectAcross(r(6));
      expect(object()?.open.name.toString()).to.equal("big");
      expect(object(lost(6n))).to.equal(undefined);
      expect(object({ ...lost(6n), volumeUuid: "v2" })?.open.name.toString()).to.equal("big");
      expect(object({ ...lost(5n), volumeUuid: "v2" })).to.equal(undefined);
      const small = records.objectOpen(1, "behind", r(5), r(9));
      expect(
        folded(...list, across[0]!, small, lost(6n))
          .objectAcross(r(6))
          ?.open.name.toString(),
      ).to.equal("behind");
    });

    it("withdraw all of it where the label is gone, and only ever more", () => {
      expect(folded(...list, lost(0n)).isDurable(0n, 512n)).to.equal(false);
      expect(folded(...list, lost(5n), lost(6n)).isDurable(0n, r(2))).to.equal(false);
      expect(folded(...list, lost(7n), lost(5n)).isDurable(r(1), r(2))).to.equal(false);
      expect(folded(...list, lost(8n)).isDurable(0n, r(6))).to.equal(true);
      expect(folded(...list, lost(20n)).volumes[0]?.position).to.equal(9n);
    });

    it("do so for segments without an end, and before any DURABLE", () => {
      expect(folded(...begin, records.durable(0, 8n, r(4)), lost(5n)).isDurable(0n, r(2))).to.equal(false);
      const early = folded(...begin, lost(5n));
      expect(early.volumes[0]).to.include({ position: undefined });
    });

    it("touch no later epoch when they come from the second file, and no unknown volume", () => {
      const claims = folded(
        ...list,
        records.segmentOpen(2, r(6), { epoch: 2, headBlock: 9n, firstDataBlock: 10n }),
        records.durable(2, 12n, r(8)),
      );
      claims.loseVolume(lost(4n), 1);
      expect(claims.isDurable(r(6), r(8))).to.equal(true);
      expect(claims.isDurable(0n, r(1))).to.equal(false);
      claims.loseVolume({ ...lost(4n), volumeUuid: "v9" }, 1);
      expect(claims.volumes.length).to.equal(2);
    });
  });
});
