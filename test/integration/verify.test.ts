// SPDX-License-Identifier: Apache-2.0
/** Verification of a job on its cartridges: what is good is found good, and what is not is named. */
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { makeSmallFiles, makeSpecialObjects, Noise } from "../../scripts/make-tree.ts";
import { verifyJob } from "../../lib/job-manager/verify-run.ts";
import type { VerifyResult } from "../../lib/job-manager/verify-run.ts";
import { Installation } from "./installation.ts";

const mib = 2 ** 20;
const recordBytes = 64 * 1024;

describe("verification", () => {
  let installation: Installation;
  let source: string;

  async function make(capacity?: string): Promise<void> {
    installation = await new Installation().make({
      ...(capacity === undefined ? {} : { capacity }),
      config: '[tape]\nrecordSize = "64 KiB"\n[pipeline]\nringSize = "4 MiB"\nreaders = 1\n',
    });
    await installation.succeed("volume", "label", "--all", "--yes");
    source = join(installation.folder, "source");
    mkdirSync(source);
  }
  afterEach(() => installation.remove());

  const verify = (volumeTag?: string): Promise<VerifyResult> =>
    installation.withRoles(async (roles) => {
      const volumeUuid = volumeTag === undefined ? undefined : roles.store.volumes.getByTag(volumeTag)?.volumeUuid;
      return verifyJob(roles.jobEnvironment, { jobId: "1", ...(volumeUuid === undefined ? {} : { volumeUuid }) }, {});
    });
  const tape = (volumeTag: string): string => join(installation.libraryFolder, "media", `${volumeTag}.tape`);

  /** Flips one bit of the first place where the bytes stand on a cartridge, so many bytes into them. */
  function flip(volumeTag: string, bytes: Buffer, into = 0): void {
    const image = readFileSync(tape(volumeTag));
    const at = image.indexOf(bytes) + into;
    expect(image.indexOf(bytes), "it stands on the cartridge").to.be.at.least(0);
    const descriptor = openSync(tape(volumeTag), "r+");
    writeSync(descriptor, Buffer.of((image[at] ?? 0) ^ 0x10), 0, 1, at);
    closeSync(descriptor);
  }
  /** Changes the lengths of blocks by their object numbers; the bytes stay where they are. */
  function setLengths(volumeTag: string, ...lengths: readonly (readonly [number, number])[]): void {
    const objects = tape(volumeTag).replace(/tape$/, "objects");
    const image = readFileSync(objects);
    for (const [number, length] of lengths) {
      expect(image.readUInt32BE(8 * number)).to.equal(recordBytes);
      image.writeUInt32BE(length, 8 * number);
    }
    writeFileSync(objects, image);
  }
  const pathsOf = (result: VerifyResult): string[] =>
    result.damaged.map(({ path }) => `/${Buffer.from(path).toString()}`).sort();

  it("finds a job of objects of every kind good, and writes nothing", async () => {
    await make();
    makeSpecialObjects(join(source, "special"));
    makeSmallFiles(join(source, "small"), 200);
    writeFileSync(join(source, "large"), new Noise(1).bytes(3 * mib));
    await installation.succeed("backup", source);
    const before = installation.medium("TMK001L9");
    const result = await verify();
    expect(result.damaged).to.deep.equal([]);
    expect(result.unreadable).to.deep.equal([]);
    expect(result.partsCount).to.equal(0n);
    expect(result.volumeTags).to.deep.equal(["TMK001L9"]);
    const job = await installation.withRoles((roles) => Promise.resolve(roles.store.finishedJob("1")));
    expect(result.objectsVerified).to.equal(job?.objects);
    expect(Number(result.bytesVerified)).to.be.at.least(3 * mib);
    expect(installation.medium("TMK001L9").equals(before)).to.equal(true);
    expect(readdirSync(installation.folder).sort()).to.deep.equal(["library", "source", "state", "tidemark.toml"]);
  });

  it("one flipped bit names exactly the object whose data it lies in", async () => {
    await make();
    makeSmallFiles(join(source, "small"), 100);
    const content = new Noise(9).bytes(200_000);
    writeFileSync(join(source, "wounded"), content);
    await installation.succeed("backup", source);
    const { bytesVerified } = await verify();
    flip("TMK001L9", content.subarray(0, 64), 1000);
    const result = await verify();
    expect(pathsOf(result)).to.deep.equal([join(source, "wounded")]);
    expect(result.damaged[0]?.reason).to.equal("digest mismatch in its archived bytes 0 to 200000");
    expect(result.damagedCount).to.equal(1n);
    const job = await installation.withRoles((roles) => Promise.resolve(roles.store.finishedJob("1")));
    expect(result.objectsVerified).to.equal((job?.objects ?? 0n) - 1n);
    expect(bytesVerified - result.bytesVerified).to.equal(BigInt(content.length));
  });

  it("a damaged header is found, of a file with data and of one without", async () => {
    await make();
    makeSmallFiles(join(source, "small"), 20);
    for (const name of ["aaaa-empty", "bbbb-full", "cccc-behind"])
      writeFileSync(join(source, name), name.startsWith("a") ? "" : name);
    await installation.succeed("backup", source);
    // The first "aaaa-empty" on the tape is its header's: the footer comes behind.
    flip("TMK001L9", Buffer.from("aaaa-empty"), 4);
    flip("TMK001L9", Buffer.from("bbbb-full"), 4);
    const result = await verify();
    expect(pathsOf(result)).to.deep.equal([join(source, "aaaa-empty"), join(source, "bbbb-full")]);
    expect(new Set(result.damaged.map(({ reason }) => reason))).to.deep.equal(
      new Set(["its header is no valid tar header"]),
    );
  });

  it("goes on behind blocks that cannot be read, and says which and whose", async () => {
    await make();
    makeSmallFiles(join(source, "a-small"), 50);
    const content = new Noise(5).bytes(mib);
    mkdirSync(join(source, "z"));
    writeFileSync(join(source, "z", "large"), content);
    await installation.succeed("backup", source);
    // Objects 0 to 2 are the label and its filemark.
    const block =
      3 + Math.floor(readFileSync(tape("TMK001L9")).indexOf(content.subarray(mib / 2, mib / 2 + 64)) / recordBytes);
    setLengths("TMK001L9", [block, recordBytes - 512], [block + 1, recordBytes + 512]);
    const result = await verify();
    expect(pathsOf(result)).to.deep.equal([join(source, "z", "large")]);
    const at = { volumeTag: "TMK001L9", blocks: 1n };
    expect(result.unreadable).to.deep.equal([
      {
        ...at,
        firstBlock: BigInt(block),
        reason: "a block of 65024 bytes stands where a record of 65536 bytes should be",
      },
      { ...at, firstBlock: BigInt(block + 1), reason: "a block of another length stands there" },
    ]);
  });

  it("a cartridge that ends too soon costs the objects on the rest of it", async () => {
    await make();
    writeFileSync(join(source, "a"), new Noise(1).bytes(mib));
    writeFileSync(join(source, "b"), new Noise(2).bytes(mib));
    await installation.succeed("backup", source);
    const objects = tape("TMK001L9").replace(/tape$/, "objects");
    truncateSync(objects, readFileSync(objects).length - 8 * 20);
    const result = await verify();
    expect(result.unreadable.map(({ reason }) => reason)).to.deep.equal(["the tape ends there"]);
    expect(pathsOf(result)).to.include.oneOf([join(source, "a"), join(source, "b")]);
    expect(Number(result.objectsVerified + result.damagedCount)).to.equal(3);
  });

  describe("of one volume", () => {
    beforeEach(async () => {
      await make("16 MiB");
      makeSmallFiles(join(source, "small"), 400);
      for (const name of ["a", "b", "c", "d", "e", "f"]) {
        writeFileSync(join(source, name), new Noise(name.charCodeAt(0)).bytes(7 * mib));
      }
      await installation.succeed("backup", source);
    });

    it("reads that volume alone, and says what lies on others too", async () => {
      const all = await verify();
      expect(all.volumeTags.length).to.be.at.least(3);
      expect(all.damaged).to.deep.equal([]);
      let verified = 0n;
      const parts = new Set<string>();
      for (const volumeTag of all.volumeTags) {
        const result = await verify(volumeTag);
        expect(result.volumeTags).to.deep.equal([volumeTag]);
        expect(result.damaged).to.deep.equal([]);
        expect(result.partsCount).to.equal(BigInt(result.parts.length));
        verified += result.objectsVerified;
        for (const path of result.parts) parts.add(Buffer.from(path).toString("latin1"));
      }
      expect(parts.size).to.be.at.least(1);
      // Every object is verified on the one volume that holds it, or named as a part.
      expect(verified + BigInt(parts.size)).to.equal(all.objectsVerified);
    });

    it("damage on another volume does not concern it", async () => {
      const tags = (await verify()).volumeTags;
      const content = new Noise("d".charCodeAt(0)).bytes(7 * mib).subarray(0, 64);
      const wounded = tags.find((tag) => readFileSync(tape(tag)).includes(content)) ?? "";
      flip(wounded, content);
      for (const tag of tags.filter((each) => each !== wounded)) {
        expect((await verify(tag)).damaged, tag).to.deep.equal([]);
      }
      expect(pathsOf(await verify())).to.deep.equal([join(source, "d")]);
    });
  });

  it("memory does not grow with what is verified", async () => {
    await make("512 MiB");
    writeFileSync(join(source, "large"), new Noise(1).bytes(200 * mib));
    await installation.succeed("backup", source);
    await verify();
    const before = process.memoryUsage().rss;
    let highest = before;
    const timer = setInterval(() => (highest = Math.max(highest, process.memoryUsage().rss)), 10);
    try {
      expect((await verify()).damagedCount).to.equal(0n);
    } finally {
      clearInterval(timer);
    }
    expect(highest - before).to.be.lessThan(32 * mib);
  });
});
