// SPDX-License-Identifier: Apache-2.0
/**
 * H4: a journal of more than 64 KiB, cut at every byte, and with one flipped bit in every byte. What is read is the
 * beginning that is whole, whatever stands behind it, and damage is said exactly where frames that were surely on the
 * disk are missing.
 */
import { expect } from "chai";
import { Claims } from "../../../lib/catalog/claims.ts";
import { decodeFrame, follows } from "../../../lib/catalog/frame.ts";
import type { Frame } from "../../../lib/catalog/frame.ts";
import { encodeRecords } from "../../../lib/catalog/persistent-record.ts";
import type { PersistentRecord } from "../../../lib/catalog/persistent-record.ts";
import { TemporaryCatalog } from "../../../lib/catalog/temporary-catalog.ts";
import { emptySummary, TemporaryCatalogReader } from "../../../lib/catalog/temporary-catalog-reader.ts";
import { MemoryFileSystem } from "./memory-file-system.ts";
import * as records from "./records.ts";

const { r } = records;
const folder = "/jobs/17";
const leastBytes = 64 * 1024;
const framesPerCheckpoint = 6;
const objectsPerFrame = 12;

interface Journal {
  /** The file of its first frame. */
  readonly first: Buffer;
  readonly fileSystem: MemoryFileSystem;
  readonly bytes: Buffer;
  /** Where each frame of the second file ends. */
  readonly ends: readonly number[];
  /** Frames of it that a later frame testifies to. */
  readonly testified: number;
  /** The last DURABLE among so many of its frames. */
  readonly durableTo: readonly bigint[];
}

/** All bytes take a minute: `TIDEMARK_EVERY_BYTE=1`. Else a part of them, in another place of each frame. */
const stride = process.env["TIDEMARK_EVERY_BYTE"] === "1" ? 1 : 13;

const path = `${folder}/catalog-000002.tmc`;

async function recorded(): Promise<Journal> {
  const fileSystem = new MemoryFileSystem();
  const origin = { epoch: 1, nonce: Buffer.alloc(8, 1) };
  const begin: readonly PersistentRecord[] = [
    { type: "epoch", ...origin },
    records.job(),
    { type: "sourceVolumeOpen", index: 0, path: Buffer.from("/a"), streamOffset: 0n },
    records.segmentOpen(1, 0n),
    records.containerOpen(1, "a/"),
  ];
  const catalog = await TemporaryCatalog.start(
    { fileSystem, folder, origin, reserveBytes: 0 },
    emptySummary,
    encodeRecords(begin),
  );
  const ends: number[] = [];
  const durableTo = [0n];
  let testified = 0;
  for (let frame = 1; (ends.at(-1) ?? 0) < leastBytes; frame += 1) {
    const isCheckpoint = frame % framesPerCheckpoint === 0;
    await catalog.append(
      encodeRecords(isCheckpoint ? [records.durable(1, BigInt(frame) + 4n, r(frame))] : objectsOf(frame)),
    );
    ends.push(fileSystem.files.get(path)!.bytes.length);
    durableTo.push(isCheckpoint ? r(frame) : durableTo.at(-1)!);
    if (isCheckpoint) {
      await catalog.synchronise();
      testified = ends.length;
    }
  }
  if (testified === ends.length) throw new Error("the journal must end behind its last synchronisation");
  const first = fileSystem.files.get(`${folder}/catalog-000001.tmc`)!.bytes;
  return { fileSystem, first, bytes: fileSystem.files.get(path)!.bytes, ends, testified, durableTo };
}

function objectsOf(frame: number): readonly PersistentRecord[] {
  return Array.from({ length: objectsPerFrame }, (_, index) => {
    const headerOffset = r(frame) + BigInt(index * 1024);
    return records.object(1, `file-${frame}-${index}`, headerOffset, headerOffset + 1024n);
  });
}

describe("H4: a damaged journal", function () {
  this.timeout(120_000);
  let journal: Journal;
  let reader: TemporaryCatalogReader;
  before(async () => {
    journal = await recorded();
    reader = new TemporaryCatalogReader(journal.fileSystem, folder);
  });
  afterEach(() => put(journal.bytes));

  const put = (bytes: Buffer): void => void (journal.fileSystem.files.get(path)!.bytes = bytes);

  it("with any of its bits flipped holds a frame there no more", () => {
    const bytes = Buffer.from(journal.bytes);
    let start = 0;
    let last: Frame = decodeFrame(journal.first)!;
    for (const end of journal.ends) {
      const good = decodeFrame(bytes, start)!;
      expect(follows(good, last)).to.equal(true);
      for (let bit = start * 8; bit < end * 8; bit += 1) {
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        const found = decodeFrame(bytes, start);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        if (found !== undefined && follows(found, last)) throw new Error(`bit ${bit} is not missed`);
      }
      last = good;
      start = end;
    }
  });

  it("cut at every byte is read up to the last frame before the cut, and is no damage", async () => {
    let whole = 0;
    for (let cut = 0; cut <= journal.bytes.length; cut += stride) {
      while (journal.ends[whole] !== undefined && journal.ends[whole]! <= cut) whole += 1;
      put(journal.bytes.subarray(0, cut));
      const { frames, damage } = await reader.summary();
      if (frames !== whole + 1 || damage !== undefined)
        expect({ cut, frames, damage }).to.deep.equal({ cut, frames: whole + 1, damage: undefined });
    }
  });

  it("with one flipped bit in any byte is read up to it, and says so where a later frame testifies", async () => {
    const bytes = Buffer.from(journal.bytes);
    put(bytes);
    let whole = 0;
    for (let at = 0; at < bytes.length; at += stride) {
      while (journal.ends[whole]! <= at) whole += 1;
      const flipped = 1 << ((at * 7 + whole) % 8);
      bytes[at] = bytes[at]! ^ flipped;
      const { frames, damage } = await reader.summary();
      bytes[at] = bytes[at]! ^ flipped;
      const expected = whole < journal.testified ? BigInt(whole + 2) : undefined;
      if (frames !== whole + 1 || damage?.sequence !== expected)
        expect({ at, frames, sequence: damage?.sequence }).to.deep.equal({ at, frames: whole + 1, sequence: expected });
    }
  });

  it("claims with every number of frames what its last DURABLE says, and no more", async () => {
    for (const [frames, durableTo] of journal.durableTo.entries()) {
      put(journal.bytes.subarray(0, journal.ends[frames - 1] ?? 0));
      const claims = new Claims();
      for await (const { records: found } of reader.records()) claims.applyAll(found);
      expect(claims.durableStreamOffset, `${frames} frames`).to.equal(durableTo);
      expect(claims.isDurable(0n, durableTo + 1n)).to.equal(false);
    }
  });
});
