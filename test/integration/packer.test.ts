// SPDX-License-Identifier: Apache-2.0
/** What the native packer puts into the stream, judged by GNU tar, by the source and by the records about it. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import type { BigIntStats } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ContainerHasher } from "../../lib/catalog/container-hash.ts";
import { encodeFingerprint } from "../../lib/catalog/fingerprint.ts";
import { objectKind, objectOutcome } from "../../lib/catalog/persistent-record.ts";
import type { ContainerCloseRecord, ObjectRecord } from "../../lib/catalog/persistent-record.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { ContinuedObject } from "../../lib/native/binding.ts";
import { compareTrees } from "../../scripts/compare-trees.ts";
import { makeLargeFile, makeSmallFiles, makeSpecialObjects, Noise } from "../../scripts/make-tree.ts";
import { needs } from "../needs.ts";
import { objectsByPath, pack, PackingRun, recordsOf } from "./packing.ts";
import type { Packing } from "./packing.ts";

const recordSizeBytes = 16384;

describe("the packer", () => {
  let folder = "";
  let source = "";
  let target = "";
  let streamPath = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-packer-"));
    source = join(folder, "source");
    target = join(folder, "target");
    streamPath = join(folder, "stream");
    mkdirSync(source);
    mkdirSync(target);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const memberPath = (path: string): string => `${source.slice(1)}/${path}`;
  const sourcePath = (): Buffer => Buffer.from(source);

  /**
   * Directories' times: GNU tar must set them at the very end (their entries are apart), and must make symbolic links
   * to absolute paths at once (-P): else it makes them behind the times, where the directory's member follows the link.
   */
  function extract(archive: string, blocks = recordSizeBytes / 512): void {
    const { status, stderr } = spawnSync(
      "tar",
      [
        "-x",
        "-p",
        "-P",
        "--numeric-owner",
        "--acls",
        "--xattrs",
        "--xattrs-include=*",
        "--delay-directory-restore",
        "--warning=no-unknown-keyword",
        "-b",
        String(blocks),
        "-f",
        archive,
      ],
      { cwd: target, env: { PATH: process.env["PATH"], LC_ALL: "C" }, encoding: "latin1" },
    );
    expect(stderr).to.equal("");
    expect(status).to.equal(0);
  }

  function expectSameTree(): void {
    const restored = Buffer.from(join(target, source));
    expect(compareTrees(sourcePath(), restored).differences).to.deep.equal([]);
  }

  function streamBytes(from: bigint, to: bigint): Buffer {
    const bytes = Buffer.alloc(Number(to - from));
    const descriptor = openSync(streamPath, "r");
    readSync(descriptor, bytes, 0, bytes.length, Number(from));
    closeSync(descriptor);
    return bytes;
  }

  describe("a tree with everything in it", () => {
    for (const [readers, blockBytes] of [
      [1, 16384],
      [2, 16384],
      [2, 524288],
    ] as const) {
      it(`is restored by GNU tar: ${readers} readers, records of ${blockBytes}`, async function () {
        needs(this, "tar");
        makeSpecialObjects(join(source, "special"));
        makeSmallFiles(join(source, "small"), 300);
        makeLargeFile(join(source, "large"), 3 * 2 ** 20 + 1);
        spawnSync("setfacl", ["-d", "-m", "u:1234:rwx", join(source, "small")]);
        const packing = await pack({
          source: sourcePath(),
          streamPath,
          readers,
          recordSizeBytes: blockBytes,
          capacityBytes: 4 * 2 ** 20,
        });
        expect(statSync(streamPath).size % blockBytes).to.equal(0);
        expect(packing.summary.objectsUnreadable).to.equal(0n);
        extract(streamPath, blockBytes / 512);
        expectSameTree();
        expectSoundRecords(packing, blockBytes);
      });
    }

    it("has digests of its bytes as they stand in the stream", async () => {
      makeSpecialObjects(source);
      const packing = await pack({ source: sourcePath(), streamPath });
      const files = recordsOf(packing, "object").filter(({ kind }) => kind === objectKind.file);
      expect(files.length).to.be.greaterThan(100);
      for (const { dataOffset, endOffset, fingerprint, digest } of files) {
        const size = fingerprint.readBigUInt64BE(16);
        expect(endOffset - dataOffset < size + 512n).to.equal(true);
        expect(digest).to.deep.equal(nativeBinding().xxh3_128(streamBytes(dataOffset, dataOffset + size)));
      }
    });

    it("announces what is longer than a record before its first byte", async () => {
      makeLargeFile(join(source, "large"), 100_000);
      makeSpecialObjects(join(source, "special"));
      const packing = await pack({ source: sourcePath(), streamPath });
      const opened = new Map(recordsOf(packing, "objectOpen").map((open) => [open.headerOffset, open]));
      for (const object of recordsOf(packing, "object")) {
        const isLong = object.endOffset - object.headerOffset > BigInt(recordSizeBytes);
        expect(opened.has(object.headerOffset), object.name.toString("latin1")).to.equal(isLong);
      }
      const sparse = [...opened.values()].find(({ kind }) => kind === objectKind.sparseFile);
      expect(sparse?.sparseMap?.toString("latin1")).to.match(/^3\n/);
    });
  });

  function expectSoundRecords(packing: Packing, blockBytes: number): void {
    const record = BigInt(blockBytes);
    const members = recordsOf(packing, "object")
      .filter(({ endOffset, headerOffset }) => endOffset > headerOffset)
      .sort((a, b) => (a.headerOffset < b.headerOffset ? -1 : 1));
    let end = 0n;
    for (const { headerOffset, dataOffset, endOffset, name } of members) {
      expect(headerOffset >= end, `${name.toString("latin1")} overlaps`).to.equal(true);
      const isWhole = headerOffset / record === (dataOffset - 1n) / record;
      expect(isWhole || headerOffset % record === 0n, `headers of ${name.toString("latin1")}`).to.equal(true);
      end = endOffset;
    }
    expectHashes(packing);
    const targets = new Map([...objectsByPath(packing)].map(([path, object]) => [path, object]));
    for (const { kind, linkTarget, headerOffset } of targets.values()) {
      if (kind !== objectKind.hardLink) continue;
      const object = targets.get(linkTarget?.toString("latin1") ?? "");
      expect(object?.linkTarget).to.deep.equal(Buffer.alloc(0));
      expect((object?.headerOffset ?? headerOffset) < headerOffset).to.equal(true);
    }
  }

  function expectHashes(packing: Packing): void {
    const closes = recordsOf(packing, "containerClose");
    const paths = new Map(
      recordsOf(packing, "containerOpen").map(({ containerId, path }) => [containerId, path.toString("latin1")]),
    );
    expect(closes.length).to.equal(new Set(paths.values()).size);
    const objects = new Map<string, Map<string, ObjectRecord>>();
    for (const object of recordsOf(packing, "object")) {
      const path = paths.get(object.containerId) ?? "";
      const names = objects.get(path) ?? new Map<string, ObjectRecord>();
      objects.set(path, names.set(object.name.toString("latin1"), object));
    }
    for (const { entries, hash, path } of closes) {
      const archived = [...(objects.get(path.toString("latin1"))?.values() ?? [])]
        .filter(({ outcome, name }) => outcome === objectOutcome.ok && name.length > 0)
        .sort((a, b) => Buffer.compare(a.name, b.name));
      const hasher = new ContainerHasher();
      for (const { name, fingerprint } of archived) hasher.add(name, fingerprint);
      expect(hasher.entries, path.toString()).to.equal(entries);
      expect(hasher.digest((bytes) => nativeBinding().xxh3_128(bytes))).to.deep.equal(hash);
    }
  }

  it("crosses into JavaScript seldom: 20,000 small files", async () => {
    for (let index = 0; index < 20_000; index++) {
      const inner = join(source, `folder-${Math.floor(index / 200)}`);
      if (index % 200 === 0) mkdirSync(inner);
      writeFileSync(join(inner, `file-${index}`), `content of ${index}`);
    }
    const before = nativeBinding().crossings();
    const packing = await pack({
      source: sourcePath(),
      streamPath: "/dev/null",
      recordSizeBytes: 524288,
      capacityBytes: 16 * 2 ** 20,
    });
    expect(nativeBinding().crossings() - before).to.be.lessThan(400);
    expect(packing.summary.filesOpened).to.equal(20_000n);
    expectHashes(packing);
  });

  describe("segments", () => {
    it("are archives of their own, ended at a member boundary and a record boundary", async function () {
      needs(this, "tar");
      makeSmallFiles(source, 500);
      makeSpecialObjects(join(source, "special"));
      const packing = await pack({ source: sourcePath(), streamPath, segmentBytes: 2n ** 20n });
      expect(packing.barriers.length).to.be.greaterThan(4);
      let from = 0n;
      for (const to of packing.barriers) {
        expect(to % BigInt(recordSizeBytes)).to.equal(0n);
        const segment = join(folder, "segment");
        writeFileSync(segment, streamBytes(from, to));
        if (to > from) extract(segment);
        from = to;
      }
      expectSameTree();
    });

    it("end where they are told to, and every record of them has been delivered by then", async () => {
      makeSmallFiles(source, 200);
      const run = new PackingRun({ source: sourcePath(), streamPath, capacityBytes: 64 * 2 ** 20 });
      run.packer.requestBarrier();
      run.start();
      const packing = await run.finish();
      expect(packing.barriers[0]).to.equal(0n);
      expect(packing.barriers.length).to.equal(2);
    });
  });

  describe("a file that changes while it is read", () => {
    const largeBytes = 4 * 2 ** 20;

    /** The ring holds a part of the file; the rest is read after it was changed. */
    async function packWhileChanging(change: () => void, holeBytes = 0): Promise<Packing> {
      writeFileSync(join(source, "a"), "before it");
      makeLargeFile(join(source, "file"), largeBytes);
      truncateSync(join(source, "file"), largeBytes + holeBytes);
      writeFileSync(join(source, "z"), "behind it");
      return pack({
        source: sourcePath(),
        streamPath,
        readers: 1,
        capacityBytes: 2 ** 20,
        beforeDraining: async (packer, ring) => {
          while (ring.filledBytes() < ring.capacityBytes) await new Promise((done) => setTimeout(done, 5));
          expect(packer.memberAt(BigInt(recordSizeBytes) * 4n)?.path.toString()).to.equal(memberPath("file"));
          change();
        },
      });
    }

    for (const [title, change] of [
      ["S1: shrinks", (path: string) => truncateSync(path, largeBytes / 2 + 77)],
      ["S2: grows", (path: string) => appendFileSync(path, "more")],
      ["S3: is touched", (path: string) => utimesSync(path, 1, 1)],
      ["S12: gets other permissions", (path: string) => chmodSync(path, 0o751)],
    ] as const) {
      it(`${title}, and is written once more at the end of its directory`, async function () {
        needs(this, "tar");
        const packing = await packWhileChanging(() => change(join(source, "file")));
        const records = recordsOf(packing, "object").filter(({ name }) => name.toString() === "file");
        // Two readers' frames may change places: the one further on in the stream counts.
        const inStream = [...records].sort((left, right) => Number(left.headerOffset - right.headerOffset));
        expect(inStream.map(({ outcome }) => outcome)).to.deep.equal([objectOutcome.changed, objectOutcome.ok]);
        expect(records[0]?.endOffset).to.equal((records[0]?.dataOffset ?? 0n) + BigInt(largeBytes));
        expectHashes(packing);
        expect(packing.summary.objectsUnreadable).to.equal(0n);
        extract(streamPath);
        expectSameTree();
      });
    }

    it("S9: has a hole that is filled: it is written once more, with the map that it has then", async function () {
      needs(this, "tar");
      const fill = (): void => {
        const descriptor = openSync(join(source, "file"), "r+");
        writeSync(descriptor, Buffer.alloc(65536, 7), 0, 65536, largeBytes + 2 ** 20);
        closeSync(descriptor);
      };
      const packing = await packWhileChanging(fill, 2 * 2 ** 20);
      const records = recordsOf(packing, "object").filter(({ name }) => name.toString() === "file");
      // Two readers' frames may change places: the one further on in the stream counts.
      const inStream = [...records].sort((left, right) => Number(left.headerOffset - right.headerOffset));
      expect(inStream.map(({ kind }) => kind)).to.deep.equal([objectKind.sparseFile, objectKind.sparseFile]);
      expect(inStream.map(({ outcome }) => outcome)).to.deep.equal([objectOutcome.changed, objectOutcome.ok]);
      expectHashes(packing);
      extract(streamPath);
      expectSameTree();
    });

    it("S4: is gone by then, which is recorded", async () => {
      const packing = await packWhileChanging(() => rmSync(join(source, "z")));
      const gone = objectsByPath(packing).get(memberPath("z"));
      expect(gone?.outcome).to.equal(objectOutcome.vanished);
      expect(gone?.headerOffset).to.equal(gone?.endOffset);
      const [close] = recordsOf(packing, "containerClose");
      expect(close).to.include({ entries: 2, exceptions: 1, unchanged: false });
    });
  });

  it("a source that is not there is a container with a reason", async () => {
    const packing = await pack({ source: Buffer.from(join(folder, "nowhere")), streamPath });
    const [object] = recordsOf(packing, "object");
    expect(object).to.include({ outcome: objectOutcome.vanished, errno: 2 });
    const [close] = recordsOf(packing, "containerClose");
    expect(close).to.include({ entries: 0, exceptions: 1, unchanged: false });
    expect(packing.summary.objectsUnreadable).to.equal(1n);
  });

  it("W13: an empty file is a header of size 0, and nothing behind it", async function () {
    needs(this, "tar");
    writeFileSync(join(source, "empty"), "");
    writeFileSync(join(source, "next"), "behind it");
    const packing = await pack({ source: sourcePath(), streamPath });
    const empty = objectsByPath(packing).get(memberPath("empty"));
    expect(empty).to.include({ outcome: objectOutcome.ok, kind: objectKind.file });
    expect(empty?.dataOffset).to.equal(empty?.endOffset);
    expectHashes(packing);
    extract(streamPath);
    expectSameTree();
  });

  it("S11: a socket is skipped, and nothing is read from a fifo", async () => {
    const program = "import os, socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1]); os.mkfifo(sys.argv[2])";
    spawnSync("python3", ["-c", program, join(source, "socket"), join(source, "fifo")]);
    const packing = await pack({ source: sourcePath(), streamPath });
    expect(objectsByPath(packing).get(memberPath("socket"))?.outcome).to.equal(objectOutcome.skipped);
    expect(objectsByPath(packing).get(memberPath("fifo"))).to.include({ outcome: 0, kind: objectKind.fifo });
    expect(packing.summary.objectsUnreadable).to.equal(0n);
  });

  it("a symbolic link in the place of a directory leads nowhere", async () => {
    makeLargeFile(join(source, "a"), 3 * 2 ** 20);
    mkdirSync(join(source, "inner"));
    mkdirSync(join(folder, "outside"));
    writeFileSync(join(folder, "outside", "secret"), "secret");
    writeFileSync(join(source, "z"), "z");
    const packing = await pack({
      source: sourcePath(),
      streamPath,
      readers: 1,
      answer: (paths) => {
        if (paths.some((path) => path.toString().endsWith("/inner/"))) {
          renameSync(join(source, "inner"), join(folder, "moved"));
          symlinkSync(join(folder, "outside"), join(source, "inner"));
        }
        return Buffer.concat(paths.map(() => notListed()));
      },
    });
    expect([...objectsByPath(packing).keys()]).to.not.include(memberPath("inner/secret"));
    expect(packing.summary.objectsUnreadable).to.equal(1n);
  });

  describe("at a resume", () => {
    it("skips complete containers, and writes what is missing of the others", async () => {
      mkdirSync(join(source, "complete"));
      mkdirSync(join(source, "complete", "below"));
      mkdirSync(join(source, "partial"));
      writeFileSync(join(source, "complete", "file"), "one");
      writeFileSync(join(source, "complete", "below", "file"), "new");
      writeFileSync(join(source, "partial", "done"), "two");
      writeFileSync(join(source, "partial", "missing"), "three");
      const first = await pack({ source: sourcePath(), streamPath });
      const known = objectsByPath(first);
      const done = known.get(memberPath("partial/done"));
      const second = await pack({
        source: sourcePath(),
        streamPath,
        answer: (paths) =>
          Buffer.concat(
            paths.map((path) => {
              if (path.toString().endsWith("/complete/")) return complete(first, path);
              if (path.toString().endsWith("/partial/")) return partial(done === undefined ? [] : [done]);
              return path.toString() === memberPath("") ? complete(first, path) : notListed();
            }),
          ),
      });
      const written = [...objectsByPath(second).keys()].sort();
      // What was listed before gets its own member again, at the end of its entries.
      expect(written).to.deep.equal([
        memberPath("complete/below/"),
        memberPath("complete/below/file"),
        memberPath("partial/"),
        memberPath("partial/missing"),
      ]);
      expect(second.summary).to.include({ containersSkipped: 2n, containersPartial: 1n, containersWritten: 1n });
      const closed = recordsOf(second, "containerClose").find(({ path }) => path.toString().endsWith("/partial/"));
      const before = recordsOf(first, "containerClose").find(({ path }) => path.toString().endsWith("/partial/"));
      expect(closed).to.deep.include({ entries: 2, hash: before?.hash });
    });

    it("asks again about a complete container that has changed", async () => {
      writeFileSync(join(source, "old"), "old");
      writeFileSync(join(source, "other"), "other");
      const first = await pack({ source: sourcePath(), streamPath });
      writeFileSync(join(source, "other"), "changed");
      const objects = recordsOf(first, "object");
      const second = await pack({
        source: sourcePath(),
        streamPath,
        answer: ([path = Buffer.alloc(0)]) => (path[0] === 0 ? partial(objects) : complete(first, path)),
      });
      expect(second.questions.map((paths) => paths.map(String))).to.deep.equal([
        [memberPath("")],
        [`\0${memberPath("")}`],
      ]);
      expect([...objectsByPath(second).keys()]).to.deep.equal([memberPath("other"), memberPath("")]);
      expectRecordedHash(second, 2);
    });

    it("does not look into complete containers where the catalog is trusted", async () => {
      mkdirSync(join(source, "below"));
      const first = await pack({ source: sourcePath(), streamPath });
      writeFileSync(join(source, "unseen"), "new");
      const second = await pack({
        source: sourcePath(),
        streamPath,
        trustCatalog: true,
        answer: (paths) => Buffer.concat(paths.map((path) => complete(first, path))),
      });
      expect(objectsByPath(second).size).to.equal(0);
      expect(second.summary.containersSkipped).to.equal(2n);
    });

    it("S8: links to targets that are claimed, unless they have changed", async () => {
      writeFileSync(join(source, "file"), "content");
      spawnSync("ln", [join(source, "file"), join(source, "link")]);
      const { fingerprint } = objectsByPath(await pack({ source: sourcePath(), streamPath })).get(
        memberPath("file"),
      ) as ObjectRecord;
      const linked = await pack({
        source: sourcePath(),
        streamPath,
        linkTargets: linkTargets(fingerprint, "far/target"),
      });
      const kindsOf = (packing: Packing): number[] =>
        ["file", "link"].map((name) => objectsByPath(packing).get(memberPath(name))?.kind ?? -1);
      expect(kindsOf(linked)).to.deep.equal([objectKind.hardLink, objectKind.hardLink]);
      const other = Buffer.from(fingerprint);
      other.writeBigInt64BE(1n, 32);
      const changed = await pack({ source: sourcePath(), streamPath, linkTargets: linkTargets(other, "far/target") });
      expect(kindsOf(changed)).to.deep.equal([objectKind.file, objectKind.hardLink]);
    });

    function expectRecordedHash(packing: Packing, entries: number): void {
      const [close] = recordsOf(packing, "containerClose");
      const names = ["old", "other"];
      const hasher = new ContainerHasher();
      for (const name of names) {
        const stats = statSync(join(source, name), { bigint: true });
        hasher.add(Buffer.from(name), fingerprintOf(stats));
      }
      expect(close?.entries).to.equal(entries);
      expect(close?.hash).to.deep.equal(hasher.digest((bytes) => nativeBinding().xxh3_128(bytes)));
    }
  });

  describe("a cut object", () => {
    async function cut(
      name: string,
    ): Promise<{ readonly whole: Buffer; readonly object: ContinuedObject; readonly member: ObjectRecord }> {
      const packing = await pack({ source: sourcePath(), streamPath });
      const member = objectsByPath(packing).get(memberPath(name)) as ObjectRecord;
      const open = recordsOf(packing, "objectOpen").find(({ headerOffset }) => headerOffset === member.headerOffset);
      const object: ContinuedObject = {
        containerPath: Buffer.from(memberPath("")),
        name: Buffer.from(name),
        fingerprint: member.fingerprint,
        headerOffset: member.headerOffset,
        dataOffset: member.dataOffset,
        endOffset: member.endOffset,
        ...(open?.sparseMap ? { sparseMap: open.sparseMap } : {}),
      };
      return { whole: streamBytes(0n, member.endOffset), object, member };
    }

    for (const name of ["large", "sparse"]) {
      it(`is continued at the byte: ${name}`, async () => {
        writeFileSync(join(source, "before"), "before");
        if (name === "large") makeLargeFile(join(source, name), 200_001);
        else makeSparseFile(join(source, name));
        const { whole, object, member } = await cut(name);
        const at = 5n * BigInt(recordSizeBytes);
        expect(nativeBinding().checkContinued(sourcePath(), object)).to.equal(true);
        const packing = await pack({ source: sourcePath(), streamPath, streamOffset: at, continued: object });
        const rest = streamBytes(0n, member.endOffset - at);
        expect(rest.equals(whole.subarray(Number(at)))).to.equal(true);
        const again = objectsByPath(packing).get(memberPath(name));
        const { headerOffset, dataOffset, endOffset, fingerprint } = member;
        expect(again).to.deep.include({ outcome: objectOutcome.ok, headerOffset, dataOffset, endOffset, fingerprint });
        if (name === "large") {
          const data = streamBytes(0n, dataOffset + 200_001n - at);
          expect(again?.digest).to.deep.equal(nativeBinding().xxh3_128(data));
        }
        expect(recordsOf(packing, "object").filter(({ name: other }) => other.toString() === name).length).to.equal(1);
        // Opened for the continued object, and again for the walk: another reader may do that.
        expect(recordsOf(packing, "containerOpen").length).to.equal(2);
        expect(packing.summary.objectsContinued).to.equal(1n);
        expectHashes(packing);
      });
    }

    it("S6: that has changed is filled with zeros, and written whole in its turn", async () => {
      makeLargeFile(join(source, "large"), 200_001);
      const { object } = await cut("large");
      appendFileSync(join(source, "large"), "more");
      expect(nativeBinding().checkContinued(sourcePath(), object)).to.equal(false);
      const at = 5n * BigInt(recordSizeBytes);
      const packing = await pack({ source: sourcePath(), streamPath, streamOffset: at, continued: object });
      const records = recordsOf(packing, "object").filter(({ name }) => name.toString() === "large");
      // Two readers' frames may change places: the one further on in the stream counts.
      const inStream = [...records].sort((left, right) => Number(left.headerOffset - right.headerOffset));
      expect(inStream.map(({ outcome }) => outcome)).to.deep.equal([objectOutcome.changed, objectOutcome.ok]);
      expect(streamBytes(0n, object.endOffset - at).every((byte) => byte === 0)).to.equal(true);
    });

    it("must lie around the beginning of the stream", async () => {
      makeLargeFile(join(source, "large"), 200_001);
      const { object } = await cut("large");
      const run = new PackingRun({ source: sourcePath(), streamPath, streamOffset: 2n ** 30n, continued: object });
      expect(() => run.start()).to.throw("does not lie around");
      await run.packer.stop();
    });
  });

  it("stops while its readers wait for the ring", async () => {
    makeLargeFile(join(source, "large"), 4 * 2 ** 20);
    makeSmallFiles(join(source, "small"), 200);
    const run = new PackingRun({ source: sourcePath(), streamPath, capacityBytes: 2 ** 18 });
    run.start();
    while (run.ring.filledBytes() === 0n) await new Promise((done) => setTimeout(done, 5));
    await run.packer.stop();
    await run.packer.stop();
  });

  it("leaves no descriptor open in the process, and takes none away", async () => {
    makeSmallFiles(source, 300);
    const held = openSync(join(source, "held"), "w");
    await pack({ source: sourcePath(), streamPath });
    expect(openBelow(source)).to.deep.equal([join(source, "held")]);
    closeSync(held);
  });
});

function makeSparseFile(path: string): void {
  const descriptor = openSync(path, "wx");
  closeSync(descriptor);
  truncateSync(path, 2 ** 20);
  const bytes = new Noise(7).bytes(150_000);
  const writable = openSync(path, "r+");
  writeSync(writable, bytes, 0, 100_000, 65536);
  writeSync(writable, bytes, 100_000, 50_000, 600_000);
  closeSync(writable);
}

const answerHeadBytes = 77;

/** What the process has open there. */
function openBelow(path: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`);
      return target.startsWith(path) ? [target] : [];
    } catch {
      return []; // the one that the folder itself was read through
    }
  });
}

/** Packed answers to a question (see ContainerAnswer): verdict, entries, hash, fingerprint, and what is complete. */
function packedAnswer(verdict: number, close?: Pick<ContainerCloseRecord, "entries" | "hash" | "fingerprint">): Buffer {
  const head = Buffer.alloc(answerHeadBytes);
  head.writeUInt8(verdict, 0);
  head.writeUInt32BE(close?.entries ?? 0, 1);
  close?.hash.copy(head, 5);
  close?.fingerprint.copy(head, 21);
  return head;
}

function notListed(): Buffer {
  return packedAnswer(0);
}

function complete(packing: Packing, path: Buffer): Buffer {
  const close = recordsOf(packing, "containerClose").find((record) => record.path.equals(path));
  return close === undefined ? notListed() : packedAnswer(2, close);
}

function partial(objects: readonly ObjectRecord[]): Buffer {
  const head = packedAnswer(1);
  head.writeUInt32BE(objects.length, answerHeadBytes - 4);
  return Buffer.concat([
    head,
    ...objects.map(({ name, fingerprint }) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(name.length);
      return Buffer.concat([length, name, fingerprint]);
    }),
  ]);
}

function linkTargets(fingerprint: Buffer, path: string): Buffer {
  const packed = Buffer.alloc(4 + 52 + 8 + 2 + path.length);
  packed.writeUInt32BE(1, 0);
  packed.set(fingerprint, 4);
  packed.writeUInt16BE(path.length, 64);
  packed.write(path, 66);
  return packed;
}

function fingerprintOf(stats: BigIntStats): Buffer {
  return encodeFingerprint({
    dev: stats.dev,
    ino: stats.ino,
    sizeBytes: stats.size,
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    mode: Number(stats.mode),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
  });
}
