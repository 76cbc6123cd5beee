// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { nodeFileSystem } from "../../../lib/service/node-file-system.ts";

describe("the real file system", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-files-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function codeOf(work: Promise<unknown>): Promise<unknown> {
    try {
      await work;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
    return undefined;
  }

  it("appends, synchronises and reads back", async () => {
    const inner = join(folder, "a/b");
    await nodeFileSystem.makeFolder(inner);
    const path = join(inner, "file");
    const file = await nodeFileSystem.create(path);
    expect(await file.append(Buffer.from("hello "))).to.equal(6);
    expect(await file.append(Buffer.from("tape"))).to.equal(4);
    await file.synchronise();
    await file.close();
    await nodeFileSystem.synchroniseFolder(inner);
    const reading = await nodeFileSystem.open(path);
    expect(reading?.sizeBytes).to.equal(10);
    expect((await reading?.readAt(6, 100))?.toString()).to.equal("tape");
    await reading?.synchronise();
    await reading?.close();
    expect(await codeOf(nodeFileSystem.create(path))).to.equal("EEXIST");
  });

  it("lists, renames and removes; what is not there is no error", async () => {
    for (const name of ["b", "a"]) await (await nodeFileSystem.create(join(folder, name))).close();
    await nodeFileSystem.rename(join(folder, "b"), join(folder, "c"));
    expect(await nodeFileSystem.list(folder)).to.deep.equal(["a", "c"]);
    await nodeFileSystem.remove(join(folder, "c"));
    await nodeFileSystem.remove(join(folder, "c"));
    expect(await nodeFileSystem.list(join(folder, "none"))).to.deep.equal([]);
    expect(await nodeFileSystem.open(join(folder, "none"))).to.equal(undefined);
  });

  it("removes a folder that is empty; one that is not there is no error", async () => {
    const inner = join(folder, "a");
    await nodeFileSystem.makeFolder(inner);
    await (await nodeFileSystem.create(join(inner, "file"))).close();
    expect(await codeOf(nodeFileSystem.removeFolder(inner))).to.equal("ENOTEMPTY");
    await nodeFileSystem.remove(join(inner, "file"));
    await nodeFileSystem.removeFolder(inner);
    await nodeFileSystem.removeFolder(inner);
    expect(await nodeFileSystem.list(folder)).to.deep.equal([]);
  });

  it("passes other failures on", async () => {
    const file = join(folder, "file");
    await (await nodeFileSystem.create(file)).close();
    expect(await codeOf(nodeFileSystem.list(file))).to.equal("ENOTDIR");
    expect(await codeOf(nodeFileSystem.open(join(file, "x")))).to.equal("ENOTDIR");
    expect(await codeOf(nodeFileSystem.synchroniseFolder(join(folder, "none")))).to.equal("ENOENT");
  });

  it("knows how much is free", async () => {
    expect((await nodeFileSystem.freeBytes(folder)) > 0n).to.equal(true);
  });
});
