// SPDX-License-Identifier: Apache-2.0
/** Jobs of several processes that share the drives of one library. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { makeSmallFiles } from "../../scripts/make-tree.ts";
import { SimulatedSpanningLibrary } from "../../scripts/spanning-library.ts";
import { Product } from "../../scripts/spanning-product.ts";
import { proveRestoreByProduct } from "../../scripts/spanning-proof.ts";
import { RunningCommand, isNotice, isWriting } from "./running-command.ts";

const mib = 2 ** 20;
const recordBytes = 16 * 1024;

describe("several jobs", () => {
  let folder: string;
  let product: Product;
  const running: RunningCommand[] = [];

  /** `kept`: a cartridge of a pool of its own. */
  const open = async (drives: number): Promise<void> => {
    const library = new SimulatedSpanningLibrary({
      folder: join(folder, "library"),
      cartridges: 6,
      drives,
      capacityBytes: 256 * mib,
      recordBytes,
    });
    product = new Product(
      folder,
      `stateFolder = "state"
[library]
${library.config}[tape]
recordSize = ${recordBytes}
segmentSize = "1 MiB"
[checkpoint]
size = "1 MiB"
[pipeline]
ringSize = "1 MiB"
`,
    );
    await product.succeed("volume", "label", "SPN001L9", "--pool", "kept", "--yes");
    await product.succeed("volume", "label", "--all", "--yes");
  };
  const source = (name: string): string => {
    makeSmallFiles(join(folder, name), 3000, name.length);
    return join(folder, name);
  };
  const start = (...args: readonly string[]): RunningCommand => {
    const command = new RunningCommand(product.configPath, ...args);
    running.push(command);
    return command;
  };
  /** A backup that holds a drive, and stands still with it. */
  const startHeld = async (...args: readonly string[]): Promise<RunningCommand> => {
    const command = start("backup", ...args);
    await command.tells("it writes", isWriting);
    await command.hold();
    expect(command.hasEnded).to.equal(false);
    return command;
  };
  const expectRestored = async (jobId: string, ...sources: readonly string[]): Promise<void> => {
    expect((await proveRestoreByProduct(product, jobId, sources)).differences).to.deep.equal([]);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-test-"));
  });
  afterEach(async () => {
    for (const command of running.splice(0)) await command.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("two jobs, one drive: the second waits until the first is done", async () => {
    await open(1);
    const [one, two] = [source("one"), source("the-other")];
    const first = await startHeld(one);
    const second = start("backup", two);
    await second.tells("it waits", isNotice("waitingForDrive"));
    // The first one stands still and has the drive: whatever the second one does, it does not get it.
    expect(second.lines.some(isNotice("volumeMounted"))).to.equal(false);
    first.letGo();
    expect(await first.succeeds()).to.include({ jobId: "1", status: "complete" });
    expect(await second.succeeds()).to.include({ jobId: "2", status: "complete" });
    const order = [...first.lines, ...second.lines].filter(({ type }) => type === "notice");
    expect(order.map(({ kind }) => kind)).to.deep.equal(["volumeMounted", "waitingForDrive", "volumeMounted"]);
    await expectRestored("1", one);
    await expectRestored("2", two);
  });

  it("three jobs, two drives, a restore between: it has a drive between two segments of a backup", async () => {
    await open(2);
    const kept = source("kept");
    await product.succeed("backup", kept, "--pool", "kept");
    const [one, two, three] = [source("one"), source("second"), source("the-third")];
    const first = await startHeld(one);
    const second = await startHeld(two);
    const third = start("backup", three);
    await third.tells("it waits", isNotice("waitingForDrive"));
    const target = join(folder, "restored");
    const restore = start("restore", "--job", "1", "--to", target);
    await restore.tells("it waits", isNotice("waitingForDrive"));
    first.letGo();
    await first.tells("it gives way", isNotice("gaveWay"));
    await restore.succeeds();
    // The other drive was held all the time: the restore had the first one's.
    expect(second.lines.some(isNotice("gaveWay"))).to.equal(false);
    expect(second.hasEnded).to.equal(false);
    second.letGo();
    for (const command of [first, second, third]) expect(await command.succeeds()).to.include({ status: "complete" });
    const order = first.lines.filter((line) => isNotice("gaveWay")(line) || isNotice("volumeMounted")(line));
    expect(order.map(({ kind }) => kind).slice(0, 3)).to.deep.equal(["volumeMounted", "gaveWay", "volumeMounted"]);
    for (const [jobId, path] of [
      ["1", kept],
      ["2", one],
      ["3", two],
      ["4", three],
    ] as const) {
      await expectRestored(jobId, path);
    }
  });

  it("kill -9 of the job that has the drive: the one that waits goes on, and the killed one is resumed", async () => {
    await open(1);
    const [one, two] = [source("one"), source("the-other")];
    const first = await startHeld(one);
    const second = start("backup", two);
    await second.tells("it waits", isNotice("waitingForDrive"));
    await first.kill();
    expect(await second.succeeds()).to.include({ status: "complete" });
    expect(await product.json("job", "resume", "1")).to.include({ status: "complete" });
    await expectRestored("1", one);
    await expectRestored("2", two);
  });
});
