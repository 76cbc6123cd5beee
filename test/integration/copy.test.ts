// SPDX-License-Identifier: Apache-2.0
/** Copies of jobs: the same stream on other cartridges, restored from there when the originals are gone. */
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { makeLargeFile, makeSmallFiles, makeSpecialObjects, Noise } from "../../scripts/make-tree.ts";
import { loadConfig } from "../../lib/service/config.ts";
import { openRoles } from "../../lib/service/roles.ts";
import type { Roles } from "../../lib/service/roles.ts";
import { needs } from "../needs.ts";
import { Installation } from "./installation.ts";
import { expectRestoredByProduct, expectRestoredByTar } from "./restored.ts";

const mib = 2 ** 20;
const originals = ["TMK001L9", "TMK002L9", "TMK003L9", "TMK004L9"];
const vault = ["TMK005L9", "TMK006L9", "TMK007L9", "TMK008L9"];

describe("copy of a job", function () {
  this.timeout(300_000);
  let installation: Installation;
  let source: string;

  before(function () {
    needs(this, "tar");
  });
  beforeEach(async () => {
    installation = await new Installation().make({
      capacity: "24 MiB",
      config: '[tape]\nrecordSize = "32 KiB"\nsegmentSize = "9 MiB"\n[pipeline]\nringSize = "1 MiB"\n',
    });
    setCapacity(vault, 17 * mib);
    await installation.succeed("volume", "label", ...originals, "--yes");
    await installation.succeed("volume", "label", ...vault, "--pool", "vault", "--yes");
    source = join(installation.folder, "source");
    mkdirSync(source);
  });
  afterEach(() => installation.remove());

  const media = (name: string): string => join(installation.libraryFolder, "media", name);

  function setCapacity(tags: readonly string[], bytes: number): void {
    for (const tag of tags) {
      const text = readFileSync(media(`${tag}.attributes`), "utf8");
      writeFileSync(media(`${tag}.attributes`), text.replace(/capacity-bytes \d+/, `capacity-bytes ${bytes}`));
    }
  }

  /** Objects of every kind, and files that are cut by the ends of cartridges. */
  function makeSource(): void {
    makeSpecialObjects(join(source, "special"));
    makeSmallFiles(join(source, "small"), 300);
    for (let index = 0; index < 5; index++) makeLargeFile(join(source, `large-${index}`), 8 * mib + index, index);
  }

  async function withRoles<T>(work: (roles: Roles) => Promise<T>): Promise<T> {
    const roles = openRoles(loadConfig(installation.configPath));
    try {
      return await work(roles);
    } finally {
      await roles.close();
    }
  }

  it("is the same stream on cartridges of another size, restored by the product and by tar", async () => {
    makeSource();
    await installation.succeed("backup", source);
    const result = await withRoles((roles) => roles.jobManager.copy("1", { pool: "vault" }));
    expect(result.status).to.equal("complete");
    const { job, copy } = await withRoles((roles) =>
      Promise.resolve({ job: roles.store.finishedJob("1"), copy: roles.store.finishedJob("2") }),
    );
    expect(result.bytesWritten).to.equal(job?.endOffset);
    expect(copy?.endOffset).to.equal(job?.endOffset);
    const tags = [...new Set(copy?.segments.map(({ volumeTag }) => volumeTag))];
    expect(tags.length).to.be.at.least(3);
    expect(vault).to.include.members(tags);
    expect(
      copy?.segments.filter(({ continuedHeaderOffset }) => continuedHeaderOffset !== undefined).length,
    ).to.be.at.least(2);
    for (const tag of originals) renameSync(media(`${tag}.tape`), media(`${tag}.away`));
    await expectRestoredByProduct(installation, "2", source);
    await expectRestoredByTar(installation, "2", source);
    void [Noise, readdirSync];
  });
});
