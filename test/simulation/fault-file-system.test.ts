// SPDX-License-Identifier: Apache-2.0
/** What a power cut leaves of the simulated disk: proved here, as everything else is proved with it. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Chance } from "./chance.ts";
import { Disk } from "./disk.ts";
import { FaultFileSystem } from "./fault-file-system.ts";
import { parseFault } from "./fault-text.ts";
import { Host, PowerOffError } from "./host.ts";

describe("simulated disk", () => {
  let folder: string;
  let disk: Disk;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-disk-"));
    disk = new Disk();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function fileSystem(...faults: readonly string[]): FaultFileSystem {
    let isOff = false;
    const crash = (): void => {
      isOff = true;
    };
    return new FaultFileSystem(disk, new Host({ faults: faults.map(parseFault), crash, isOff: () => isOff }));
  }

  /** A folder with one file: `sure` is synchronised, and the file's name; `tail` is not. */
  async function written(files: FaultFileSystem, sure = "sure", tail = "tail"): Promise<string> {
    const path = join(folder, "job", "file");
    await files.makeFolder(join(folder, "job"));
    await files.synchroniseFolder(folder);
    const file = await files.create(path);
    await file.append(Buffer.from(sure));
    await file.synchronise();
    await files.synchroniseFolder(join(folder, "job"));
    await file.append(Buffer.from(tail));
    await file.close();
    return path;
  }

  /** The operating system's code. */
  async function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
    try {
      await call;
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  }

  it("H2: what was synchronised stays, the tail behind it is lost", async () => {
    const path = await written(fileSystem());
    disk.losePower("lost", new Chance(1));
    expect(readFileSync(path, "latin1")).to.equal("sure");
  });

  it("H2: a file whose folder was not synchronised has no name any more, and one that was removed has it again", async () => {
    const files = fileSystem();
    const path = await written(files);
    await files.remove(path);
    const other = await files.create(join(folder, "job", "other"));
    await other.append(Buffer.from("x"));
    await other.synchronise();
    await other.close();
    disk.losePower("lost", new Chance(1));
    expect(readdirSync(join(folder, "job"))).to.deep.equal(["file"]);
    expect(readFileSync(path, "latin1")).to.equal("sure");
  });

  it("H2: a folder whose name was not synchronised is gone with all that is in it", async () => {
    const files = fileSystem();
    await files.makeFolder(join(folder, "job"));
    const file = await files.create(join(folder, "job", "file"));
    await file.synchronise();
    await file.close();
    await files.synchroniseFolder(join(folder, "job"));
    disk.losePower("lost", new Chance(1));
    expect(existsSync(join(folder, "job"))).to.equal(false);
  });

  it("H2: what was removed with its folder comes back, unless the folder above was synchronised", async () => {
    for (const isSure of [false, true]) {
      rmSync(join(folder, "job"), { recursive: true, force: true });
      const files = fileSystem();
      const path = await written(files);
      await files.remove(path);
      await files.removeFolder(join(folder, "job"));
      if (isSure) await files.synchroniseFolder(folder);
      disk.losePower("lost", new Chance(1));
      expect(existsSync(path)).to.equal(!isSure);
    }
  });

  it("H4: sectors of a torn tail are there or not in any order; what was synchronised is whole", async () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      rmSync(join(folder, "job"), { recursive: true, force: true });
      disk = new Disk();
      const path = await written(fileSystem(), "s".repeat(700), "t".repeat(2000));
      disk.losePower("torn", new Chance(seed));
      const left = readFileSync(path, "latin1");
      expect(left.slice(0, 700)).to.equal("s".repeat(700));
      const tail = left.slice(700);
      const isCut = tail === "t".repeat(tail.length);
      seen.add(isCut ? "cut" : "holes");
      expect(tail.replaceAll(/[t\0]/g, "")).to.equal("");
    }
    expect([...seen].sort()).to.deep.equal(["cut", "holes"]);
  });

  it("H5: after a failed fsync what was not written is zeros, and a second fsync says yes", async () => {
    const files = fileSystem("d4.EIO");
    const path = join(folder, "file");
    const file = await files.create(path);
    await files.synchroniseFolder(folder);
    await file.append(Buffer.from("lost"));
    expect(await refusalOf(file.synchronise())).to.equal("EIO");
    await file.synchronise();
    await file.close();
    expect(readFileSync(path, "latin1")).to.equal("\0\0\0\0");
  });

  it("H5: an fsync that lies leaves nothing behind", async () => {
    const files = fileSystem("d5.lie");
    const path = await written(files);
    disk.losePower("lost", new Chance(1));
    expect(readFileSync(path, "latin1")).to.equal("");
  });

  it("H6: a full disk refuses what is written, once or from then on", async () => {
    const once = fileSystem("d2.ENOSPC");
    const file = await once.create(join(folder, "once"));
    expect(await refusalOf(file.append(Buffer.from("x")))).to.equal("ENOSPC");
    expect(await file.append(Buffer.from("x"))).to.equal(1);
    await file.close();
    const sticky = fileSystem("d1.ENOSPC-sticky");
    for (const name of ["a", "b"]) {
      expect(await refusalOf(sticky.create(join(folder, name)))).to.equal("ENOSPC");
    }
    expect(await sticky.freeBytes(folder)).to.equal(0n);
  });

  it("H1: the call at which the process is killed is carried out or not, and none after it", async () => {
    for (const [fault, bytes] of [
      ["d2.kill", ""],
      ["d2.kill-done", "x"],
    ] as const) {
      const path = join(folder, fault);
      const files = fileSystem(fault);
      const file = await files.create(path);
      for (let call = 0; call < 2; call++) {
        const error: unknown = await file.append(Buffer.from("x")).catch((thrown: unknown) => thrown);
        expect(error).to.be.instanceOf(PowerOffError);
      }
      await file.close();
      expect(readFileSync(path, "latin1")).to.equal(bytes);
    }
  });

  it("a copy of the knowledge does not change with the original", async () => {
    const path = await written(fileSystem());
    const copy = disk.clone();
    disk.synchronised(path, 8);
    copy.losePower("lost", new Chance(1));
    expect(readFileSync(path, "latin1")).to.equal("sure");
  });
});
