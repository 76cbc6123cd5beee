// SPDX-License-Identifier: Apache-2.0
/** Backup and resume on drives that tell little, or nothing that is true: the position is counted, and read back. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { makeLargeFile, makeSmallFiles } from "../../scripts/make-tree.ts";
import { needs } from "../needs.ts";
import { Installation } from "./installation.ts";
import { killedWhenWritten } from "./killed-process.ts";
import { expectRestoredByProduct, expectRestoredByTar } from "./restored.ts";

const mib = 2 ** 20;

interface Result {
  readonly status: string;
  readonly objectsContinued: number;
  readonly bytesSaved: number;
}

function makeSource(folder: string): string {
  const source = join(folder, "source");
  mkdirSync(source);
  makeSmallFiles(join(source, "small"), 200);
  makeLargeFile(join(source, "large"), 96 * mib);
  writeFileSync(join(source, "zero"), "");
  return source;
}

for (const [profile, positionSource] of [
  ["tgt", "counted"],
  ["zeros", "counted"],
  ["descriptor-sense", "long"],
] as const) {
  describe(`drives of the profile ${profile}`, () => {
    let installation: Installation;

    before(function () {
      needs(this, "tar");
    });
    beforeEach(async () => {
      installation = await new Installation().make({
        profile,
        config: '[tape]\nrecordSize = "64 KiB"\nsegmentSize = "16 MiB"\n[pipeline]\nringSize = "4 MiB"\n',
      });
      await installation.succeed("volume", "label", "TMK001L9", "TMK002L9", "--yes");
    });
    afterEach(() => installation.remove());

    it("a job killed twice goes on where it stopped, and comes back by both ways", async () => {
      const source = makeSource(installation.folder);
      expect(await killedWhenWritten(installation, 40 * mib, "backup", source)).to.equal(true);
      expect(await killedWhenWritten(installation, 20 * mib, "job", "resume", "1")).to.equal(true);
      const result = await installation.json<Result>("job", "resume", "1");
      expect(result.status).to.equal("complete");
      expect(result.objectsContinued).to.equal(1);
      // What was written before the second interruption was not written again.
      expect(result.bytesSaved).to.be.greaterThan(50 * mib);
      await expectRestoredByProduct(installation, "1", source);
      await expectRestoredByTar(installation, "1", source);
    });

    it(`the position is ${positionSource === "counted" ? "counted" : "the drive's"}`, async () => {
      await installation.withCartridge("TMK001L9", async (drive) => {
        await drive.rewind();
        await drive.read(65536);
        expect(await drive.provePosition()).to.equal(positionSource);
        expect((await drive.position()).objectNumber).to.equal(1n);
      });
    });

    it("a second job is appended behind the first", async () => {
      const source = makeSource(installation.folder);
      await installation.succeed("backup", source);
      await installation.succeed("backup", source);
      await expectRestoredByProduct(installation, "1", source);
      await expectRestoredByProduct(installation, "2", source);
    });
  });
}
