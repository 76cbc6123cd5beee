// SPDX-License-Identifier: Apache-2.0
/** What lies over segment boundaries, read back by the printed recipe with GNU tar and by the product. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, truncateSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { makeSmallFiles, Noise } from "../../scripts/make-tree.ts";
import { loadConfig } from "../../lib/service/config.ts";
import { openService } from "../../lib/service/service.ts";
import { needs, needsRoot } from "../needs.ts";
import { Installation } from "./installation.ts";
import { imageBytes, killedAt, killedWhenWritten } from "./killed-process.ts";
import { expectRestoredByProduct, expectRestoredByTar } from "./restored.ts";

const mib = 2 ** 20;
const smallSegments =
  '[tape]\nrecordSize = "64 KiB"\nsegmentSize = "1 MiB"\n[pipeline]\nringSize = "1 MiB"\nreaders = 2\n';

describe("segments", () => {
  let installation: Installation;
  let source: string;

  before(function () {
    needs(this, "tar");
  });
  beforeEach(async () => {
    installation = await new Installation().make({ config: smallSegments });
    await installation.succeed("volume", "label", "TMK001L9", "TMK002L9", "--yes");
    source = join(installation.folder, "source");
    mkdirSync(source);
  });
  afterEach(() => installation.remove());

  it("a directory over several closed segments keeps its time", async () => {
    mkdirSync(join(source, "directory"));
    const noise = new Noise(1);
    for (let index = 0; index < 300; index++)
      writeFileSync(join(source, "directory", `file-${index}`), noise.bytes(10_000));
    utimesSync(join(source, "directory"), 1_000_000_000, 1_000_000_000);
    await installation.succeed("backup", source);
    const recipe = await expectRestoredByTar(installation, "1", source);
    expect(recipe.match(/, closed/g)?.length).to.be.greaterThan(2);
    await expectRestoredByProduct(installation, "1", source);
  });

  it("an object larger than a segment runs on to its end", async () => {
    writeFileSync(join(source, "large"), new Noise(1).bytes(5 * mib));
    makeSmallFiles(join(source, "small"), 100);
    await installation.succeed("backup", source);
    await expectRestoredByTar(installation, "1", source);
    await expectRestoredByProduct(installation, "1", source);
  });

  it("a sparse file cut in its data is continued", async () => {
    const descriptor = openSync(join(source, "sparse"), "wx");
    const noise = new Noise(5);
    for (let piece = 0; piece < 100; piece++) {
      // A hole of a mebibyte behind each mebibyte of data.
      writeSync(descriptor, noise.bytes(mib), 0, mib, 2 * piece * mib);
    }
    closeSync(descriptor);
    truncateSync(join(source, "sparse"), 201 * mib);
    makeSmallFiles(join(source, "small"), 50);
    expect(await killedWhenWritten(installation, 50 * mib, "backup", source)).to.equal(true);
    const plan = await installation.json<{ continued?: { path: string } }>("job", "resume", "1", "--plan");
    expect(plan.continued?.path).to.equal(join(source, "sparse").slice(1));
    await installation.succeed("job", "resume", "1");
    await expectRestoredByProduct(installation, "1", source);
    const recipe = await expectRestoredByTar(installation, "1", source);
    expect(recipe).to.include("-x -M");
  });

  it("a stop by signal leaves a checkpoint, and nothing to write twice", async () => {
    writeFileSync(join(source, "large"), new Noise(1).bytes(300 * mib));
    makeSmallFiles(join(source, "small"), 300);
    const controller = new AbortController();
    const service = await openService(loadConfig(installation.configPath));
    const wanted = imageBytes(installation) + 10 * mib;
    const running = service.backup([Buffer.from(source)], { signal: controller.signal });
    // The condition is the size of the image; this only lets the backup go on between two looks.
    while (imageBytes(installation) < wanted) await new Promise((next) => setImmediate(next));
    controller.abort();
    const stopped = await running;
    await service.close();
    expect(stopped.status).to.equal("interrupted");
    const plan = await installation.json<{ tape: { relation: string; discardedBlocks: number } }>(
      "job",
      "resume",
      "1",
      "--plan",
    );
    expect(plan.tape).to.include({ relation: "equal", discardedBlocks: 0 });
    await installation.succeed("job", "resume", "1");
    await expectRestoredByProduct(installation, "1", source);
  });

  it("early warning: the job goes on on the next cartridge, in the middle of a file", async () => {
    installation.remove();
    installation = await new Installation().make({ capacity: "40 MiB", config: smallSegments });
    await installation.succeed("volume", "label", "--all", "--yes");
    source = join(installation.folder, "source");
    mkdirSync(source);
    writeFileSync(join(source, "large"), new Noise(1).bytes(100 * mib));
    makeSmallFiles(join(source, "small"), 200);
    await installation.succeed("backup", source);
    const recipe = await expectRestoredByTar(installation, "1", source);
    expect(recipe).to.match(/volume TMK001L9[^]*volume TMK002L9[^]*volume TMK003L9/);
    await expectRestoredByProduct(installation, "1", source);
  });

  describe("a header set of 600 KB, longer than a record", () => {
    let mount: string | undefined;

    beforeEach(function () {
      needsRoot(this);
      needs(this, "mkfs.ext4", "mount", "python3");
      mount = join(installation.folder, "mount");
      mkdirSync(mount);
      const image = join(installation.folder, "ext4.img");
      // Only a file system that keeps large attributes in inodes of their own takes so much.
      closeSync(openSync(image, "wx"));
      truncateSync(image, 1024 * mib);
      execFileSync("mkfs.ext4", ["-q", "-O", "ea_inode", image]);
      execFileSync("mount", ["-o", "loop", image, mount]);
      installation.restoreFolder = mount;
      source = join(mount, "source");
      mkdirSync(source);
      execFileSync("python3", ["-c", attributesProgram, source]);
    });
    afterEach(() => {
      if (mount !== undefined) execFileSync("umount", [mount]);
    });

    it("is restored whole, and a boundary inside it goes back to its beginning", async () => {
      expect(
        await killedAt(installation, { volume: "TMK001L9", object: (4 * mib) / 65_536 }, "backup", source),
      ).to.equal(true);
      await installation.succeed("job", "resume", "1");
      await expectRestoredByProduct(installation, "1", source);
      await expectRestoredByTar(installation, "1", source);
    });
  });
});

/** Files with ten attributes of 60,000 bytes each. */
const attributesProgram = `
import os, sys
for number in range(20):
    path = os.path.join(sys.argv[1], "file-%d" % number)
    with open(path, "wb") as file: file.write(b"content %d" % number)
    for index in range(10): os.setxattr(path, "user.large%d" % index, bytes([number, index]) * 30000)
`;
