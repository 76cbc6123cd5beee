// SPDX-License-Identifier: Apache-2.0
/** One job over many cartridges and both drives, interrupted again and again: the command that the documentation names. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import type { SpanningReport } from "../../scripts/spanning-report.ts";
import { makeSmallFiles } from "../../scripts/make-tree.ts";
import { diskFolder } from "../disk-folder.ts";
import { needs } from "../needs.ts";
import { Installation } from "./installation.ts";
import { expectRestoredByProduct, expectRestoredByTar } from "./restored.ts";

const script = resolve(import.meta.dirname, "../../scripts/spanning.ts");

describe("a cartridge that ends among small files", () => {
  let installation: Installation;

  before(function () {
    needs(this, "tar");
  });
  afterEach(() => installation.remove());

  it("is joined with the next one by the recipe, so that folders get their times", async () => {
    installation = await new Installation().make({ capacity: "4 MiB" });
    await installation.succeed("volume", "label", "--all", "--yes");
    const source = join(installation.folder, "source");
    makeSmallFiles(source, 2000);
    await installation.succeed("backup", source);
    const { segments } = await installation.json<{ segments: readonly { ended: string }[] }>("job", "show", "1");
    expect(segments.filter(({ ended }) => ended === "cut").length).to.be.at.least(3);
    await expectRestoredByProduct(installation, "1", source);
    await expectRestoredByTar(installation, "1", source);
  });
});

describe("spanning", () => {
  let folder: string;

  beforeEach(function () {
    needs(this, "tar", "python3");
    folder = mkdtempSync(join(diskFolder(), "tidemark-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const spanning = async (...args: readonly string[]): Promise<SpanningReport> => {
    const path = join(folder, "report.json");
    const child = spawn(process.execPath, [script, ...args, "--folder", folder, "--json", path], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (piece: Buffer) => (output += piece.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    expect(code, output).to.equal(0);
    return JSON.parse(readFileSync(path, "utf8")) as SpanningReport;
  };

  const used = ({ volumes }: SpanningReport): number =>
    volumes.filter(({ lastJobId }) => lastJobId !== undefined).length;

  const expectEverythingProved = (report: SpanningReport, interruptions: number): void => {
    expect(report.differences).to.deep.equal([]);
    expect(report.interruptions.length).to.equal(interruptions);
    const parts = report.interruptions.flatMap((each) => each.parts);
    expect(parts.map(({ twiceBytes }) => twiceBytes)).to.deep.equal(parts.map(() => 0));
    expect(report.writtenBytes - report.discardedBytes).to.equal(report.stream.streamBytes);
    expect(report.interruptions.filter(({ missing }) => missing !== undefined)).to.have.lengthOf(1);
    expect(parts.some(({ continued }) => continued)).to.equal(true);
    expect(report.byProduct.objects).to.be.greaterThan(1000);
    expect(report.byTar.objects).to.equal(report.byProduct.objects);
  };

  it("2 GiB over 12 cartridges, killed five times, a cartridge missing at a resume", async () => {
    const report = await spanning("--size", "2GiB", "--cartridges", "12", "--drives", "2", "--interruptions", "5");
    expectEverythingProved(report, 5);
    expect(report.byProduct.bytes).to.be.at.least(2 * 2 ** 30);
    expect(report.stream.voidBytes).to.be.at.most(report.stream.overheadBytes);
    expect(used(report)).to.be.at.least(9);
  });

  it("the same through iSCSI on 6 cartridges of 64 MiB, with the library's power failing once", async function () {
    needs(this, "tgtd", "setpriv");
    const library = ["--transport", "tgt", "--cartridges", "6", "--capacity", "64MiB", "--drives", "2"];
    const report = await spanning("--size", "240MiB", "--interruptions", "4", ...library);
    expectEverythingProved(report, 4);
    const crashes = report.interruptions.filter(({ how }) => how === "library crash");
    expect(crashes.map(({ exitCode }) => exitCode)).to.have.lengthOf(1);
    expect(crashes[0]?.exitCode).to.be.oneOf([4, 6]);
    expect(used(report)).to.be.at.least(4);
  });
});
