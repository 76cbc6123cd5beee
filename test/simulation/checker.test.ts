// SPDX-License-Identifier: Apache-2.0
/** The checkers find what they are there for: each test spoils one thing of a good job. */
import { expect } from "chai";
import { checkFinished, checkInterrupted, linkProblem } from "./checker.ts";
import { ContainerHasher } from "../../lib/catalog/container-hash.ts";
import type { PersistentRecord } from "../../lib/catalog/persistent-record.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { ImageObject } from "./image.ts";
import { MadeJob } from "./made-job.ts";
import type { SpoiledJob } from "./made-job.ts";
import { restoreByTar } from "./restore-by-tar.ts";
import { sourceSnapshot } from "./source-snapshot.ts";
import { toldFinished } from "./told.ts";
import type { ToldObject } from "./told.ts";

const [first, second] = ["SIM001L9", "SIM002L9"];
const filemark: ImageObject = { kind: "filemark" };
const foreign: ImageObject = { kind: "block", bytes: Buffer.alloc(16_384, "x") };

describe("checkers", function () {
  this.timeout(60_000);
  const made = new MadeJob();
  let spoiled: SpoiledJob;

  before(() => made.make());
  after(() => made.remove());
  beforeEach(() => {
    spoiled = made.copy();
  });

  async function expectBoth(pattern: RegExp): Promise<void> {
    expectFinished(pattern);
    await expectInterrupted(pattern);
  }

  function expectFinished(pattern: RegExp): void {
    expect(checkFinished(spoiled.job).join("\n")).to.match(pattern);
  }

  async function expectInterrupted(pattern: RegExp): Promise<void> {
    expect((await checkInterrupted(spoiled.job)).join("\n")).to.match(pattern);
  }

  /** Objects of the first cartridge, changed. */
  function change(work: (objects: ImageObject[]) => void, barcode = first): void {
    const objects = [...spoiled.objects(barcode)];
    work(objects);
    spoiled.write(barcode, objects);
  }

  it("a good job has no violations", async () => {
    expect(await checkInterrupted(spoiled.job)).to.deep.equal([]);
    expect(checkFinished(spoiled.job)).to.deep.equal([]);
  });

  it("a job in parts has no violations, and lost ones are missed", async () => {
    const parted = new MadeJob();
    try {
      await parted.make(2);
      const copy = parted.copy();
      expect(checkFinished(copy.job)).to.deep.equal([]);
      expect(restoreByTar(copy.job, copy.folder)).to.deep.equal([]);
      for (const jobId of ["2", "3"]) expect(await checkInterrupted({ ...copy.job, jobId })).to.deep.equal([]);
      copy.sql("DELETE FROM source_volume WHERE job_id = 3");
      expect(checkFinished(copy.job).join()).to.match(/second is lost: no part of job 1 has it/);
    } finally {
      parted.remove();
    }
  });

  describe("what is on the media", () => {
    it("a block is missing", async () => {
      change((objects) => objects.splice(8, 1));
      await expectBoth(/is claimed: /);
    });

    it("two blocks have changed places", async () => {
      change((objects) => objects.splice(8, 2, objects[9] ?? foreign, objects[8] ?? foreign));
      await expectBoth(/is claimed: /);
    });

    it("a block is there a second time", async () => {
      change((objects) => objects.splice(8, 0, objects[8] ?? foreign));
      await expectBoth(/is claimed: /);
    });

    it("a filemark is missing", async () => {
      change((objects) => objects.splice(objects.indexOf(filemarkOf(objects, 1)), 1));
      await expectBoth(/tape file|segment/);
    });

    it("the last filemark is missing", () => {
      change((objects) => objects.pop(), second);
      expectFinished(/does not end with a filemark/);
    });

    it("a block is a byte short", async () => {
      change((objects) => objects.splice(8, 1, { kind: "block", bytes: Buffer.alloc(16_383) }));
      await expectBoth(/is 16383 bytes long/);
    });

    it("the end of the tape is lost", async () => {
      change((objects) => objects.splice(-6), second);
      await expectInterrupted(/it ends at [0-9]+, durable is/);
      expectFinished(/objects on it/);
    });

    it("a whole cartridge is blank", async () => {
      spoiled.write(second, []);
      await expectBoth(/object 0 is no VOL1 label[^]*is claimed: it is not on the media/);
    });

    it("two cartridges have changed places", async () => {
      const [one, two] = [spoiled.objects(first), spoiled.objects(second)];
      spoiled.write(first, two).write(second, one);
      await expectBoth(/VOL1 has another volume serial/);
    });

    it("foreign blocks stand behind the job", () => {
      change((objects) => objects.push(foreign, filemark), second);
      expectFinished(/tape file [0-9]+ of 1 blocks is explained by nothing/);
    });

    it("more bytes are on the tape than were accepted", async () => {
      const bytes = spoiled
        .objects(first)
        .reduce((sum, each) => sum + (each.kind === "block" ? each.bytes.length : 0), 0);
      const check = (accepted: number): Promise<readonly string[]> =>
        checkInterrupted({ ...spoiled.job, acceptedBytes: new Map([[first, BigInt(accepted)]]) });
      expect(await check(bytes)).to.deep.equal([]);
      expect(await check(bytes - 1)).to.have.lengthOf(1);
    });

    it("any bit of a segment's head or of the stream is another one", () => {
      const unseen: string[] = [];
      for (const barcode of [first, second]) {
        for (const { number, byte } of bitsOfStream(spoiled.objects(barcode))) {
          spoiled.flip(barcode, number, byte);
          if (checkFinished(spoiled.job).length === 0) unseen.push(`${barcode} object ${number} byte ${byte}`);
          spoiled.flip(barcode, number, byte);
        }
      }
      expect(unseen).to.deep.equal([]);
      expect(checkFinished(spoiled.job)).to.deep.equal([]);
    });

    it("a footer does not tell of an object", () => {
      const objects = spoiled.objects(first);
      const number = objects.findIndex((object) => isFooter(object));
      const object = objects[number];
      const byte = object?.kind === "block" ? object.bytes.indexOf("b-one", 512) : -1;
      spoiled.flip(first, number, byte);
      expectFinished(/b-one": no footer tells of it/);
    });
  });

  describe("what GNU tar restores", () => {
    const restored = (): readonly string[] => restoreByTar(spoiled.job, spoiled.folder);

    it("is the source, metadata included", () => {
      expect(restored()).to.deep.equal([]);
    });

    it("is something else where a byte of a file is another one", () => {
      const data = spoiled.objects(first).findIndex((object, number) => number > 8 && !isHeaders(object));
      spoiled.flip(first, data, 100);
      expect(restored().join()).to.match(/the content differs/);
    });

    it("is nothing where a segment is missing", () => {
      change((objects) => objects.splice(8));
      expect(restored().join()).to.match(/the recipe ended with/);
    });
  });

  describe("what a temporary catalog claims", () => {
    type RecordOf<Type> = Extract<PersistentRecord, { readonly type: Type }>;
    let records: readonly PersistentRecord[];

    beforeEach(async () => {
      records = await spoiled.records();
    });

    function found<Type extends PersistentRecord["type"]>(
      type: Type,
      wanted: (record: RecordOf<Type>) => boolean = () => true,
    ): RecordOf<Type> {
      const all = records.filter((record): record is RecordOf<Type> => record.type === type);
      const record = all.findLast(wanted);
      if (record === undefined) throw new Error(`there is no such record: ${type}`);
      return record;
    }

    const object = (name: string): RecordOf<"object"> => found("object", (record) => record.name.toString() === name);

    it("an object in the place of another one", async () => {
      await spoiled.append([{ ...object("b-one"), name: Buffer.from("a-empty"), headerOffset: 16_384n }]);
      await expectInterrupted(/a-empty" is claimed: /);
    });

    it("an object that the source does not have", async () => {
      await spoiled.append([{ ...object("b-one"), name: Buffer.from("nobody") }]);
      await expectInterrupted(/nobody" is claimed: there is no such source object/);
    });

    it("a complete source volume without one of its objects", async () => {
      const { streamOffset } = found("durable");
      await spoiled.append([{ ...object("b-one"), headerOffset: streamOffset, endOffset: streamOffset, outcome: 2 }]);
      await expectInterrupted(/first is called complete: [^]*b-one" is missing/);
    });

    it("a complete directory without one of its entries", async () => {
      const { streamOffset } = found("durable");
      const { containerId } = object("file-1");
      const close = found("containerClose", (record) => record.containerId === containerId);
      const others = records.filter(
        (record): record is RecordOf<"object"> =>
          record.type === "object" && record.containerId === containerId && record.name.toString() !== "file-1",
      );
      const hasher = new ContainerHasher();
      for (const { name, fingerprint } of others.toSorted((a, b) => a.name.compare(b.name))) {
        if (name.length > 0) hasher.add(name, fingerprint);
      }
      await spoiled.append([
        { ...object("file-1"), headerOffset: streamOffset, endOffset: streamOffset, outcome: 2 },
        { ...close, entries: hasher.entries, hash: hasher.digest(nativeBinding().xxh3_128) },
      ]);
      await expectInterrupted(/inner" is called complete: "file-1" is missing/);
    });

    it("more durable bytes than there are", async () => {
      const durable = found("durable");
      await spoiled.append([{ ...durable, durableBytes: durable.durableBytes + 1n }]);
      await expectInterrupted(/bytes stand before [0-9]+, [0-9]+ are called durable/);
    });

    it("another last block", async () => {
      await spoiled.append([{ ...found("durable"), lastDigest: Buffer.alloc(8) }]);
      await expectInterrupted(/has another digest/);
    });

    it("a stream that is durable further on than it reaches", async () => {
      const durable = found("durable");
      const segment = found("segmentOpen", ({ volumeUuid }) => volumeUuid === durable.volumeUuid);
      const headBlock = durable.position;
      const open = { ...segment, segment: 99, streamOffset: durable.streamOffset, headBlock };
      await spoiled.append([
        { ...open, firstDataBlock: headBlock + 1n },
        { ...durable, segment: 99, streamOffset: durable.streamOffset + 16_384n, position: headBlock + 2n },
      ]);
      await expectInterrupted(/segment 99[^]*is no block[^]*it ends at/);
    });
  });

  describe("what is claimed", () => {
    const where = (name: string): string => `WHERE name = CAST('${name}' AS BLOB)`;

    it("an object that is elsewhere", () => {
      spoiled.sql(`UPDATE object SET header_offset = header_offset + 512 ${where("b-one")}`);
      expectFinished(/b-one" is claimed: /);
    });

    it("an object behind the end of the stream", () => {
      spoiled.sql(`UPDATE object SET header_offset = header_offset + 10000000 ${where("b-one")}`);
      expectFinished(/b-one" is claimed: it is not on the media/);
    });

    it("an object that the source does not have", () => {
      spoiled.sql(`UPDATE object SET name = CAST('nobody' AS BLOB) ${where("b-one")}`);
      expectFinished(/nobody" is claimed: there is no such source object[^]*b-one" is lost/);
    });

    it("an object less", () => {
      spoiled.sql(`DELETE FROM object ${where("b-one")}`);
      expectFinished(/b-one" is lost: it has no claim/);
      expectFinished(/b-one" is on tape at [0-9]+ and not claimed/);
    });

    it("an object less that may be missing", () => {
      const path = `${spoiled.job.sources[0] ?? ""}/empty`.slice(1);
      spoiled.sql(`DELETE FROM object ${where("empty")}`);
      expect(checkFinished({ ...spoiled.job, exceptions: new Set([path]) }).join()).not.to.match(/is lost/);
    });

    it("an object of another time", () => {
      spoiled.sql(`UPDATE object SET ctime_later_ns = ctime_later_ns + 1 ${where("b-one")}`);
      expectFinished(/its recorded fingerprint is not its source's/);
    });

    it("a digest that is wrong", () => {
      spoiled.sql(`UPDATE object SET digest = zeroblob(16) ${where("c-record")}`);
      expectFinished(/c-record" is claimed: its digest is wrong/);
    });

    it("a link to a target that is not claimed", () => {
      spoiled.sql(`DELETE FROM object ${where("original")} AND kind = 0`);
      expectFinished(/link" is claimed: its target [^]* is not claimed/);
    });

    it("I9: a link that stands before its target", () => {
      const told = toldFinished(spoiled.job.stateFolder, spoiled.job.jobId)?.objects ?? [];
      const link = told.find(({ kind }) => kind === 3);
      const target = told.find(({ path }) => path === link?.linkTarget);
      const sources = new Map(made.sources.flatMap((source) => [...sourceSnapshot(source).objects]));
      const source = sources.get(link?.path ?? "");
      if (link === undefined || target === undefined || source === undefined) throw new Error("there is no link");
      const later = { ...target, headerOffset: link.headerOffset + 512 };
      const problem = (claimed: ToldObject): string | undefined =>
        linkProblem(link, source, new Map([[target.path, claimed]]), sources);
      expect(problem(target)).to.equal(undefined);
      expect(problem(later)).to.match(/comes later in the stream/);
    });

    it("a link to something else", () => {
      spoiled.sql(
        `UPDATE object SET link_target = (SELECT path || name FROM directory, object WHERE 0) ${where("link")}`,
      );
      expectFinished(/link" is claimed: it links to something else on tape/);
    });

    it("a segment less", () => {
      spoiled.sql("DELETE FROM segment WHERE number = 1");
      expectFinished(/are on no medium[^]*is explained by nothing/);
    });

    it("a volume that holds more", () => {
      spoiled.sql(`UPDATE tape_volume SET bytes = bytes + 16384 WHERE tag = '${second}'`);
      expectFinished(/are told/);
    });

    it("no job at all", () => {
      spoiled.sql("DELETE FROM job");
      expectFinished(/has no finished job/);
    });
  });
});

function filemarkOf(objects: readonly ImageObject[], number: number): ImageObject {
  return objects.filter(({ kind }) => kind === "filemark")[number] ?? filemark;
}

function isFooter(object: ImageObject): boolean {
  return object.kind === "block" && object.bytes.toString("latin1", 0, 100).includes(".cborseq");
}

function isHeaders(object: ImageObject): boolean {
  return object.kind === "filemark" || object.bytes.includes("ustar\0");
}

/** One bit of each 32nd tar block behind the label, footers left out. */
function bitsOfStream(objects: readonly ImageObject[]): { readonly number: number; readonly byte: number }[] {
  const bits: { number: number; byte: number }[] = [];
  let isInFooter = false;
  objects.forEach((object, number) => {
    if (object.kind === "filemark") isInFooter = false;
    else isInFooter ||= isFooter(object);
    if (number < 3 || isInFooter || object.kind === "filemark") return;
    for (let block = number % 32; block * 512 < object.bytes.length; block += 32)
      bits.push({ number, byte: block * 512 + ((number * 37 + block * 101) % 512) });
  });
  return bits;
}
