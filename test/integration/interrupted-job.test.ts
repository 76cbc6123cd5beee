// SPDX-License-Identifier: Apache-2.0
/** The mission: a job is killed, and goes on exactly where it stopped. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { loadConfig } from "../../lib/service/config.ts";
import { openService } from "../../lib/service/service.ts";
import { makeSmallFiles, makeSpecialObjects, Noise } from "../../scripts/make-tree.ts";
import { needs } from "../needs.ts";
import { planFaults, removeFaultPlan } from "./fault-plan.ts";
import { Installation } from "./installation.ts";
import { imageBytes, killedByPlan, killedWhenWritten } from "./killed-process.ts";
import { expectRestoredByProduct, expectRestoredByTar } from "./restored.ts";

const mib = 2 ** 20;
const smallRecords = '[tape]\nrecordSize = "64 KiB"\n[pipeline]\nringSize = "4 MiB"\n';

interface Plan {
  readonly sourceVolumes: readonly { readonly index: number; readonly path: string; readonly status: string }[];
  readonly partialSourceVolume?: { readonly index: number; readonly path: string; readonly why: string };
  readonly tape: {
    readonly relation: string;
    readonly streamOffset: number;
    readonly boundaryBlock: number;
    readonly adoptedBlocks: number;
    readonly discardedBlocks: number;
    readonly counts: {
      readonly submitted: number;
      readonly accepted: number;
      readonly durable: number;
      readonly verified: number;
    };
  };
  readonly continued?: { readonly path: string; readonly fromByte: number; readonly archivedBytes: number };
  readonly restarted?: { readonly path: string; readonly reason: string };
  readonly bytesSaved: number;
}

interface Result {
  readonly jobId: string;
  readonly status: string;
  readonly objectsWritten: number;
  readonly objectsSkipped: number;
  readonly objectsContinued: number;
  readonly containersSkipped: number;
  readonly filesOpened: number;
  readonly bytesWritten: number;
  readonly bytesSaved: number;
}

function largeFile(path: string, bytes: number, seed = 7): void {
  const noise = new Noise(seed);
  const descriptor = openSync(path, "wx");
  for (let written = 0; written < bytes; written += mib)
    writeSync(descriptor, noise.bytes(Math.min(mib, bytes - written)));
  closeSync(descriptor);
}

describe("interrupted job", () => {
  let installation: Installation;

  before(function () {
    needs(this, "tar");
  });
  beforeEach(async () => {
    installation = await new Installation().make({ config: smallRecords });
    await installation.succeed("volume", "label", "--all", "--yes");
  });
  afterEach(() => installation.remove());

  const makeSource = (name: string): string => {
    const source = join(installation.folder, name);
    mkdirSync(source);
    return source;
  };
  const plan = (jobId = "1"): Promise<Plan> => installation.json<Plan>("job", "resume", jobId, "--plan");
  const resume = (jobId = "1"): Promise<Result> => installation.json<Result>("job", "resume", jobId);

  it("SIGKILL in the middle of a 512 MiB file: the file is continued, not restarted", async () => {
    const source = makeSource("source");
    const bytes = 512 * mib;
    writeFileSync(join(source, "a-small-file"), "before");
    largeFile(join(source, "large"), bytes);
    writeFileSync(join(source, "z-small-file"), "after");
    expect(await killedWhenWritten(installation, 200 * mib, "backup", source)).to.equal(true);
    const decided = await plan();
    expect(decided.continued?.path).to.equal(join(source, "large").slice(1));
    expect(decided.tape.counts.verified).to.be.at.most(decided.tape.counts.durable);
    expect(decided.tape.counts.durable).to.be.at.most(decided.tape.counts.accepted);
    expect(decided.tape.counts.accepted).to.be.at.most(decided.tape.counts.submitted);
    const result = await resume();
    expect(result.status).to.equal("complete");
    expect(result.objectsContinued).to.equal(1);
    expect(result.bytesSaved).to.equal(decided.tape.streamOffset);
    // What is written after the resume is the rest of the file and the little that follows; nothing twice.
    const rest = (decided.continued?.archivedBytes ?? 0) - (decided.continued?.fromByte ?? 0);
    expect(decided.continued?.fromByte).to.be.greaterThan(100 * mib);
    expect(result.bytesWritten).to.be.at.least(rest);
    expect(result.bytesWritten).to.be.at.most(rest + 2 * 65_536);
    await expectRestoredByProduct(installation, "1", source);
    const recipe = await expectRestoredByTar(installation, "1", source);
    expect(recipe).to.include("-x -M");
  });

  it("the catalog is ahead of the tape: what the drive's buffer held is written again, nothing else", async () => {
    const source = makeSource("source");
    largeFile(join(source, "large"), 80 * mib);
    makeSmallFiles(join(source, "small"), 300);
    expect(await killedWhenWritten(installation, 20 * mib, "backup", source)).to.equal(true);
    const decided = await plan();
    // Announced and taken by the drive, but lost with its buffer.
    expect(decided.tape.counts.submitted).to.be.greaterThan(decided.tape.counts.accepted);
    expect(await resume()).to.include({ status: "complete", objectsContinued: 1 });
    await expectRestoredByProduct(installation, "1", source);
    await expectRestoredByTar(installation, "1", source);
  });

  it("the tape is ahead of the catalog: blocks that the lost tail of the journal announced are discarded", async () => {
    const source = makeSource("source");
    largeFile(join(source, "large"), 120 * mib);
    makeSmallFiles(join(source, "small"), 300);
    expect(await killedWhenWritten(installation, 70 * mib, "backup", source)).to.equal(true);
    const whole = await plan();
    expect(whole.tape.adoptedBlocks).to.be.greaterThan(0);
    const journal = newestJournal(installation);
    truncateSync(journal, Math.floor(readFileSync(journal).length / 2));
    const decided = await plan();
    expect(decided.tape.discardedBlocks).to.be.greaterThan(0);
    expect(decided.tape.streamOffset).to.be.lessThan(whole.tape.streamOffset);
    expect(await resume()).to.include({ status: "complete" });
    await expectRestoredByProduct(installation, "1", source);
    await expectRestoredByTar(installation, "1", source);
  });

  it("interrupted again during the resume, and again: a file cut three times", async () => {
    const source = makeSource("source");
    largeFile(join(source, "large"), 256 * mib);
    makeSmallFiles(join(source, "small"), 200);
    expect(await killedWhenWritten(installation, 50 * mib, "backup", source)).to.equal(true);
    expect(await killedWhenWritten(installation, 50 * mib, "job", "resume", "1")).to.equal(true);
    expect(await killedWhenWritten(installation, 50 * mib, "job", "resume", "1")).to.equal(true);
    const result = await resume();
    expect(result).to.include({ status: "complete", objectsContinued: 1 });
    expect(result.bytesSaved).to.be.greaterThan(100 * mib);
    await expectRestoredByProduct(installation, "1", source);
    const recipe = await expectRestoredByTar(installation, "1", source);
    expect(recipe.match(/cut behind/g)?.length).to.be.at.least(3);
  });

  it("killed behind a volume change: a file that began on an earlier cartridge raises no false alarm", async () => {
    installation.remove();
    installation = await new Installation().make({ capacity: "24 MiB", config: smallRecords });
    await installation.succeed("volume", "label", "--all", "--yes");
    const source = makeSource("source");
    largeFile(join(source, "large"), 100 * mib);
    expect(await killedWhenWritten(installation, 40 * mib, "backup", source)).to.equal(true);
    expect(await resume()).to.include({ status: "complete", objectsContinued: 1 });
    await expectRestoredByProduct(installation, "1", source);
    await expectRestoredByTar(installation, "1", source);
  });

  it("a resume is killed before its first filemark is written: the next one writes it", async () => {
    const source = makeSource("source");
    largeFile(join(source, "large"), 80 * mib);
    expect(await killedWhenWritten(installation, 40 * mib, "backup", source)).to.equal(true);
    const { tape } = await plan();
    const effect = { crash: true, executed: false } as const;
    const when = { volume: "TMK001L9", object: tape.boundaryBlock, operation: "WRITE FILEMARKS(6)" };
    planFaults(installation.libraryFolder, [{ unit: "drive", when, effect }]);
    expect(await killedByPlan(installation, "job", "resume", "1")).to.equal(true);
    removeFaultPlan(installation.libraryFolder);
    expect((await plan()).tape.boundaryBlock).to.equal(tape.boundaryBlock);
    expect(await resume()).to.include({ status: "complete", objectsContinued: 1 });
    await expectRestoredByProduct(installation, "1", source);
    await expectRestoredByTar(installation, "1", source);
  });

  it("S6, S7: changed, deleted and new source files in between", async () => {
    // One reader walks depth first, in order: all of a-small is on tape when the large file is cut.
    appendFileSync(installation.configPath, "readers = 1\n");
    const source = makeSource("source");
    makeSmallFiles(join(source, "a-small"), 400);
    mkdirSync(join(source, "z-large"));
    largeFile(join(source, "z-large", "large"), 120 * mib);
    expect(await killedWhenWritten(installation, 60 * mib, "backup", source)).to.equal(true);
    const { objectsDurable } = await installation.json<{ objectsDurable: number }>("job", "resume", "1", "--plan");
    expect(objectsDurable).to.be.greaterThan(400);
    const folders = join(source, "a-small", "part-0");
    const folder = join(folders, "folder-0");
    const [changed = "", deleted = ""] = readdirSync(folder);
    writeFileSync(join(folder, changed), "changed since");
    rmSync(join(folder, deleted));
    writeFileSync(join(folder, "new"), "new since");
    rmSync(join(folders, "folder-1"), { recursive: true });
    rmSync(join(folders, "folder-2", readdirSync(join(folders, "folder-2"))[0] ?? ""));
    utimesSync(join(folders, "folder-3"), 1_000_000_000, 1_000_000_000);
    mkdirSync(join(source, "new-folder"));
    writeFileSync(join(source, "new at the top"), "new since");
    const result = await resume();
    expect(result).to.include({ status: "complete", objectsContinued: 1 });
    await expectRestoredByProduct(installation, "1", source);
  });

  it("S6: the cut file itself changed: it is written again whole", async () => {
    const source = makeSource("source");
    largeFile(join(source, "large"), 120 * mib);
    expect(await killedWhenWritten(installation, 60 * mib, "backup", source)).to.equal(true);
    writeFileSync(join(source, "large"), "short now");
    const decided = await plan();
    expect(decided.continued).to.equal(undefined);
    expect(decided.restarted?.path).to.equal(join(source, "large").slice(1));
    expect(await resume()).to.include({ status: "complete", objectsContinued: 0 });
    await expectRestoredByProduct(installation, "1", source);
    await expectRestoredByTar(installation, "1", source);
  });

  it("the wrong cartridge is in the drive: it is exchanged for the right one", async () => {
    const source = makeSource("source");
    largeFile(join(source, "large"), 100 * mib);
    expect(await killedWhenWritten(installation, 40 * mib, "backup", source)).to.equal(true);
    // Reading another cartridge puts it into the drive.
    await installation.succeed("volume", "label", "TMK008L9", "--yes");
    expect(await resume()).to.include({ status: "complete", objectsContinued: 1 });
    await expectRestoredByProduct(installation, "1", source);
  });

  it("a cartridge under the wrong barcode is refused, and nothing is written to it", async () => {
    const source = makeSource("source");
    largeFile(join(source, "large"), 100 * mib);
    expect(await killedWhenWritten(installation, 40 * mib, "backup", source)).to.equal(true);
    const media = join(installation.libraryFolder, "media");
    const swap = (): void => {
      for (const ending of ["tape", "objects", "attributes"]) {
        renameSync(join(media, `TMK001L9.${ending}`), join(media, "other"));
        renameSync(join(media, `TMK002L9.${ending}`), join(media, `TMK001L9.${ending}`));
        renameSync(join(media, "other"), join(media, `TMK002L9.${ending}`));
      }
    };
    swap();
    const before = imageBytes(installation);
    const refused = await installation.run("job", "resume", "1");
    expect(refused.code).to.equal(5);
    expect(refused.error).to.match(/TMK001L9.*is labelled TMK002L9/);
    expect(imageBytes(installation)).to.equal(before);
    swap();
    expect(await resume()).to.include({ status: "complete", objectsContinued: 1 });
    await expectRestoredByProduct(installation, "1", source);
  });

  it("three source volumes, interrupted in the second: the partially backed-up one first, the first is not opened", async () => {
    const [one, two, three] = [makeSource("one"), makeSource("two"), makeSource("three")];
    makeSmallFiles(one, 200);
    largeFile(join(two, "large"), 100 * mib);
    makeSmallFiles(join(two, "small"), 100, 2);
    makeSmallFiles(three, 200, 3);
    expect(await killedWhenWritten(installation, 50 * mib, "backup", one, two, three)).to.equal(true);
    const decided = await plan();
    expect(decided.sourceVolumes.map(({ path, status }) => [path, status])).to.deep.equal([
      [two, "partial"],
      [three, "notStarted"],
    ]);
    expect(decided.partialSourceVolume?.path).to.equal(two);
    expect(decided.partialSourceVolume?.why).to.match(
      /persistent records.*TMK001L9 holds its bytes up to stream offset/,
    );
    // Were it opened, this would be an unreadable object.
    rmSync(one, { recursive: true });
    const result = await resume();
    expect(result).to.include({ status: "complete", objectsContinued: 1 });
    await expectRestoredByProduct(installation, "1", two, three);
    makeSmallFiles(one, 200);
    await expectRestoredByTar(installation, "1", two, three);
  });

  it("a cancelled job frees its cartridge: the next job is written over what it left", async () => {
    const source = makeSource("source");
    largeFile(join(source, "large"), 100 * mib);
    expect(await killedWhenWritten(installation, 40 * mib, "backup", source)).to.equal(true);
    await installation.succeed("job", "cancel", "1", "--yes");
    const again = await installation.run("job", "resume", "1");
    expect(again.code).to.equal(1);
    expect(again.error).to.include("job 1 is cancelled");
    expect(await installation.json<Result>("backup", source)).to.include({ jobId: "2", status: "complete" });
    const { segments } = await installation.json<{ segments: readonly Record<string, unknown>[] }>("job", "show", "2");
    expect(segments[0]).to.include({ volumeTag: "TMK001L9", tapeFile: 1 });
    await expectRestoredByProduct(installation, "2", source);
  });

  it("objects of every kind come back, by both ways", async () => {
    const source = makeSource("source");
    makeSpecialObjects(join(source, "special"));
    largeFile(join(source, "large"), 60 * mib);
    makeSmallFiles(join(source, "small"), 100);
    expect(await killedWhenWritten(installation, 20 * mib, "backup", source)).to.equal(true);
    expect(await resume()).to.include({ status: "complete" });
    await expectRestoredByProduct(installation, "1", source);
    await expectRestoredByTar(installation, "1", source);
  });

  it("every closed segment can be listed with tar -tvf, and the image begins with VOL1", async function () {
    needs(this, "hexdump");
    const source = makeSource("source");
    makeSmallFiles(source, 400);
    // Segments of a mebibyte: several are closed.
    const config = readFileSync(installation.configPath, "utf8");
    writeFileSync(installation.configPath, config.replace("[tape]\n", '[tape]\nsegmentSize = "1 MiB"\n'));
    await installation.succeed("backup", source);
    const image = join(installation.libraryFolder, "media", "TMK001L9.tape");
    const dump = spawnSync("hexdump", ["-C", "-n", "16", image], { encoding: "utf8" }).stdout;
    expect(dump).to.match(/^00000000 {2}56 4f 4c 31 54 4d 4b 30 {2}30 31/);
    const { segments } = await installation.json<{ segments: readonly { tapeFile: number }[] }>("job", "show", "1");
    expect(segments.length).to.be.greaterThan(2);
    const service = await openService(loadConfig(installation.configPath));
    let files = 0;
    for (const { tapeFile } of segments) {
      const out = join(installation.folder, `segment-${tapeFile}`);
      const descriptor = openSync(out, "w");
      await service.readTapeFile("TMK001L9", tapeFile, descriptor);
      closeSync(descriptor);
      const listed = spawnSync("tar", ["-tvf", out, "-b", "128"], { encoding: "utf8" });
      expect(listed.status, listed.stderr).to.equal(0);
      files += listed.stdout.match(/\.dat$/gm)?.length ?? 0;
    }
    await service.close();
    expect(files).to.equal(400);
  });
});

function newestJournal(installation: Installation): string {
  const folder = join(installation.stateFolder, "jobs", "1");
  const name = readdirSync(folder)
    .filter((each) => each.endsWith(".tmc") && each.startsWith("catalog-"))
    .sort()
    .at(-1);
  return join(folder, name ?? "");
}
