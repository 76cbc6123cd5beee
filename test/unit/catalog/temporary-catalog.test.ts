// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { CatalogError } from "../../../lib/errors.ts";
import { encodeRecord } from "../../../lib/catalog/persistent-record.ts";
import { TemporaryCatalog } from "../../../lib/catalog/temporary-catalog.ts";
import { TemporaryCatalogReader } from "../../../lib/catalog/temporary-catalog-reader.ts";
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

async function created(fileSystem: MemoryFileSystem, reserveBytes = 0): Promise<TemporaryCatalog> {
  return TemporaryCatalog.create({ fileSystem, folder, origin, reserveBytes });
}

async function reopened(fileSystem: MemoryFileSystem, epoch = 2): Promise<TemporaryCatalog> {
  const summary = await new TemporaryCatalogReader(fileSystem, folder).summary();
  return TemporaryCatalog.open(
    { fileSystem, folder, origin: { epoch, nonce: Buffer.alloc(8, epoch) }, reserveBytes: 0 },
    summary,
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
    expect(sequences).to.deep.equal([1n, 2n, 3n, 4n]);
    expect(await read(fileSystem)).to.deep.equal([0, 1, 2, 3]);
    const summary = await catalog.reader().summary();
    expect(summary).to.deep.include({ frames: 4, bytes: catalog.bytes, damage: undefined });
    expect(summary.last).to.deep.include({ sequence: 4n, epoch: 1, nonce: origin.nonce });
    expect(catalog.folder).to.equal(folder);
  });

  it("survives a power failure up to the last synchronisation, the new file's name included", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    await catalog.synchronise();
    expect(catalog.synchronisedSequence).to.equal(1n);
    await catalog.append(payload(1));
    fileSystem.crash();
    expect(await read(fileSystem)).to.deep.equal([0]);
    expect((await new TemporaryCatalogReader(fileSystem, folder).summary()).damage).to.equal(undefined);
  });

  it("goes on in a new file behind the valid prefix and leaves a torn tail as it was", async () => {
    const catalog = await created(fileSystem);
    for (const index of [0, 1, 2]) await catalog.append(payload(index));
    const torn = content(1).subarray(0, content(1).length - 3);
    replace(1, torn);
    const second = await reopened(fileSystem);
    await second.append(payload(7));
    await second.append(payload(8));
    expect(await read(fileSystem)).to.deep.equal([0, 1, 7, 8]);
    expect(content(1).equals(torn)).to.equal(true);
    const third = await reopened(fileSystem, 3);
    await third.append(payload(9));
    expect(await read(fileSystem)).to.deep.equal([0, 1, 7, 8, 9]);
    expect((await third.reader().summary()).last).to.include({ sequence: 5n, epoch: 3 });
  });

  it("synchronises an earlier start's frames before anything follows them", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    const second = await reopened(fileSystem);
    await second.append(payload(1));
    await second.synchronise();
    fileSystem.crash();
    expect(await read(fileSystem)).to.deep.equal([0, 1]);
  });

  it("passes over a start that died before its first frame was whole", async () => {
    await (await created(fileSystem)).append(payload(0));
    await (await reopened(fileSystem)).append(payload(1));
    replace(2, content(2).subarray(0, 20));
    await (await reopened(fileSystem, 3)).append(payload(2));
    expect(await read(fileSystem)).to.deep.equal([0, 2]);
  });

  it("cut at every byte gives the frames before the cut, and goes on from there", async () => {
    const catalog = await created(fileSystem);
    const ends: number[] = [];
    for (let index = 0; index < 4; index += 1) {
      await catalog.append(payload(index));
      ends.push(content(1).length);
    }
    for (let cut = 0; cut <= content(1).length; cut += 1) {
      const copy = fileSystem.copy();
      copy.files.get(`${folder}/catalog-000001.tmc`)!.bytes = content(1).subarray(0, cut);
      const expected = ends.filter((end) => end <= cut).map((_, index) => index);
      expect(await read(copy)).to.deep.equal(expected);
      await (await reopened(copy)).append(payload(9));
      expect(await read(copy)).to.deep.equal([...expected, 9]);
    }
  });

  it("with any byte damaged stops before it, and says so where a synchronised frame was lost", async () => {
    const catalog = await created(fileSystem);
    const ends: number[] = [];
    for (const bytes of [payload(0), payload(1), durable]) {
      await catalog.append(bytes);
      ends.push(content(1).length);
    }
    await catalog.synchronise();
    await catalog.append(payload(2));
    const whole = content(1);
    for (let at = 0; at < whole.length; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = damaged[at]! ^ 0x10;
      replace(1, damaged);
      const summary = await new TemporaryCatalogReader(fileSystem, folder).summary();
      const good = ends.filter((end) => end <= at).length;
      expect(summary.frames).to.equal(good);
      // The last frame was never synchronised: losing it is no damage.
      if (good === 3) expect(summary.damage).to.equal(undefined);
      else
        expect(summary.damage).to.include({ sequence: BigInt(good + 1), certain: true, position: ends[good - 1] ?? 0 });
    }
  });

  it("suspects damage where only a DURABLE stands behind the gap, and none where other records do", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    const first = content(1).length;
    await catalog.append(payload(1));
    await catalog.append(durable);
    const damaged = Buffer.from(content(1));
    damaged[first + 45] = 0xff;
    replace(1, damaged);
    expect((await catalog.reader().summary()).damage).to.deep.include({ certain: false, sequence: 2n });
    const other = new MemoryFileSystem();
    const plain = await created(other);
    for (const index of [0, 1, 2]) await plain.append(payload(index));
    await plain.append(Buffer.from([0xff]));
    other.files.get(`${folder}/catalog-000001.tmc`)!.bytes[first + 45] = 0xff;
    expect((await plain.reader().summary()).damage).to.equal(undefined);
  });

  it("notices a lost file by what a later one says", async () => {
    await (await created(fileSystem)).append(payload(0));
    const second = await reopened(fileSystem);
    await second.append(payload(1));
    await second.append(payload(2));
    replace(1, Buffer.alloc(0));
    const summary = await new TemporaryCatalogReader(fileSystem, folder).summary();
    expect(summary).to.deep.include({ frames: 0, last: undefined });
    expect(summary.damage).to.include({ certain: true, sequence: 1n });
  });

  it("finds whole frames behind megabytes of damage", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    const length = content(1).length;
    await catalog.append(Buffer.alloc(3 * 1024 * 1024, 3));
    await catalog.synchronise();
    await catalog.append(payload(2));
    content(1)[length + 100] = 0;
    expect((await catalog.reader().summary()).damage).to.include({ certain: true, sequence: 2n });
    replace(1, Buffer.concat([content(1).subarray(0, length), Buffer.alloc(3 * 1024 * 1024)]));
    expect((await catalog.reader().summary()).damage).to.equal(undefined);
  });

  it("after a failed fsync fails until it is recovered, and goes on behind the last synchronised frame", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    await catalog.synchronise();
    await catalog.append(payload(1));
    fileSystem.before = (operation) => {
      if (operation === "synchronise") throw failure("EIO");
    };
    expect(await failing(catalog.synchronise())).to.have.property("code", "ERR_TAPE_CATALOG_IO");
    expect((await failing(catalog.append(payload(2)))).message).to.contain("then resume the job");
    fileSystem.before = (operation) => {
      if (operation === "close") throw failure("EIO");
    };
    await catalog.recover({ epoch: 2, nonce: Buffer.alloc(8, 2) });
    fileSystem.before = () => undefined;
    await catalog.append(payload(3));
    await catalog.synchronise();
    expect(await read(fileSystem)).to.deep.equal([0, 3]);
    expect((await catalog.reader().summary()).damage).to.equal(undefined);
  });

  it("frames of another start of the same process carry its origin", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    catalog.begin({ epoch: 5, nonce: Buffer.alloc(8, 5) });
    expect(catalog.origin.epoch).to.equal(5);
    await catalog.append(payload(1));
    expect((await catalog.reader().summary()).last).to.include({ epoch: 5 });
    expect(await read(fileSystem)).to.deep.equal([0, 1]);
  });

  it("uses its reserve when the disk is full, then says what to do", async () => {
    fileSystem.free = 3_000_000n;
    const catalog = await created(fileSystem, 2_500_000);
    expect(catalog.spaceIsLow).to.equal(false);
    await catalog.append(Buffer.alloc(400_000, 1));
    await catalog.append(Buffer.alloc(400_000, 1));
    expect(catalog.spaceIsLow).to.equal(true);
    await catalog.synchronise();
    const error = await failing(catalog.append(Buffer.alloc(4_000_000, 1)));
    expect(error).to.include({ code: "ERR_TAPE_CATALOG_FULL", exitCode: 7 });
    expect(error.message).to.equal(
      "cannot append to the temporary catalog: the disk that holds /jobs/17 is full. Make room there, then resume the job",
    );
  });

  it("does not begin on a full disk, and leaves nothing behind", async () => {
    fileSystem.free = 100n;
    const error = await failing(created(fileSystem, 2_000_000));
    expect(error.message).to.contain("make room there and run the command again");
    expect([...fileSystem.files.keys()]).to.deep.equal([]);
    fileSystem.free = 2_000_000n;
    fileSystem.before = (operation) => {
      if (operation === "append") throw failure("ENOSPC");
    };
    expect((await failing(created(fileSystem, 2_000_000))).code).to.equal("ERR_TAPE_CATALOG_FULL");
    expect([...fileSystem.files.keys()]).to.deep.equal([]);
  });

  it("fails with a CatalogError at every file system call that fails, and keeps the synchronised prefix", async () => {
    for (let call = 1; call < 40; call += 1) {
      const system = new MemoryFileSystem();
      let calls = 0;
      let failed = false;
      system.before = () => {
        calls += 1;
        if (calls === call) {
          failed = true;
          throw failure("EIO");
        }
      };
      let synchronised = 0;
      try {
        const catalog = await created(system, 1000);
        for (let index = 0; index < 4; index += 1) {
          await catalog.append(payload(index));
          await catalog.synchronise();
          synchronised = index + 1;
        }
        await catalog.close();
      } catch (error) {
        expect(error).to.satisfy(
          (value: unknown) => value instanceof CatalogError || (value as Error).message.startsWith("EIO"),
        );
      }
      system.before = () => undefined;
      system.crash();
      expect((await read(system)).length, `call ${call}`).to.be.at.least(synchronised);
      if (!failed) return;
    }
    throw new Error("the loop must come to its end");
  });

  it("keeps lost volumes in a second file", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    await catalog.keepVolumeLost({ type: "volumeLost", volumeUuid: "v", fromBlock: 3n });
    fileSystem.crash();
    fileSystem.files.delete(`${folder}/catalog-000001.tmc`);
    fileSystem.files.set(`${folder}/volume-lost-000002.tmc`, {
      bytes: Buffer.from("torn"),
      durable: 0,
      nameIsDurable: true,
    });
    expect(await new TemporaryCatalogReader(fileSystem, folder).volumesLost()).to.deep.equal([
      { epoch: 1, record: { type: "volumeLost", volumeUuid: "v", fromBlock: 3n } },
    ]);
  });

  it("refuses a folder that is in use, and work after closing", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(payload(0));
    expect((await failing(created(fileSystem))).message).to.contain("another job");
    await catalog.close();
    expect((await failing(catalog.append(payload(1)))).message).to.contain("is closed");
    fileSystem.writeMaximum = 0;
    fileSystem.free = 0n;
    expect((await failing((await reopened(fileSystem)).append(payload(1)))).code).to.equal("ERR_TAPE_CATALOG_FULL");
  });

  it("says where a malformed record stands", async () => {
    const catalog = await created(fileSystem);
    await catalog.append(Buffer.from([0x81, 0x18, 0x63]));
    expect((await failing(read(fileSystem))).message).to.contain(
      "malformed persistent record 0 in frame 1 of /jobs/17: there is no record 99",
    );
  });
});
