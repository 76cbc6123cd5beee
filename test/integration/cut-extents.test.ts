// SPDX-License-Identifier: Apache-2.0
/** A large file over several cartridges, killed and resumed: what its digests prove then, and what they cannot. */
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { StoredExtent } from "../../lib/catalog/catalog-store.ts";
import { goOnWithJob, refuseUnlessInterrupted } from "../../lib/job-manager/job-attempt.ts";
import { CallTotals } from "../../lib/job-manager/call-totals.ts";
import { sessionOptions } from "../../lib/job-manager/session-options.ts";
import { verifyJob } from "../../lib/job-manager/verify-run.ts";
import { Noise } from "../../scripts/make-tree.ts";
import { needs } from "../needs.ts";
import { Installation } from "./installation.ts";
import { killedWhen, killedWhenWritten } from "./killed-process.ts";
import { expectRestoredByProduct, expectRestoredByTar } from "./restored.ts";

const mib = 2 ** 20;
const stretch = 64n * 2n ** 20n;

describe("a large file cut on a later cartridge", () => {
  let installation: Installation;
  let source: string;
  let content: Buffer;

  before(function () {
    needs(this, "tar");
  });
  beforeEach(async () => {
    // A drive's buffer, whose content a kill throws away, would hold more than a cartridge.
    installation = await new Installation().make({
      capacity: "24 MiB",
      config: '[tape]\nrecordSize = "64 KiB"\n[pipeline]\nringSize = "4 MiB"\n[checkpoint]\nsize = "2 MiB"\n',
    });
    await installation.succeed("volume", "label", "--all", "--yes");
    source = join(installation.folder, "source");
    mkdirSync(source);
  });
  afterEach(() => installation.remove());

  function makeLarge(bytes: number): void {
    content = new Noise(11).bytes(bytes);
    writeFileSync(join(source, "large"), content);
  }
  const storedExtents = (): Promise<readonly StoredExtent[]> =>
    installation.withRoles(({ store }) => {
      const object = store.objectByPath("1", Buffer.from(join(source, "large").slice(1)));
      return Promise.resolve(store.extents("1", object?.headerOffset ?? -1n));
    });
  const sizes = (): number[] => {
    const media = join(installation.libraryFolder, "media");
    return readdirSync(media)
      .filter((name) => name.endsWith(".tape"))
      .map((name) => statSync(join(media, name)).size);
  };
  const resume = (): Promise<{ readonly status: string }> => installation.json("job", "resume", "1");
  async function restoreCode(): Promise<{ readonly code: number; readonly out: string }> {
    return installation.run(
      "restore",
      "--job",
      "1",
      "--to",
      join(installation.folder, "again"),
      "--overwrite",
      "--json",
    );
  }
  /** Flips one bit of the file's byte `at`, on whichever cartridge it lies. */
  function flip(at: number): void {
    const media = join(installation.libraryFolder, "media");
    const needle = content.subarray(at - 32, at);
    for (const name of readdirSync(media).filter((each) => each.endsWith(".tape"))) {
      const image = readFileSync(join(media, name));
      const found = image.indexOf(needle);
      if (found < 0) continue;
      const descriptor = openSync(join(media, name), "r+");
      writeSync(descriptor, Buffer.of((image[found + 32] ?? 0) ^ 1), 0, 1, found + 32);
      closeSync(descriptor);
      return;
    }
    throw new Error(`no cartridge holds byte ${at}`);
  }
  async function expectFound(at: number, from: bigint, to: bigint): Promise<void> {
    flip(at);
    const { code, out } = await restoreCode();
    expect(code).to.equal(3);
    expect(out).to.include(join(source, "large").slice(1)).and.include(`archived bytes ${from} to ${to}`);
    flip(at);
  }

  it("has no digest of what lies on the one before, and is proved from there on", async () => {
    makeLarge(60 * mib);
    expect(await killedWhenWritten(installation, 34 * mib, "backup", source)).to.equal(true);
    const { reasons } = await installation.json<{ reasons: string[] }>("job", "resume", "1", "--plan");
    expect(reasons.join("\n")).to.match(/its bytes 0 to \d+ lie on a cartridge that is not loaded/);
    expect(await resume()).to.include({ status: "complete" });
    await expectRestoredByProduct(installation, "1", source);
    await expectRestoredByTar(installation, "1", source);
    const [before, cut, ...others] = await storedExtents();
    if (before === undefined || cut === undefined) throw new Error("no extents");
    expect(others).to.deep.equal([]);
    expect([before.from, before.digest]).to.deep.equal([0n, undefined]);
    expect(Number(before.to)).to.be.within(20 * mib, 24 * mib);
    expect([cut.from, cut.digest?.length]).to.deep.equal([before.to, 16]);
    const summary = await installation.withRoles((roles) => verifyJob(roles.jobEnvironment, { jobId: "1" }, {}));
    expect(summary).to.deep.include({ damaged: [], bytesUnproved: before.to });
    expect(summary.bytesVerified).to.equal(BigInt(content.length) - before.to);
    await expectFound(Number(cut.from) + mib, cut.from, cut.to);
    await expectFound(Number(cut.to) + mib, cut.to, BigInt(content.length));
    const { out } = await restoreCode();
    expect(JSON.parse(out.trim().split("\n").at(-1) ?? "")).to.include({ bytesUnproved: Number(before.to) });
  });

  it("is continued on another cartridge although the one that it was cut on is not looked at", async () => {
    makeLarge(40 * mib);
    expect(await killedWhenWritten(installation, 14 * mib, "backup", source)).to.equal(true);
    const result = await installation.withRoles(async ({ jobEnvironment: environment }) => {
      const media = environment.mediaServer.openSession({ ...sessionOptions("1", {}), purpose: "backup" });
      const data = environment.connectDataServer();
      try {
        const job = refuseUnlessInterrupted(environment.jobs.get("1"), "1");
        const leave = { volumeTag: "TMK001L9", reason: "TMK001L9 is stuck" };
        return await goOnWithJob(environment, { media, data }, job, { leave }, new CallTotals());
      } finally {
        await data.close();
        await media.close();
      }
    });
    expect(result).to.include({ status: "complete", objectsContinued: 1n });
    expect(result.plan?.reasons.join("\n")).to.match(/TMK001L9 is not looked at.*its bytes 0 to \d+ lie on a/s);
    const [before, ...others] = await storedExtents();
    expect(others).to.deep.equal([]);
    expect([before?.from, before?.digest]).to.deep.equal([0n, undefined]);
    expect(before?.to).to.equal(result.plan?.continued?.fromByte ?? -1n);
    await expectRestoredByProduct(installation, "1", source);
    await expectRestoredByTar(installation, "1", source);
  });

  it("killed directly behind the volume change", async () => {
    makeLarge(60 * mib);
    const labelled = sizes();
    const begun = (): boolean => sizes().filter((size, index) => size > (labelled[index] ?? 0)).length > 1;
    const args = ["--config", installation.configPath, "backup", source];
    expect(await killedWhen(join(installation.libraryFolder, "media"), begun, ...args)).to.equal(true);
    expect(await resume()).to.include({ status: "complete" });
    await expectRestoredByProduct(installation, "1", source);
    await expectRestoredByTar(installation, "1", source);
    const [before, ...others] = await storedExtents();
    expect([before?.from, before?.digest]).to.deep.equal([0n, undefined]);
    const behind = others.at(-1)?.to ?? before?.to ?? 0n;
    await expectFound(Number(behind) + mib, behind, BigInt(content.length));
  });

  it("lacks at most a digest's stretch, and less of what was digested while it was written", async () => {
    makeLarge(104 * mib);
    expect(await killedWhenWritten(installation, 82 * mib, "backup", source)).to.equal(true);
    expect(await resume()).to.include({ status: "complete" });
    await expectRestoredByProduct(installation, "1", source);
    const extents = await storedExtents();
    const places = extents.map(({ from, to, digest }) => [from, to, digest !== undefined]);
    const [written, before, cut] = extents;
    if (written === undefined || before === undefined || cut === undefined) throw new Error("no extents");
    expect(places).to.deep.equal([
      [0n, stretch, true],
      [stretch, before.to, false],
      [before.to, cut.to, true],
    ]);
    await expectFound(30 * mib, 0n, stretch);
    await expectFound(Number(cut.to) - mib, before.to, cut.to);
    await expectFound(content.length - 1, cut.to, BigInt(content.length));
  });
});
