// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { NativeExtractor } from "../../lib/native/binding.ts";
import { compareTrees } from "../../scripts/compare-trees.ts";
import { makeSmallFiles, makeSpecialObjects } from "../../scripts/make-tree.ts";
import { needs } from "../needs.ts";
import { kindOfType, packDirectories, packObjects, sparseKind } from "./packed-objects.ts";
import type { ExpectedObject } from "./packed-objects.ts";
import { packToTape } from "./packed-tape.ts";
import { SimulatedTape } from "./simulated-tape.ts";

const recordSizeBytes = 16384;

describe("native extractor", () => {
  let folder: string;
  let source: string;
  let target: string;
  let tape: SimulatedTape;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-extract-"));
    source = join(folder, "source");
    target = join(folder, "target");
    mkdirSync(source);
    tape = await SimulatedTape.create();
  });

  afterEach(async () => {
    await tape.remove();
    rmSync(folder, { recursive: true });
  });

  function newExtractor(overwrite = false): NativeExtractor {
    return new (nativeBinding().Extractor)({ targetFolder: Buffer.from(target), numericOwner: true, overwrite });
  }

  async function writeArchive(): Promise<bigint> {
    const archive = archiveBy(source);
    await tape.writeRecords(archive, recordSizeBytes);
    await tape.drive.rewind(false);
    return BigInt(archive.length / recordSizeBytes);
  }

  it("restores what GNU tar wrote, metadata included", async function () {
    needs(this, "tar");
    makeSpecialObjects(join(source, "special"));
    makeSmallFiles(join(source, "small"), 300);
    const blocks = await writeArchive();
    const objects = membersOf(archiveBy(source));
    const extractor = newExtractor();
    const half = Math.floor(objects.length / 2);
    extractor.expect(packObjects(objects.slice(0, half)));
    extractor.expect(packObjects(objects.slice(half)));
    const end = await extractor.extract({ drive: tape.drive, streamOffset: 0n, blocks, recordSizeBytes });
    expect(end.stoppedAt).to.equal("count");
    expect(end.blocksRead).to.equal(blocks);
    await extractor.finishDirectories(packDirectories(source));
    const summary = await extractor.finish();
    expect(summary.damaged).to.deep.equal([]);
    expect(summary.objectsRestored).to.equal(BigInt(objects.length));
    expect(extractor.progress()).to.deep.equal({ objects: summary.objectsRestored, bytes: summary.bytesRestored });
    expect(compareTrees(Buffer.from(source), Buffer.from(target)).differences).to.deep.equal([]);
  });

  it("restores one file of many", async function () {
    needs(this, "tar");
    makeSmallFiles(join(source, "small"), 50);
    const blocks = await writeArchive();
    const wanted = membersOf(archiveBy(source)).filter(({ path }) => path.toString().endsWith("file-25.dat"));
    const extractor = newExtractor();
    extractor.expect(packObjects(wanted));
    await extractor.extract({ drive: tape.drive, streamOffset: 0n, blocks, recordSizeBytes });
    expect((await extractor.finish()).objectsRestored).to.equal(1n);
    const found = readdirSync(target, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(found.map(({ name }) => name)).to.deep.equal(["file-25.dat"]);
  });

  it("restores what the packer and the tape writer put on a tape", async () => {
    makeSpecialObjects(join(source, "special"));
    makeSmallFiles(join(source, "small"), 300);
    writeFileSync(join(source, "large"), Buffer.alloc(3_000_001, "large"));
    const { objects, blocks, streamOffset } = await packToTape(tape, source, recordSizeBytes);
    await tape.drive.rewind(false);
    const extractor = newExtractor();
    extractor.expect(packObjects(objects));
    const end = await extractor.extract({ drive: tape.drive, streamOffset, blocks, recordSizeBytes });
    expect(end.stoppedAt).to.equal("count");
    const restored = join(target, source.slice(1));
    const { damaged, objectsRestored } = await finishBelow(extractor, source);
    expect(damaged).to.deep.equal([]);
    expect(objectsRestored).to.equal(BigInt(objects.length));
    expect(compareTrees(Buffer.from(source), Buffer.from(restored)).differences).to.deep.equal([]);
  });

  it("reports a flipped bit on the medium with the file's path, and goes on", async function () {
    needs(this, "tar");
    mkdirSync(join(source, "files"));
    for (const name of ["a", "b", "c"]) writeFileSync(join(source, "files", name), Buffer.alloc(50_000, name));
    const blocks = await writeArchive();
    const objects = membersOf(archiveBy(source));
    const medium = await tape.medium();
    const damagedAt = medium.indexOf("bbbbbbbb") + 20_000;
    const descriptor = openSync(tape.mediumPath, "r+");
    writeSync(descriptor, "x", damagedAt);
    closeSync(descriptor);
    const extractor = newExtractor();
    extractor.expect(packObjects(objects));
    await tape.drive.rewind(false);
    await extractor.extract({ drive: tape.drive, streamOffset: 0n, blocks, recordSizeBytes });
    const summary = await extractor.finish();
    expect(summary.damagedCount).to.equal(1n);
    expect(summary.damaged[0]?.path.toString()).to.equal("files/b");
    expect(summary.damaged[0]?.reason).to.equal("digest mismatch in its archived bytes 0 to 50000");
    expect(readFileSync(join(target, "files", "c")).equals(Buffer.alloc(50_000, "c"))).to.equal(true);
  });

  it("leaves what exists, or replaces it where that is asked", async function () {
    needs(this, "tar");
    writeFileSync(join(source, "file"), "new");
    const blocks = await writeArchive();
    mkdirSync(target);
    writeFileSync(join(target, "file"), "old");
    for (const overwrite of [false, true]) {
      const extractor = newExtractor(overwrite);
      extractor.expect(packObjects(membersOf(archiveBy(source))));
      await tape.drive.rewind(false);
      await extractor.extract({ drive: tape.drive, streamOffset: 0n, blocks, recordSizeBytes });
      const { damaged } = await extractor.finish();
      expect(damaged.map(({ reason }) => reason)).to.deep.equal(overwrite ? [] : ["exists"]);
      expect(readFileSync(join(target, "file"), "utf8")).to.equal(overwrite ? "new" : "old");
    }
  });

  it("refuses what it cannot understand, with a sentence", async () => {
    const native = nativeBinding();
    const below = { targetFolder: Buffer.from(join(folder, "not", "there")), numericOwner: true, overwrite: false };
    expect(() => new native.Extractor(below)).to.throw("cannot make the target folder");
    expect(existsSync(below.targetFolder)).to.equal(false);
    const extractor = newExtractor();
    expect(() => extractor.expect(Buffer.alloc(45))).to.throw(TypeError, "packedObjects");
    await expectRejection(extractor.finishDirectories(Buffer.alloc(5)), "packedDirectories");
    const stretch = { drive: tape.drive, streamOffset: 0n, blocks: 1n, recordSizeBytes };
    await expectRejection(extractor.extract({ ...stretch, recordSizeBytes: 5 }), "recordSizeBytes");
    const reading = extractor.extract(stretch);
    await expectRejection(extractor.extract(stretch), "reading already");
    expect((await reading).stoppedAt).to.equal("endOfData");
  });
});

async function finishBelow(extractor: NativeExtractor, source: string): ReturnType<NativeExtractor["finish"]> {
  await extractor.finishDirectories(packDirectories(source, source.slice(1)));
  return extractor.finish();
}

async function expectRejection(promise: Promise<unknown>, message: string): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(Error);
  expect((error as Error).message).to.contain(message);
}

function archiveBy(source: string): Buffer {
  const flags = ["--format=posix", "--sparse", "--xattrs", "--xattrs-include=*", "--acls", "--numeric-owner"];
  const { status, stdout, stderr } = spawnSync(
    "tar",
    [...flags, "--sort=name", "-b", String(recordSizeBytes / 512), "-cf", "-", "-C", source, ...readdirSync(source)],
    { maxBuffer: 2 ** 28 },
  );
  expect(status, stderr.toString()).to.equal(0);
  return stdout;
}

/** The archive's members where they lie, by a reader of its own that believes GNU tar. */
function membersOf(archive: Buffer): ExpectedObject[] {
  const members: ExpectedObject[] = [];
  let headerOffset = 0;
  let extended = new Map<string, Buffer>();
  for (let offset = 0; archive[offset] !== 0;) {
    const header = archive.subarray(offset, offset + 512);
    const type = String.fromCharCode(header[156] ?? 0);
    const size = Number(extended.get("size") ?? parseInt(header.toString("latin1", 124, 136), 8));
    const data = archive.subarray(offset + 512, offset + 512 + size);
    offset += 512 + Math.ceil(size / 512) * 512;
    if (type === "x") {
      extended = paxRecords(data);
      continue;
    }
    const path = extended.get("GNU.sparse.name") ?? extended.get("path") ?? pathOf(header);
    members.push({
      headerOffset: BigInt(headerOffset),
      endOffset: BigInt(offset),
      kind: extended.has("GNU.sparse.major") ? sparseKind : (kindOfType[type] ?? -1),
      ...(type === "0" ? { digest: nativeBinding().xxh3_128(data) } : {}),
      path,
    });
    headerOffset = offset;
    extended = new Map();
  }
  return members;
}

function pathOf(header: Buffer): Buffer {
  const text = (from: number, bytes: number): Buffer => {
    const field = header.subarray(from, from + bytes);
    return field.includes(0) ? field.subarray(0, field.indexOf(0)) : field;
  };
  const prefix = text(345, 155);
  return prefix.length === 0 ? text(0, 100) : Buffer.concat([prefix, Buffer.from("/"), text(0, 100)]);
}

function paxRecords(data: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(" ", at);
    const length = Number(data.toString("latin1", at, space));
    const equals = data.indexOf("=", space);
    records.set(data.toString("latin1", space + 1, equals), data.subarray(equals + 1, at + length - 1));
    at += length;
  }
  return records;
}
