// SPDX-License-Identifier: Apache-2.0
/** A cartridge is written over when everything on it has expired, and not a moment before. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Installation, smallTape } from "./installation.ts";

interface Details {
  readonly volume: { readonly volumeUuid: string; readonly state: string; readonly mediaSet: string };
  readonly jobs: readonly { readonly jobId: string }[];
}

describe("writing over what has expired", () => {
  let installation: Installation;
  let source = "";

  beforeEach(async () => {
    const config = `${smallTape}[pools.default]\nallocation = "new set"\nretention = { keepLast = 1 }\n`;
    installation = await new Installation().make({ capacity: "64 MiB", config });
    await installation.succeed("volume", "label", "TMK001L9", "TMK002L9", "--yes");
    source = installation.makeSource("source", 3_000_000);
  });
  afterEach(() => installation.remove());

  const volume = (barcode: string): Promise<Details> => installation.json<Details>("volume", "show", barcode);
  const jobsOn = async (barcode: string): Promise<string[]> => (await volume(barcode)).jobs.map(({ jobId }) => jobId);

  it("asks the operator as long as every job is kept, then takes the cartridge that is free, and only that", async () => {
    await installation.succeed("backup", source);
    await installation.succeed("backup", source);
    expect([await jobsOn("TMK001L9"), await jobsOn("TMK002L9")]).to.deep.equal([["1"], ["2"]]);
    const [first, second] = [await volume("TMK001L9"), await volume("TMK002L9")];
    expect(first.volume.mediaSet).not.to.equal(second.volume.mediaSet);
    const before = ["TMK001L9", "TMK002L9"].map((barcode) => installation.medium(barcode));

    const refused = await installation.run("backup", source);
    expect(refused.code).to.equal(5);
    expect(refused.error).to.include("TMK001L9: it belongs to another media set, and job 1 on it is not expired");
    expect(["TMK001L9", "TMK002L9"].map((barcode) => installation.medium(barcode))).to.deep.equal(before);

    expect(await installation.succeed("pool", "prune", "--yes")).to.include("free to be written over: TMK001L9");
    expect(installation.medium("TMK001L9").equals(before[0]!), "a prune moves no tape").to.equal(true);
    await installation.succeed("restore", "--job", "1", "--to", join(installation.folder, "of-1"));

    await installation.succeed("backup", source);
    const anew = await volume("TMK001L9");
    expect(anew.volume.volumeUuid).not.to.equal(first.volume.volumeUuid);
    expect(anew.jobs.map(({ jobId }) => jobId)).not.to.include("1");
    expect(installation.medium("TMK002L9").equals(before[1]!), "the other one is as it was").to.equal(true);

    const { jobs } = await installation.json<{ jobs: { jobId: string }[] }>("job", "list");
    for (const jobId of ["2", jobs.map((job) => Number(job.jobId)).reduce((left, right) => Math.max(left, right))]) {
      const target = join(installation.folder, `of-${jobId}`);
      await installation.succeed("restore", "--job", String(jobId), "--to", target);
      const restored = readFileSync(join(target, source.slice(1), "large"));
      expect(restored.equals(readFileSync(join(source, "large"))), `job ${jobId}`).to.equal(true);
    }
    for (const command of [
      ["restore", "--job", "1", "--to", join(installation.folder, "gone")],
      ["volume", "recipe", "1"],
    ]) {
      const gone = await installation.run(...command);
      expect(gone.code).to.equal(1);
      expect(gone.error, "what stands there now is another job's").to.include("job 1 has expired and was written over");
    }
    expect(await installation.succeed("job", "show", "1")).to.match(/^job 1 complete, written over$/m);
    expect(await installation.succeed("catalog", "versions", join(source, "large").slice(1))).not.to.match(/ 1 /);
  });

  it("leaves a cartridge alone that was retired, though everything on it has expired", async () => {
    await installation.succeed("backup", source);
    await installation.succeed("backup", source);
    await installation.succeed("volume", "retire", "TMK001L9", "--yes");
    await installation.succeed("pool", "prune", "--yes");
    const refused = await installation.run("backup", source);
    expect(refused.code).to.equal(5);
    expect(refused.error).to.include("TMK001L9: it was taken out of use");
    await installation.succeed("restore", "--job", "1", "--to", join(installation.folder, "of-1"));
  });
});
