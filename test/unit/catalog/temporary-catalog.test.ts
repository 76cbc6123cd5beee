// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { CatalogError } from "../../../lib/errors.ts";
import { encodeRecord } from "../../../lib/catalog/persistent-record.ts";
import { TemporaryCatalog } from "../../../lib/catalog/temporary-catalog.ts";
import type { TemporaryCatalogOptions } from "../../../lib/catalog/temporary-catalog.ts";
import { emptySummary, TemporaryCatalogReader } from "../../../lib/catalog/temporary-catalog-reader.ts";
import { encodeFrame } from "../../../lib/catalog/frame.ts";
import { keepVolumeLost } from "../../../lib/catalog/volume-lost-file.ts";
import { failure, MemoryFileSystem } from "./memory-file-system.ts";

const folder = "/jobs/17";
const origin = { epoch: 1, nonce: Buffer.alloc(8, 1) };

function payload(index: number): Buffer {
  return encodeRecord({ type: "sourceVolumeOpen", index, path: Buffer.from(`p${index}`), streamOffset: 0n });
}

const durable = encodeRecord({
  type: "durable",
  volumeUuid: "v",
  segment: 0,
  position: 5n,
  streamOffset: 0n,
  durableBytes: 0n,
  epoch: 1,
  lastDigest: null,
});

/** The first frame of each start; it counts as index 100 and its epoch. */
const first = (epoch: number): Buffer => payload(100 + epoch);

async function created(fileSystem: MemoryFileSystem, options: Partial<TemporaryCatalogOptions> = {}) {
  return TemporaryCatalog.start({ fileSystem, folder, origin, reserveBytes: 0, ...options }, emptySummary, first(1));
}

async function reopened(fileSystem: MemoryFileSystem, epoch = 2): Promise<TemporaryCatalog> {
  const summary = await new TemporaryCatalogReader(fileSystem, folder).summary();
  return TemporaryCatalog.start(
    { fileSystem, folder, origin: { epoch, nonce: Buffer.alloc(8, epoch) }, reserveBytes: 0 },
    summary,
    first(epoch),
  );
}

/** Indexes of the records in the valid prefix; a DURABLE counts as -1. */
async function read(fileSystem: MemoryFileSystem): Promise<number[]> {
  const found: number[] = [];
  for await (const { records } of new TemporaryCatalogReader(fileSystem, folder).records()) {
    for (const record of records) found.push(record.type === "sourceVolumeOpen" ? record.index : -1);
  }
  return found;
}

/** The given call of the file system fails, once. @returns whether it came to that */
function failAt(system: MemoryFileSystem, call: number, code: string): () => boolean {
  let calls = 0;
  system.before = () => {
    calls += 1;
    if (calls === call) throw failure(code);
  };
  return () => calls >= call;
}

async function failing(work: Promise<unknown>): Promise<CatalogError> {
  try {
    await work;
  } catch (error) {
    expect(error).to.be.instanceOf(CatalogError);
    return error as CatalogError;
  }
  throw new Error("must fail");
}

describe("the temporary catalog", () => {
  let fileSystem: MemoryFileSystem;
  beforeEach(() => {
    fileSystem = new MemoryFileSystem();
  });

  const content = (number: number): Buffer => fileSystem.files.get(`${folder}/catalog-00000${number}.tmc`)!.bytes;
  const replace = (number: number, bytes: Buffer): void => {
    fileSystem.files.get(`${folder}/catalog-00000${number}.tmc`)!.bytes = bytes;
  };

  it("keeps what was appended in order, whoever waits", async () => {
    const catalog = await created(fileSystem);
    fileSystem.writeMaximum = 7;
    const sequences = await Promise.all([0, 1, 2, 3].map((index) => catalog.append(payload(index))));
    expect(sequences).to.deep.equal([2n, 3n, 4n, 5n]);
    expect(await read(fileSystem)).to.deep.equal([101, 0, 1, 2, 3]);
    const summary = await catalog.reader().summary();
    expect(summary).to.deep.include({ frames: 5, provedSequence: 1n, damage: undefined });
    expect(summary.bytes).to.equal(BigInt(content(1).length + content(2).length));
    expect(summary.last).to.deep.include({ sequence: 5n, epoch: 1, nonce: origin.nonce });
  });

  it("H2: survives a power failure up to the last synchronisation, the new file's name included", async () => {
    const catalog = await created(fileSystem);
    await catalog.synchronise();
    await catalog.append(payload(0));
    await catalog.synchronise();
    await catalog.append(payload(1));
    fileSystem.crash();
    expect(await read(fileSystem)).to.deep.equal([101, 0]);
    expect((await new TemporaryCatalogReader(fileSystem, folder).summary()).damage).to.equal(undefined);
  });

  it("goes on in a new file behind the valid prefix and leaves a torn tail as it was", async () => {
    const catalog = await created(fileSystem);
    for (const index of [0, 1, 2]) await catalog.append(payload(index));
    const torn = content(2).subarray(0, content(2).length - 3);
    replace(2, torn);
    const second = await reopened(fileSystem);
    await second.append(payload(7));
    expect(await read(fileSystem)).to.deep.equal([101, 0, 1, 102, 7]);
    expect(content(2).equals(torn)).to.equal(true);
    const third = await reopened(fileSystem, 3);
    await third.append(payload(9));
    expect(await read(fileSystem)).to.deep.equal([101, 0, 1, 102, 7, 103, 9]);
    expect((await third.reader().summary()).last).to.include({ sequence: 7n, epoch: 3 });
  });

  it("H5: never believes an earlier start's file a second time: what nothing testifies to is copied", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    await catalog.synchronise();
    await catalog.append(payload(1));
    await catalog.append(payload(2));
    fileSystem.before = (operation, path) => {
      if (operation === "synchronise") expect(path).to.match(/catalog-000003.tmc.unnamed$/);
    };
    const second = await reopened(fileSystem);
    // The kernel has forgotten them: only the copy is there.
    replace(2, content(2).subarray(0, content(1).length));
    expect(await read(fileSystem)).to.deep.equal([101, 0, 1, 2, 102]);
    await second.append(payload(3));
    fileSystem.crash();
    expect(await read(fileSystem)).to.deep.equal([101, 0, 1, 2, 102]);
  });

  it("a start happens as a whole or not at all, whatever call fails", async () => {
    for (let call = 1; call < 40; call += 1) {
      const system = new MemoryFileSystem();
      const earlier = await created(system);
      for (const index of [0, 1, 2]) await earlier.append(payload(index));
      const failed = failAt(system, call, "EIO");
      const started = await reopened(system).then(
        () => true,
        (error: unknown) => {
          expect(error).to.include({ code: "ERR_TAPE_CATALOG_IO" });
          return false;
        },
      );
      system.before = () => undefined;
      const found = await read(system);
      expect(found.slice(0, 4), `call ${call}`).to.deep.equal([101, 0, 1, 2]);
      if (started) expect(found).to.deep.equal([101, 0, 1, 2, 102]);
      await reopened(system, 3);
      system.crash();
      expect((await read(system)).at(-1), `call ${call}`).to.equal(103);
      if (!failed()) return;
    }
    throw new Error("the loop must come to its end");
  });

  it("passes over a file whose first frame is not whole", async () => {
    await (await created(fileSystem)).append(payload(0));
    replace(2, content(2).subarray(0, 20));
    const second = await reopened(fileSystem);
    await second.append(payload(2));
    expect(await read(fileSystem)).to.deep.equal([101, 102, 2]);
  });

  it("H4: takes recovered records in front of a start's first frame: with it, or not at all", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(1));
    await catalog.synchronise();
    await catalog.close();
    const summary = await new TemporaryCatalogReader(fileSystem, folder).summary();
    const options = { fileSystem, folder, origin: { epoch: 2, nonce: Buffer.alloc(8, 2) }, reserveBytes: 0 };
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(payload(7));
      throw failure("EIO");
    };
    const error = await TemporaryCatalog.start(options, summary, first(2), broken()).catch((thrown: unknown) => thrown);
    expect(error).to.have.property("code", "ERR_TAPE_CATALOG_IO");
    fileSystem.crash();
    expect(await read(fileSystem)).to.deep.equal([101, 1]);
    const next = await TemporaryCatalog.start(options, summary, first(2), [payload(7), payload(8)]);
    fileSystem.crash();
    expect(await read(fileSystem)).to.deep.equal([101, 1, 7, 8, 102]);
    await next.append(payload(9));
    await next.close();
    expect(await read(fileSystem)).to.deep.equal([101, 1, 7, 8, 102, 9]);
  });

  it("H4: finds no damage in a lost tail, and finds it in what the last frame of a closed catalog testifies to", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    const start = content(2).length;
    await catalog.append(durable);
    await catalog.synchronise();
    const damaged = Buffer.from(content(2));
    damaged[start + 45] = 0xff;
    const whole = content(2);
    replace(2, damaged);
    expect((await catalog.reader().summary()).damage).to.equal(undefined);
    replace(2, whole);
    await catalog.close();
    expect(await catalog.reader().summary()).to.deep.include({ frames: 3, provedSequence: 3n, damage: undefined });
    content(2)[start + 45] = 0xff;
    expect((await catalog.reader().summary()).damage).to.include({ sequence: 3n, position: start, epoch: 1 });
  });

  it("what testifies to the end gives its place to the next start", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    await catalog.synchronise();
    await catalog.close();
    const second = await reopened(fileSystem);
    expect([...fileSystem.files.keys()].filter((path) => path.includes("catalog"))).to.have.length(3);
    expect(await read(fileSystem)).to.deep.equal([101, 0, 102]);
    expect((await second.reader().summary()).last).to.include({ sequence: 3n });
    await second.close();
  });

  it("notices a lost file by what a later one says, and remembers the highest epoch", async () => {
    await created(fileSystem);
    await reopened(fileSystem, 2);
    await reopened(fileSystem, 7);
    replace(1, Buffer.alloc(0));
    replace(2, Buffer.alloc(0));
    const summary = await new TemporaryCatalogReader(fileSystem, folder).summary();
    expect(summary).to.deep.include({ frames: 0, last: undefined });
    expect(summary.damage).to.include({ sequence: 1n, epoch: 7 });
  });

  it("H4: takes nothing for damage that is appended while it is read", async () => {
    const catalog = await created(fileSystem);
    for (const index of [0, 1, 2]) {
      await catalog.append(payload(index));
      await catalog.synchronise();
    }
    const path = `${folder}/catalog-000002.tmc`;
    const file = fileSystem.files.get(path)!;
    const { bytes } = file;
    const wrong: string[] = [];
    for (let length = 0; length < bytes.length; length += 1) {
      for (let call = 1, calls = 1; call <= calls; call += 1) {
        file.bytes = bytes.subarray(0, length);
        if (length === 0) fileSystem.files.delete(path);
        calls = 0;
        fileSystem.before = () => {
          calls += 1;
          if (calls !== call) return;
          file.bytes = bytes;
          fileSystem.files.set(path, file);
        };
        const { damage } = await catalog.reader().summary();
        if (damage !== undefined) wrong.push(`from ${length} bytes at call ${call}: ${damage.sequence} is missing`);
      }
    }
    expect(wrong).to.deep.equal([]);
  });

  it("finds whole frames behind megabytes of damage", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    const length = content(2).length;
    await catalog.append(Buffer.alloc(3 * 1024 * 1024, 3));
    await catalog.synchronise();
    await catalog.append(payload(2));
    content(2)[length + 100] = 0;
    expect((await catalog.reader().summary()).damage).to.include({ sequence: 3n });
    replace(2, Buffer.concat([content(2).subarray(0, length), Buffer.alloc(3 * 1024 * 1024)]));
    expect((await catalog.reader().summary()).damage).to.equal(undefined);
  });

  it("H5: after a failed fsync fails for good, closes without a word, and another start goes on", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    await catalog.synchronise();
    await catalog.append(payload(1));
    fileSystem.before = (operation) => {
      if (operation === "synchronise") throw failure("EIO");
    };
    expect(await failing(catalog.synchronise())).to.have.property("code", "ERR_TAPE_CATALOG_IO");
    fileSystem.before = () => undefined;
    for (const later of [catalog.append(payload(2)), catalog.synchronise(), catalog.settled()])
      expect((await failing(later)).message).to.contain("then resume the job");
    fileSystem.before = () => {
      throw failure("EIO");
    };
    await catalog.close();
    fileSystem.before = () => undefined;
    // What the kernel gave up reads as zeros.
    content(2).fill(0, content(2).length / 2);
    const second = await reopened(fileSystem);
    await second.append(payload(3));
    await second.synchronise();
    fileSystem.crash();
    expect(await read(fileSystem)).to.deep.equal([101, 0, 102, 3]);
    expect((await second.reader().summary()).damage).to.equal(undefined);
  });

  it("H6: uses its reserve when the disk is full and says so, then says what to do", async () => {
    fileSystem.free = 3_000_000n;
    const low: number[] = [];
    const onSpaceLow = (bytes: number): void => void low.push(bytes);
    const catalog = await created(fileSystem, { reserveBytes: 2_500_000, onSpaceLow });
    await catalog.append(Buffer.alloc(400_000, 1));
    expect(low).to.deep.equal([]);
    await catalog.append(Buffer.alloc(400_000, 1));
    expect(low).to.deep.equal([2_500_000]);
    await catalog.synchronise();
    const error = await failing(catalog.append(Buffer.alloc(4_000_000, 1)));
    expect(error).to.include({ code: "ERR_TAPE_CATALOG_FULL", exitCode: 7 });
    expect(error.message).to.equal(
      "cannot append to the temporary catalog: the disk that holds /jobs/17 is full. Make at least 64 MiB free there, then resume the job",
    );
    expect(low).to.have.length(1);
  });

  it("H6: keeps 64 MiB back where nobody says how much, and needs nobody to tell", async () => {
    fileSystem.free = 64n * 1024n * 1024n - 1n;
    const { reserveBytes: _ofTests, ...options } = { fileSystem, folder, origin, reserveBytes: 0 };
    const error = await failing(TemporaryCatalog.start(options, emptySummary, first(1)));
    expect(error.message).to.contain("has 63 MiB free, at least 64 MiB is needed");
    fileSystem.free = 10_000n;
    const catalog = await created(fileSystem, { reserveBytes: 9_000 });
    await catalog.append(Buffer.alloc(5_000, 1));
    expect((await catalog.reader().summary()).frames).to.equal(2);
  });

  it("H6: gives its reserve to what comes behind the records", async () => {
    fileSystem.free = 3_000_000n;
    const catalog = await created(fileSystem, { reserveBytes: 2_500_000 });
    await catalog.releaseReserve();
    expect(Number(fileSystem.free)).to.be.above(2_900_000);
    fileSystem.free = 100n;
    expect(await failing(catalog.append(payload(0)).then(() => catalog.append(payload(1))))).to.include({
      code: "ERR_TAPE_CATALOG_FULL",
    });
  });

  it("H6: does not begin on a full disk, and leaves nothing behind", async () => {
    fileSystem.free = 100n;
    const error = await failing(created(fileSystem, { reserveBytes: 2_000_000 }));
    expect(error.message).to.contain("make room there and run the command again");
    expect([...fileSystem.files.keys()]).to.deep.equal([]);
    fileSystem.free = 2_000_000n;
    fileSystem.before = (operation) => {
      if (operation === "append") throw failure("EDQUOT");
    };
    expect((await failing(created(fileSystem, { reserveBytes: 2_000_000 }))).code).to.equal("ERR_TAPE_CATALOG_FULL");
    expect([...fileSystem.files.keys()]).to.deep.equal([]);
    fileSystem.before = () => undefined;
    // The reserve fits, the first frame does not.
    expect((await failing(created(fileSystem, { reserveBytes: 1_999_990 }))).code).to.equal("ERR_TAPE_CATALOG_FULL");
    expect([...fileSystem.files.keys()]).to.deep.equal([]);
  });

  it("passes on what is no error of the disk", async () => {
    fileSystem.before = () => {
      throw new TypeError("a mistake");
    };
    const error = await created(fileSystem).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(TypeError);
    fileSystem.before = (operation) => {
      if (operation === "open") fileSystem.files.clear();
    };
    fileSystem.files.set(`${folder}/catalog-000001.tmc`, { bytes: Buffer.alloc(0), durable: 0, nameIsDurable: true });
    expect((await failing(read(fileSystem))).message).to.contain("vanished while");
  });

  it("says that a disk takes nothing where it does not say why", async () => {
    const catalog = await created(fileSystem);
    fileSystem.takesNothing = true;
    expect((await failing(catalog.append(payload(0)))).message).to.contain("nothing was written");
  });

  it("keeps lost volumes in a second file", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    await keepVolumeLost({ fileSystem, folder, origin }, { type: "volumeLost", volumeUuid: "v", fromBlock: 3n });
    fileSystem.crash();
    fileSystem.files.delete(`${folder}/catalog-000001.tmc`);
    const others = { durable: 0, nameIsDurable: true };
    fileSystem.files.set(`${folder}/volume-lost-000002.tmc`, { bytes: Buffer.from("torn"), ...others });
    const foreign = encodeFrame({ sequence: 1n, ...origin, previousCrc: 0, synchronised: 0n }, payload(1)).bytes;
    fileSystem.files.set(`${folder}/volume-lost-000003.tmc`, { bytes: foreign, ...others });
    expect(await new TemporaryCatalogReader(fileSystem, folder).volumesLost()).to.deep.equal([
      { epoch: 1, record: { type: "volumeLost", volumeUuid: "v", fromBlock: 3n } },
    ]);
  });

  it("refuses work after closing", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    await catalog.close();
    expect((await failing(catalog.append(payload(1)))).message).to.contain("is closed");
  });

  it("says where a malformed record stands", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(Buffer.from([0x81, 0x18, 0x63]));
    expect((await failing(read(fileSystem))).message).to.contain(
      "malformed persistent record 0 in frame 2 of /jobs/17: there is no record 99",
    );
  });
});
