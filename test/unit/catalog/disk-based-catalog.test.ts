// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { CatalogError } from "../../../lib/errors.ts";
import { DiskBasedCatalog } from "../../../lib/catalog/disk-based-catalog.ts";
import { objectKind, objectOutcome } from "../../../lib/catalog/persistent-record.ts";
import type { PersistentRecord } from "../../../lib/catalog/persistent-record.ts";
import * as records from "./records.ts";

const { r, fingerprint, directoryFingerprint } = records;

const begin = [records.job(), records.sourceOpen(0, "/a", 0n), records.segmentOpen(0, 0n)];
const one = fingerprint({ ino: 11n });
const two = fingerprint({ ino: 12n });
const sub = directoryFingerprint(20n);

/** Container "a/" with its own member, two files and a sub-directory, ended at record 4: three entries count. */
const container: readonly PersistentRecord[] = [
  records.containerOpen(1, "a/"),
  records.object(1, "", 0n, 512n, { kind: objectKind.directory, fingerprint: directoryFingerprint(7n), digest: null }),
  records.object(1, "one", 512n, r(1), { fingerprint: one }),
  records.object(1, "sub", r(1), r(1) + 512n, { kind: objectKind.directory, fingerprint: sub, digest: null }),
  records.object(1, "two", r(1) + 512n, r(4), { fingerprint: two }),
  records.containerClose(1, "a/", r(4), [
    ["one", one],
    ["sub", sub],
    ["two", two],
  ]),
];
const durable = [records.durable(0, 8n, r(4))];

async function generated(...list: readonly PersistentRecord[]): Promise<DiskBasedCatalog> {
  const claims = records.folded(...list);
  return DiskBasedCatalog.generate({ ...records.generating(list), claims });
}

function verdict(catalog: DiskBasedCatalog, path: string): string {
  return catalog.container(Buffer.from(path))?.verdict ?? "not listed";
}

function names(catalog: DiskBasedCatalog, path: string): string[] {
  const state = catalog.container(Buffer.from(path));
  return state === undefined ? [] : [...catalog.completeObjects(state)].map(({ name }) => name.toString());
}

describe("the disk-based catalog", () => {
  it("says of each container whether it is listed, partial or complete", async () => {
    const open = records.containerOpen(2, "a/sub/", r(4));
    const catalog = await generated(...begin, ...container, open, ...durable);
    expect(verdict(catalog, "a/")).to.equal("complete");
    expect(verdict(catalog, "a/sub/")).to.equal("partial");
    expect(verdict(catalog, "b/")).to.equal("not listed");
    expect(catalog.container(Buffer.from("a/"))?.close).to.deep.include({ entries: 3, exceptions: 0 });
    expect(catalog.container(Buffer.from("a/sub/"))?.close).to.equal(undefined);
    expect(names(catalog, "a/")).to.deep.equal(["", "one", "sub", "two"]);
    expect([...catalog.containers()].map(({ path }) => path.toString())).to.deep.equal(["a/", "a/sub/"]);
    expect(catalog.summary()).to.deep.equal({
      containersComplete: 1n,
      containersPartial: 1n,
      objectsDurable: 4n,
      exceptions: 0n,
      bytesDurable: r(4),
    });
    catalog.close();
  });

  it("takes a container for partial while its end is not durable", async () => {
    const catalog = await generated(...begin, ...container, records.durable(0, 5n, r(1)));
    expect(verdict(catalog, "a/")).to.equal("partial");
    expect(names(catalog, "a/")).to.deep.equal(["", "one"]);
  });

  it("S7: takes a directory that changed meanwhile for partial", async () => {
    const close = { ...(container[5] as ReturnType<typeof records.containerClose>), unchanged: false };
    expect(verdict(await generated(...begin, ...container.slice(0, 5), close, ...durable), "a/")).to.equal("partial");
  });

  it("is not fooled by the right number of entries with an older record among them", async () => {
    const changed = records.object(1, "two", r(1) + 512n, r(4), {
      fingerprint: fingerprint({ ino: 12n, sizeBytes: 99n }),
    });
    const list = [...container.slice(0, 4), changed, container[5]!];
    const catalog = await generated(...begin, ...list, ...durable);
    expect(verdict(catalog, "a/")).to.equal("partial");
    expect(names(catalog, "a/")).to.deep.equal(["", "one", "sub", "two"]);
  });

  it("is not fooled by a missing child, nor by one too many", async () => {
    expect(verdict(await generated(...begin, ...container.slice(0, 4), container[5]!, ...durable), "a/")).to.equal(
      "partial",
    );
    const extra = records.object(1, "zzz", r(1), r(2), { fingerprint: one });
    expect(
      verdict(await generated(...begin, ...container.slice(0, 5), extra, container[5]!, ...durable), "a/"),
    ).to.equal("partial");
  });

  it("takes of two records of a name the one further on in the stream, in whatever order they came", async () => {
    const early = records.object(1, "one", 0n, 512n, { fingerprint: one, outcome: objectOutcome.changed });
    const late = records.object(1, "one", 512n, r(1), { fingerprint: one });
    for (const order of [
      [early, late],
      [late, early],
    ]) {
      const catalog = await generated(...begin, records.containerOpen(1, "a/"), ...order, records.durable(0, 8n, r(4)));
      const [object] = [...catalog.objects(catalog.container(Buffer.from("a/")) ?? expect.fail())];
      expect(object).to.include({ outcome: objectOutcome.ok, headerOffset: 512n });
    }
  });

  it("takes the last record of a name", async () => {
    const first = records.object(1, "two", r(1) + 512n, r(2), { outcome: objectOutcome.changed });
    const catalog = await generated(...begin, ...container.slice(0, 4), first, ...container.slice(4), ...durable);
    expect(verdict(catalog, "a/")).to.equal("complete");
    const last = records.object(1, "two", r(3), r(3), { outcome: objectOutcome.unreadable, errno: 13 });
    const unread = await generated(...begin, ...container, last, ...durable);
    expect(names(unread, "a/")).to.deep.equal(["", "one", "sub"]);
    expect(unread.summary().exceptions).to.equal(1n);
    expect([...unread.objects(unread.container(Buffer.from("a/"))!)].at(-1)).to.deep.include({ outcome: 3, errno: 13 });
  });

  describe("a directory that comes whole", () => {
    const begun = [...begin, ...container];

    it("is judged with what comes for it later, under its own number or another", async () => {
      const more = records.object(1, "zzz", r(3), r(3) + 512n, { fingerprint: two });
      const later = await generated(...begun, more, ...durable);
      expect(verdict(later, "a/")).to.equal("partial");
      expect(names(later, "a/")).to.deep.equal(["", "one", "sub", "two", "zzz"]);
      const changed = { ...more, containerId: 4, name: Buffer.from("two") };
      const close = records.containerClose(4, "a/", r(4), [
        ["one", one],
        ["sub", sub],
        ["two", two],
      ]);
      const again = await generated(...begun, records.containerOpen(4, "a/", r(3)), changed, close, ...durable);
      expect(verdict(again, "a/")).to.equal("complete");
      expect([...again.objects(again.container(Buffer.from("a/"))!)].at(-1)).to.include({ headerOffset: r(3) });
      expect(again.summary()).to.include({ objectsDurable: 4n, containersComplete: 1n });
    });

    it("counts only where its members and its close are durable and not void", async () => {
      expect(verdict(await generated(...begun, records.durable(0, 8n, r(2))), "a/")).to.equal("partial");
      const late = [...begin, ...container.slice(0, 5), { ...container[5]!, endOffset: r(5) }, ...durable];
      expect(verdict(await generated(...(late as PersistentRecord[])), "a/")).to.equal("partial");
      const orphan = await generated(...begin, ...container.slice(1), ...durable);
      expect(orphan.summary()).to.include({ objectsDurable: 0n, containersPartial: 0n });
    });

    it("tells whether what is below it is still reached", async () => {
      const open = records.containerOpen(2, "a/sub/", r(4));
      const catalog = await generated(...begun, open, records.containerOpen(3, "a/gone/", r(4)), ...durable);
      expect(["a/", "a/sub/", "a/gone/"].map((path) => catalog.isReached(Buffer.from(path)))).to.deep.equal([
        true,
        true,
        false,
      ]);
    });
  });

  it("lets a change inside a sub-directory leave its parent complete", async () => {
    const later = directoryFingerprint(20n, 99n);
    const list = container.map((record) =>
      record.type === "object" && record.name.toString() === "sub" ? { ...record, fingerprint: later } : record,
    );
    expect(verdict(await generated(...begin, ...list, ...durable), "a/")).to.equal("complete");
  });

  it("forgets what a later TRUNCATE voids, and takes what was written again", async () => {
    const cut = [
      ...begin,
      ...container,
      ...durable,
      records.truncate(5n, r(1), { epoch: 2 }),
      records.durable(0, 5n, r(1), { epoch: 2 }),
    ];
    const catalog = await generated(...cut);
    expect(verdict(catalog, "a/")).to.equal("partial");
    expect(names(catalog, "a/")).to.deep.equal(["", "one"]);
    // The same path again in another epoch is the same container.
    const again = await generated(
      ...cut,
      records.segmentOpen(1, r(1), { headBlock: 6n, firstDataBlock: 7n, epoch: 2 }),
      records.containerOpen(5, "a/", r(1)),
      records.object(5, "sub", r(1), r(1) + 512n, { kind: objectKind.directory, fingerprint: sub, digest: null }),
      records.object(5, "two", r(1) + 512n, r(2), { fingerprint: two }),
      records.containerClose(5, "a/", r(2), [
        ["one", one],
        ["sub", sub],
        ["two", two],
      ]),
      records.durable(1, 8n, r(2), { epoch: 2 }),
    );
    expect(verdict(again, "a/")).to.equal("complete");
    expect([...again.containers()].length).to.equal(1);
  });

  it("voids a container that was opened past the boundary, and passes over what belongs to it", async () => {
    const late = [
      records.containerOpen(3, "late/", r(2)),
      records.object(3, "x", r(2), r(3)),
      records.containerClose(3, "late/", r(3), []),
    ];
    const voided = await generated(...begin, ...late, ...durable, records.truncate(5n, r(1)));
    expect(verdict(voided, "late/")).to.equal("not listed");
    const orphans = await generated(
      ...begin,
      records.object(9, "x", 0n, r(1)),
      records.containerClose(9, "o/", r(1), []),
      ...durable,
    );
    expect(orphans.summary()).to.include({ objectsDurable: 0n, containersPartial: 0n });
  });

  it("withdraws what stood on a lost volume", async () => {
    const lost: PersistentRecord = { type: "volumeLost", volumeUuid: "v1", fromBlock: 5n };
    const catalog = await generated(...begin, ...container, ...durable, lost);
    expect(verdict(catalog, "a/")).to.equal("partial");
    expect(names(catalog, "a/")).to.deep.equal(["", "one"]);
  });

  describe("hard links", () => {
    const target = records.object(1, "one", 512n, r(1), { fingerprint: one, linkTarget: Buffer.alloc(0) });
    const link = (fields: Partial<ReturnType<typeof records.object>> = {}): PersistentRecord =>
      records.object(1, "two", r(2), r(2) + 512n, {
        kind: objectKind.hardLink,
        fingerprint: one,
        linkTarget: Buffer.from("a/one"),
        digest: null,
        ...fields,
      });
    const linked = async (...list: readonly PersistentRecord[]): Promise<string[]> =>
      names(await generated(...begin, records.containerOpen(1, "a/"), ...list, ...durable), "a/");

    it("live while their target does", async () => {
      expect(await linked(target, link())).to.deep.equal(["one", "two"]);
    });

    it("S8: fall with a target that is gone, changed, later in the stream, unreadable, or a link itself", async () => {
      expect(await linked(link())).to.deep.equal([]);
      expect(await linked(target, link({ fingerprint: two }))).to.deep.equal(["one"]);
      expect(await linked({ ...target, headerOffset: r(3), endOffset: r(4) }, link())).to.deep.equal(["one"]);
      expect(await linked({ ...target, outcome: objectOutcome.unreadable }, link())).to.deep.equal([]);
      expect(
        await linked({ ...target, kind: objectKind.hardLink, linkTarget: Buffer.from("a/none") }, link()),
      ).to.deep.equal([]);
      expect(await linked(target, link({ linkTarget: null }))).to.deep.equal(["one"]);
      expect(await linked(target, link({ linkTarget: Buffer.from("b/one") }))).to.deep.equal(["one"]);
    });

    it("are judged by the last record of their name", async () => {
      expect(await linked(target, link(), records.object(1, "two", r(3), r(4), { fingerprint: two }))).to.deep.equal([
        "one",
        "two",
      ]);
    });

    it("find claimed targets in stream order", async () => {
      const other = records.object(1, "other", 0n, 512n);
      const catalog = await generated(...begin, records.containerOpen(1, "a/"), target, link(), other, ...durable);
      expect([...catalog.linkTargets()].map(({ path }) => path.toString())).to.deep.equal(["a/one"]);
      expect([...catalog.linkTargets()][0]).to.deep.include({ headerOffset: 512n, fingerprint: one });
    });
  });

  describe("large objects", () => {
    const open = [records.containerOpen(1, "a/"), records.objectOpen(1, "big", 0n, r(4))];
    const extents = async (...list: readonly PersistentRecord[]): Promise<bigint[][]> =>
      [...(await generated(...begin, ...open, ...list)).extents()].map(({ from, to }) => [from, to]);

    it("keep the digests of extents that are durable and not void", async () => {
      const list = [records.extent(1, "big", 0n, 0n, r(1)), records.extent(1, "big", 0n, r(1), r(3))];
      expect(await extents(...list, records.object(1, "big", 0n, r(4)), ...durable)).to.deep.equal([
        [0n, r(1)],
        [r(1), r(3)],
      ]);
      const cut = [
        ...list,
        records.object(1, "big", 0n, r(4)),
        records.truncate(6n, r(2)),
        records.durable(0, 6n, r(2)),
      ];
      expect(await extents(...cut)).to.deep.equal([[0n, r(1)]]);
      const continued = [
        records.extent(1, "big", 0n, r(1), r(2) - 512n),
        records.object(1, "big", 0n, r(4)),
        records.durable(0, 9n, r(4)),
      ];
      const segment = records.segmentOpen(1, r(2), { headBlock: 7n, firstDataBlock: 8n, continuedHeaderOffset: 0n });
      const close = records.segmentClose(0, r(2), { how: "cut", endBlock: 6n });
      const all = await extents(...cut, close, segment, ...continued.slice(0, 2), records.durable(1, 10n, r(4)));
      expect(all).to.deep.equal([
        [0n, r(1)],
        [r(1), r(2) - 512n],
      ]);
    });

    it("keep extents without a digest", async () => {
      const without = { ...records.extent(1, "big", 0n, 0n, r(1)), digest: null };
      const with_ = records.extent(1, "big", 0n, r(1), r(3));
      const list = [without, with_, records.object(1, "big", 0n, r(4)), ...durable];
      const found = [...(await generated(...begin, ...open, ...list)).extents()];
      expect(found.map(({ to, digest }) => [to, digest])).to.deep.equal([
        [r(1), undefined],
        [r(3), with_.digest],
      ]);
    });

    it("that began past the boundary have none", async () => {
      const late = [records.objectOpen(1, "late", r(3), r(4)), records.extent(1, "late", r(3), 0n, 512n)];
      expect(await extents(...late, records.truncate(5n, r(1)))).to.deep.equal([]);
    });
  });

  it("holds a container of thousands, and thousands of containers", async () => {
    const entries = Array.from({ length: 5000 }, (_, index) => String(index).padStart(5, "0"));
    const many = entries.map((name, index) => records.containerOpen(100 + index, `m/${name}/`));
    const list = [
      ...begin,
      records.containerOpen(1, "a/"),
      ...entries.map((name) => records.object(1, name, 0n, 512n, { fingerprint: one })),
      records.containerClose(
        1,
        "a/",
        r(1),
        entries.map((name) => [name, one] as const),
      ),
      ...many,
      ...many.map(({ containerId, path }) => records.containerClose(containerId, path.toString(), r(1), [])),
      ...durable,
    ];
    const catalog = await generated(...list);
    expect(catalog.summary()).to.include({ containersComplete: 5001n, objectsDurable: 5000n });
  });

  it("is made anew in its file, and says where that cannot be", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tidemark-catalog-"));
    try {
      const list = [...begin, ...container, ...durable];
      const options = {
        ...records.generating(list),
        path: join(folder, "disk.sqlite"),
      };
      for (let pass = 0; pass < 2; pass += 1) {
        const catalog = await DiskBasedCatalog.generate(options);
        expect(catalog.summary().objectsDurable).to.equal(4n);
        catalog.close();
      }
      for (const path of [join(folder, "no/such/folder"), folder]) {
        try {
          await DiskBasedCatalog.generate({ ...options, path });
          expect.fail("must throw");
        } catch (error) {
          expect(error).to.be.instanceOf(CatalogError);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
