// SPDX-License-Identifier: Apache-2.0
/**
 * Several readers fill the stream at once, and each has its own frames of records: they come in any order, late, or
 * not at all. Whatever is missing, nothing is claimed that is not both recorded and durable.
 */
import { expect } from "chai";
import { DiskBasedCatalog } from "../../../lib/catalog/disk-based-catalog.ts";
import { encodeRecords } from "../../../lib/catalog/persistent-record.ts";
import type { PersistentRecord } from "../../../lib/catalog/persistent-record.ts";
import { TemporaryCatalog } from "../../../lib/catalog/temporary-catalog.ts";
import { emptySummary, TemporaryCatalogReader } from "../../../lib/catalog/temporary-catalog-reader.ts";
import { MemoryFileSystem } from "./memory-file-system.ts";
import * as records from "./records.ts";

const { r, fingerprint } = records;
const folder = "/jobs/17";
const one = fingerprint({ ino: 11n });
const two = fingerprint({ ino: 12n });
const begin = [records.job(), records.sourceOpen(0, "/a", 0n), records.segmentOpen(0, 0n)];

/** Reader 1 has "a/", reader 2 "b/"; their members alternate in the stream. */
const ofReader1 = [
  [records.containerOpen(1, "a/"), records.object(1, "one", 0n, r(1), { fingerprint: one })],
  [
    records.object(1, "two", r(2), r(3), { fingerprint: two }),
    records.containerClose(1, "a/", r(3), [
      ["one", one],
      ["two", two],
    ]),
  ],
] as const;
const ofReader2 = [
  [records.containerOpen(2, "b/", r(1)), records.object(2, "one", r(1), r(2), { fingerprint: one })],
  [
    records.object(2, "two", r(3), r(4), { fingerprint: two }),
    records.containerClose(2, "b/", r(4), [
      ["one", one],
      ["two", two],
    ]),
  ],
] as const;

/** Verdict and complete objects of each container. */
async function claimed(...frames: readonly (readonly PersistentRecord[])[]): Promise<Record<string, string>> {
  const list = frames.flat();
  const claims = records.folded(...list);
  const catalog = await DiskBasedCatalog.generate({ ...records.generating(list), claims });
  const found = [...catalog.containers()].map((container) => {
    const names = [...catalog.completeObjects(container)].map(({ name }) => name.toString());
    return [container.path.toString(), [container.verdict, ...names].join(" ")];
  });
  catalog.close();
  return Object.fromEntries(found) as Record<string, string>;
}

describe("records of several readers", () => {
  const durable = [records.durable(0, 8n, r(4))];

  it("count in whatever order their frames come", async () => {
    const all = { "a/": "complete one two", "b/": "complete one two" };
    expect(await claimed(begin, ...ofReader1, ...ofReader2, durable)).to.deep.equal(all);
    expect(await claimed(begin, ofReader2[0], ofReader1[0], ofReader2[1], ofReader1[1], durable)).to.deep.equal(all);
    // The durable mark may be there before them.
    expect(await claimed(begin, durable, ...ofReader2, ...ofReader1)).to.deep.equal(all);
  });

  it("lost frame of one reader: what it held is not claimed, and its container is partial", async () => {
    const other = "complete one two";
    expect(await claimed(begin, ...ofReader1, ofReader2[0], durable)).to.deep.equal({
      "a/": other,
      "b/": "partial one",
    });
    // The close came through, a child's record did not.
    const [opening, closing] = ofReader2;
    expect(await claimed(begin, ...ofReader1, opening.slice(0, 1), closing, durable)).to.deep.equal({
      "a/": other,
      "b/": "partial two",
    });
    // Without its opening nobody knows what the records speak of.
    expect(await claimed(begin, ...ofReader1, closing, durable)).to.deep.equal({ "a/": other });
  });

  it("close record whose children are truncated: it falls with them", async () => {
    const cut = [records.truncate(5n, r(3), { epoch: 2 }), records.durable(0, 5n, r(3), { epoch: 2 })];
    expect(await claimed(begin, ...ofReader1, ...ofReader2, durable, cut)).to.deep.equal({
      "a/": "complete one two",
      "b/": "partial one",
    });
    const earlier = [records.truncate(4n, r(2), { epoch: 2 }), records.durable(0, 4n, r(2), { epoch: 2 })];
    expect(await claimed(begin, ...ofReader1, ...ofReader2, durable, earlier)).to.deep.equal({
      "a/": "partial one",
      "b/": "partial one",
    });
  });

  it("close record whose children were on a lost volume: it stands, and its hash tells", async () => {
    const next = records.segmentOpen(1, r(2), { volumeUuid: "v2" });
    const ended = records.segmentClose(0, r(2));
    const lost = { type: "volumeLost", volumeUuid: "v1", fromBlock: 0n } as const;
    const durableOnNext = records.durable(1, 6n, r(4), { volumeUuid: "v2" });
    expect(await claimed(begin, [ended, next], ...ofReader1, ...ofReader2, [durableOnNext, lost])).to.deep.equal({
      "a/": "partial two",
      "b/": "partial two",
    });
  });

  it("a close of an older record of a changed object does not count it: number alike, hash not", async () => {
    const changed = [records.containerOpen(3, "a/", r(4)), records.object(3, "two", r(4), r(5), { fingerprint: one })];
    const after = records.durable(0, 9n, r(5));
    expect(await claimed(begin, ...ofReader1, ...ofReader2, durable, changed, [after])).to.deep.include({
      "a/": "partial one two",
    });
  });

  it("out-of-order journal pages after power loss: reading stops at the first hole, whatever stands behind it", async () => {
    const pageBytes = 64;
    const fileSystem = new MemoryFileSystem();
    const origin = { epoch: 1, nonce: Buffer.alloc(8, 1) };
    const options = { fileSystem, folder, origin, reserveBytes: 0 };
    const catalog = await TemporaryCatalog.start(options, emptySummary, encodeRecords(begin));
    const file = () => fileSystem.files.get(`${folder}/catalog-000002.tmc`)!;
    await catalog.append(encodeRecords(ofReader1[0]));
    await catalog.synchronise();
    const synchronised = file().bytes.length;
    const ends: number[] = [];
    for (const frame of [ofReader2[0], [records.durable(0, 5n, r(2))], ofReader1[1], [records.durable(0, 7n, r(4))]]) {
      await catalog.append(encodeRecords(frame));
      ends.push(file().bytes.length);
    }
    const whole = file().bytes;
    const pages = Math.ceil((whole.length - synchronised) / pageBytes);
    expect(pages).to.be.within(6, 12);
    const reader = new TemporaryCatalogReader(fileSystem, folder);
    for (let survivors = 0; survivors < 2 ** pages; survivors += 1) {
      const bytes = Buffer.from(whole);
      for (let page = 0; page < pages; page += 1) {
        const from = synchronised + page * pageBytes;
        if ((survivors & (1 << page)) === 0) bytes.fill(0, from, Math.min(from + pageBytes, bytes.length));
      }
      file().bytes = bytes;
      const hole = synchronised + pageBytes * Math.log2(~survivors & (survivors + 1));
      const { frames, damage } = await reader.summary();
      expect(damage).to.equal(undefined);
      expect(frames, `pages ${survivors.toString(2)}`).to.equal(2 + ends.filter((end) => end <= hole).length);
    }
  });
});
