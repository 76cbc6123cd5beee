// SPDX-License-Identifier: Apache-2.0
/** Copies of jobs: the same stream on other cartridges, restored from there when the originals are gone. */
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { StoredJob } from "../../lib/catalog/catalog-store.ts";
import type { DiskBasedCatalogSummary } from "../../lib/protocol/catalog-server.ts";
import { makeLargeFile, makeSmallFiles, makeSpecialObjects, Noise } from "../../scripts/make-tree.ts";
import { needs } from "../needs.ts";
import { Installation } from "./installation.ts";
import { planFaults, removeFaultPlan } from "./fault-plan.ts";
import { killedByPlan, killedWhenWritten } from "./killed-process.ts";
import { expectRestoredByProduct, expectRestoredByTar } from "./restored.ts";

const mib = 2 ** 20;
const recordBytes = 32 * 1024;
const originals = ["TMK001L9", "TMK002L9", "TMK003L9", "TMK004L9"];
const vault = ["TMK005L9", "TMK006L9", "TMK007L9", "TMK008L9"];

describe("copy of a job", () => {
  let installation: Installation;
  let source: string;

  before(function () {
    needs(this, "tar");
  });
  beforeEach(async () => {
    installation = await new Installation().make({
      capacity: "24 MiB",
      config:
        '[tape]\nrecordSize = "32 KiB"\nsegmentSize = "9 MiB"\n[checkpoint]\nsize = "4 MiB"\n[pipeline]\nringSize = "1 MiB"\n',
    });
    for (const tag of vault) setCapacity(tag, 17 * mib);
    await installation.succeed("volume", "label", ...originals, "--yes");
    await installation.succeed("volume", "label", ...vault, "--pool", "vault", "--yes");
    source = join(installation.folder, "source");
    mkdirSync(source);
  });
  afterEach(() => installation.remove());

  function setCapacity(tag: string, bytes: number): void {
    const path = join(installation.libraryFolder, "media", `${tag}.attributes`);
    writeFileSync(path, readFileSync(path, "utf8").replace(/capacity-bytes \d+/, `capacity-bytes ${bytes}`));
  }

  /** Takes cartridges out of the library, or drives, as somebody with a key does. */
  function takeAway(tags: readonly string[]): void {
    const path = join(installation.libraryFolder, "inventory");
    const lines = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, lines.filter((line) => !tags.some((tag) => line.split(" ")[1] === tag)).join("\n"));
  }

  /** Holes, and data enough for several records and cartridges. */
  function makeSparseFile(name: string, seed: number): void {
    const descriptor = openSync(join(source, name), "wx");
    const noise = new Noise(seed);
    for (let at = 0; at < 8; at++) writeSync(descriptor, noise.bytes(mib), 0, mib, at * 5 * mib);
    ftruncateSync(descriptor, 41 * mib + 123);
    closeSync(descriptor);
  }

  /** Objects of every kind, and files that are cut by the ends of cartridges, most of them sparse. */
  function makeSource(): void {
    makeSpecialObjects(join(source, "special"));
    makeSmallFiles(join(source, "small"), 200);
    for (let index = 0; index < 4; index++) makeSparseFile(`sparse-${index}`, index);
    makeLargeFile(join(source, "large"), 8 * mib + 1);
  }

  const stored = (jobId: string): Promise<StoredJob> =>
    installation.withRoles(({ store }) => {
      const job = store.finishedJob(jobId);
      if (job === undefined) throw new Error(`job ${jobId} is not in the catalog`);
      return job;
    });
  /** What the persistent records of a job say, every rule of theirs applied. */
  const cataloged = (jobId: string): Promise<DiskBasedCatalogSummary> =>
    installation.withRoles(async ({ catalogManager, jobEnvironment: { catalogServer } }) => {
      await catalogManager.loadJob(jobId);
      const summary = await catalogServer.generate(jobId);
      await catalogServer.close(jobId);
      return summary;
    });
  /** Every container complete in the original is so in the copy: by number and hash of its entries. */
  async function expectSameRecords(copy: StoredJob): Promise<void> {
    const [original, copied] = [await cataloged("1"), await cataloged("2")];
    expect(copied.containersComplete).to.equal(original.containersComplete);
    expect([original.containersPartial, copied.containersPartial]).to.deep.equal([0n, 0n]);
    // The original's hold two members of a directory that ends in a later segment; the catalog store one of them.
    expect(copied.objectsDurable).to.equal(copy.objects);
  }
  const tagsOf = (job: StoredJob): string[] => [...new Set(job.segments.map(({ volumeTag }) => volumeTag))];

  it("is the same stream on cartridges of another size, and what is restored when the originals are gone", async () => {
    makeSource();
    await installation.succeed("backup", source);
    const { copies } = await installation.json<{ copies: { status: string; bytesWritten: number }[] }>(
      "job",
      "copy",
      "1",
      "--pool",
      "vault",
    );
    const [job, copy] = [await stored("1"), await stored("2")];
    expect(copies.map(({ status }) => status)).to.deep.equal(["complete"]);
    expect(copies[0]?.bytesWritten).to.equal(Number(job.endOffset));
    expect([copy.endOffset, copy.objects]).to.deep.equal([job.endOffset, job.objects]);
    expect(tagsOf(job).length).to.be.at.least(2);
    expect(tagsOf(copy).length).to.be.at.least(3);
    expect(vault).to.include.members(tagsOf(copy));
    const cuts = copy.segments.filter(({ continuedHeaderOffset }) => continuedHeaderOffset !== undefined);
    expect(cuts.length).to.be.at.least(1);
    await expectSameRecords(copy);
    await installation.succeed("job", "verify", "2");
    takeAway(originals);
    await expectRestoredByProduct(installation, "1", source);
    await expectRestoredByTar(installation, "2", source);
  });

  it("goes on where it was killed, twice, and is the same", async () => {
    makeSource();
    await installation.succeed("backup", source);
    expect(await killedWhenWritten(installation, 10 * mib, "job", "copy", "1", "--pool", "vault")).to.equal(true);
    expect(await killedWhenWritten(installation, 11 * mib, "job", "resume", "2")).to.equal(true);
    const { bytesSaved, status } = await installation.json<{ bytesSaved: number; status: string }>(
      "job",
      "resume",
      "2",
    );
    expect(status).to.equal("complete");
    expect(bytesSaved).to.be.greaterThan(15 * mib);
    const [job, copy] = [await stored("1"), await stored("2")];
    expect(copy.endOffset).to.equal(job.endOffset);
    await expectSameRecords(copy);
    takeAway(originals);
    await installation.succeed("job", "verify", "2");
    await expectRestoredByProduct(installation, "2", source);
    await expectRestoredByTar(installation, "2", source);
  });

  it("of a job that was interrupted, and gave a changed file up, tar reads as well", async () => {
    makeLargeFile(join(source, "changing"), 60 * mib);
    makeSmallFiles(join(source, "small"), 50);
    // What is given up is longer than a cartridge of the copy, and ends on the first one of the original.
    const object = (22 * mib) / recordBytes;
    planFaults(installation.libraryFolder, [
      { unit: "drive", when: { volume: "TMK001L9", object }, effect: { crash: true } },
    ]);
    expect(await killedByPlan(installation, "backup", source)).to.equal(true);
    removeFaultPlan(installation.libraryFolder);
    writeFileSync(join(source, "changing"), new Noise(77).bytes(5 * mib));
    await installation.succeed("job", "resume", "1");
    await installation.succeed("job", "copy", "1", "--pool", "vault");
    takeAway(originals);
    await installation.succeed("job", "verify", "2");
    await expectRestoredByProduct(installation, "2", source);
    const recipe = await expectRestoredByTar(installation, "2", source);
    expect(recipe).to.contain("Its last member is incomplete");
    expect(recipe).to.contain("tar joins them");
  });

  it("a media set is copied job by job, and no job twice", async () => {
    writeFileSync(join(source, "first"), "first");
    await installation.succeed("backup", source);
    writeFileSync(join(source, "second"), "second");
    await installation.succeed("backup", source);
    const { mediaSets } = await installation.json<{ mediaSets: { uuid: string }[] }>("media-set", "list");
    const copySet = (): Promise<{ results: { jobId: string }[]; alreadyCopied: string[] }> =>
      installation.json("media-set", "copy", mediaSets[0]?.uuid.slice(0, 8) ?? "", "--pool", "vault");
    const first = await copySet();
    expect(first.results.map(({ jobId }) => jobId).sort()).to.deep.equal(["3", "4"]);
    const second = await copySet();
    expect(second.results).to.deep.equal([]);
    expect(second.alreadyCopied.sort()).to.deep.equal(["1", "2"]);
  });

  it("is refused where it could come to lie on the cartridges that it is a copy of", async () => {
    writeFileSync(join(source, "file"), "x");
    await installation.succeed("backup", source);
    const { code, error } = await installation.run("job", "copy", "1", "--pool", "default");
    expect(code).to.equal(1);
    expect(error).to.contain("name another pool");
    const { code: unknown } = await installation.run("job", "copy", "9", "--pool", "vault");
    expect(unknown).to.equal(1);
  });

  it("a damaged original is named, and restored from the copy once it is known to be", async () => {
    const content = new Noise(5).bytes(mib);
    writeFileSync(join(source, "file"), content);
    await installation.succeed("backup", source);
    await installation.succeed("job", "copy", "1", "--pool", "vault");
    const path = join(installation.libraryFolder, "media", "TMK001L9.tape");
    const image = readFileSync(path);
    image.writeUInt8(
      image.readUInt8(image.indexOf(content.subarray(0, 64))) ^ 1,
      image.indexOf(content.subarray(0, 64)),
    );
    writeFileSync(path, image);
    const { code, out } = await installation.run("job", "verify", "1");
    expect(code).to.equal(3);
    expect(out).to.contain(`${join(source, "file").slice(1)}: digest mismatch`);
    expect((await installation.run("volume", "verify", "TMK001L9")).code).to.equal(3);
    expect((await installation.run("job", "verify", "2")).code).to.equal(0);
    await expectRestoredByProduct(installation, "2", source);
  });
});
