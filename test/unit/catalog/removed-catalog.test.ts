// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { removeTemporaryCatalog } from "../../../lib/catalog/removed-catalog.ts";
import { emptySummary, TemporaryCatalogReader } from "../../../lib/catalog/temporary-catalog-reader.ts";
import { TemporaryCatalog } from "../../../lib/catalog/temporary-catalog.ts";
import { failure, MemoryFileSystem } from "./memory-file-system.ts";

const folder = "/jobs/17";

describe("a temporary catalog that is removed", () => {
  let fileSystem: MemoryFileSystem;

  /** Three starts, a frame each, and what else a job leaves. */
  beforeEach(async () => {
    fileSystem = new MemoryFileSystem();
    for (const epoch of [1, 2, 3]) {
      const summary = epoch === 1 ? emptySummary : await reader().summary();
      const options = { fileSystem, folder, origin: { epoch, nonce: Buffer.alloc(8, epoch) }, reserveBytes: 0 };
      await (await TemporaryCatalog.start(options, summary, Buffer.from([0x80 + epoch]))).close();
    }
    await (await fileSystem.create(`${folder}/volume-lost-000001.tmc`)).synchronise();
    await (await fileSystem.create(`${folder}/disk-based.sqlite`)).synchronise();
    await fileSystem.synchroniseFolder(folder);
    expect((await reader().summary()).frames).to.equal(3);
  });

  const reader = (): TemporaryCatalogReader => new TemporaryCatalogReader(fileSystem, folder);

  it("leaves nothing", async () => {
    await removeTemporaryCatalog(fileSystem, folder);
    expect([...fileSystem.files.keys()]).to.deep.equal([]);
    await removeTemporaryCatalog(fileSystem, folder);
  });

  it("says all or nothing after an end at any call, and goes when it is removed again", async () => {
    const seen: number[] = [];
    for (let end = 1; ; end++) {
      const attempt = fileSystem.copy();
      let calls = 0;
      attempt.before = () => {
        calls += 1;
        if (calls >= end) throw failure("killed");
      };
      const hasEnded = await removeTemporaryCatalog(attempt, folder).then(
        () => true,
        () => false,
      );
      attempt.before = () => undefined;
      seen.push((await new TemporaryCatalogReader(attempt, folder).summary()).frames);
      await removeTemporaryCatalog(attempt, folder);
      expect([...attempt.files.keys()]).to.deep.equal([]);
      if (hasEnded) break;
    }
    const whole = seen.filter((frames) => frames === 3).length;
    expect(seen).to.deep.equal([...Array<number>(whole).fill(3), ...Array<number>(seen.length - whole).fill(0)]);
    expect(seen.length - whole).to.be.at.least(3);
  });

  it("has lost each file on the disk, the first one first, when another one goes", async () => {
    const operations: string[] = [];
    fileSystem.before = (operation, path) => void operations.push(`${operation} ${path.slice(folder.length + 1)}`);
    await removeTemporaryCatalog(fileSystem, folder);
    const catalogs = [1, 2, 3].flatMap((number) => [`remove catalog-00000${number}.tmc`, "synchroniseFolder "]);
    expect(operations).to.deep.equal([
      ...catalogs,
      "remove disk-based.sqlite",
      "remove volume-lost-000001.tmc",
      "removeFolder ",
    ]);
  });
});
