// SPDX-License-Identifier: Apache-2.0
/** The whole product on a foreign library over iSCSI, which knows no LOCATE and no position. */
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { makeLargeFile, makeSmallFiles } from "../../scripts/make-tree.ts";
import { needs } from "../needs.ts";
import { TgtLibrary } from "../peers/tgt.ts";
import { Installation } from "./installation.ts";
import { killedWhen } from "./killed-process.ts";
import { expectRestoredByProduct } from "./restored.ts";

const mib = 2 ** 20;
describe("backup to a tgt library over iSCSI", () => {
  let installation: Installation;
  let library: TgtLibrary;

  before(async function () {
    needs(this, "tgtd", "setpriv");
    library = await TgtLibrary.start({ drives: 2, cartridges: 2, cartridgeMiB: 1024 });
    installation = new Installation();
    const drives = [library.driveUrl(0), library.driveUrl(1)];
    writeFileSync(
      installation.configPath,
      `stateFolder = "state"
[library]
kind = "devices"
changer = ${JSON.stringify(library.changerUrl)}
drives = ${JSON.stringify(drives)}
[tape]
recordSize = "64 KiB"
segmentSize = "32 MiB"
[pipeline]
ringSize = "4 MiB"
`,
    );
  });
  after(async () => {
    await library?.stop();
    installation?.remove();
  });

  it("a job that was killed goes on on the same cartridge, in the middle of a file", async () => {
    const source = join(installation.folder, "source");
    mkdirSync(source);
    makeSmallFiles(join(source, "small"), 100);
    makeLargeFile(join(source, "large"), 512 * mib);
    await installation.succeed("volume", "label", "--all", "--yes");
    const media = join(library.folder, "media");
    const written = (): number => readdirSync(media).reduce((sum, name) => sum + statSync(join(media, name)).size, 0);
    const wanted = written() + 100 * mib;
    const args = ["--config", installation.configPath, "backup", source];
    const killed = await killedWhen(media, () => written() >= wanted, ...args);
    expect(killed).to.equal(true);
    const plan = await installation.json<{ readonly tape: { readonly boundaryBlock: number } }>(
      "job",
      "resume",
      "1",
      "--plan",
    );
    expect(plan.tape.boundaryBlock).to.be.greaterThan(3);
    const result = await installation.json<{
      readonly status: string;
      readonly objectsContinued: number;
      readonly bytesSaved: number;
    }>("job", "resume", "1");
    expect(result.status).to.equal("complete");
    expect(result.objectsContinued).to.equal(1);
    expect(result.bytesSaved).to.be.greaterThan(90 * mib);
    await expectRestoredByProduct(installation, "1", source);
  });
});
