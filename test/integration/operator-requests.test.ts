// SPDX-License-Identifier: Apache-2.0
/** What a job does when only a person can help: it asks, it waits, it ends with 5, it goes on; with a changer or by hand. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { TapeDrive } from "../../lib/device/tape-drive.ts";
import { decodeRecords } from "../../lib/catalog/persistent-record.ts";
import { Noise } from "../../scripts/make-tree.ts";
import { Installation } from "./installation.ts";
import { killedAt } from "./killed-process.ts";
import { expectRestoredByProduct, expectRestoredByTar } from "./restored.ts";
import { RunningCommand, isNotice } from "./running-command.ts";
import { insertIntoDrive, insertIntoMailSlot, insertIntoSlot, takeFromSlot } from "./simulated-operator.ts";

const mib = 2 ** 20;
const tape = '[tape]\nrecordSize = "64 KiB"\nsegmentSize = "8 MiB"\n[pipeline]\nringSize = "4 MiB"\n';

interface Requests {
  readonly requests: readonly { readonly kind: string; readonly volumeTags: string[]; readonly text: string }[];
}

describe("requests to the operator", () => {
  let installation: Installation;
  let source: string;

  async function make(config: string, capacity = "24 MiB"): Promise<void> {
    installation = await new Installation().make({ capacity, config });
    source = join(installation.folder, "source");
    mkdirSync(source);
    for (const name of ["a", "b", "c", "d"]) writeFileSync(join(source, name), new Noise(name.length).bytes(9 * mib));
  }
  const requests = async (): Promise<Requests["requests"]> =>
    (await installation.json<Requests>("library", "requests")).requests;

  afterEach(() => installation.remove());

  it("a pool without room: exit code 5, the request stands until the job has gone on", async () => {
    await make(tape);
    await installation.succeed("volume", "label", "TMK001L9", "--yes");
    const { code, error } = await installation.run("backup", source);
    expect(code, error).to.equal(5);
    expect(error).to.include("TMK001L9: ").and.include("tidemark volume label --all");
    expect((await requests()).map(({ kind }) => kind)).to.deep.equal(["load"]);
    await installation.succeed("volume", "label", "TMK002L9", "--yes");
    expect((await installation.json<{ status: string }>("job", "resume")).status).to.equal("complete");
    expect(await requests()).to.deep.equal([]);
    await expectRestoredByProduct(installation, "1", source);
  });

  it("operator.wait: the job waits, a cartridge comes through the mail slot, and it goes on by itself", async () => {
    await make(`${tape}[operator]\nwait = "10 min"\n`);
    await installation.succeed("volume", "label", "TMK001L9", "TMK002L9", "--yes");
    // Both stand in drives or slots; the second is taken away, to the shelf.
    await installation.succeed("library", "export", "TMK002L9", "--vault", "bank");
    const inventory = join(installation.libraryFolder, "inventory");
    const without = readFileSync(inventory, "utf8").split("\n");
    writeFileSync(inventory, without.filter((line) => !line.includes("TMK002L9")).join("\n"));
    const running = new RunningCommand(installation.configPath, "backup", source);
    await running.tells("that a cartridge is wanted", isNotice("waitingForOperator"));
    await insertIntoMailSlot(installation.libraryFolder, 0, "TMK002L9");
    await installation.succeed("library", "import");
    expect((await running.succeeds()).status).to.equal("complete");
    expect(await requests()).to.deep.equal([]);
    await expectRestoredByProduct(installation, "1", source);
  });

  it("the cartridge of an interrupted job is missing: exit code 5 and its name; with it back, the job goes on", async () => {
    await make(tape);
    await installation.succeed("volume", "label", "TMK001L9", "TMK002L9", "TMK003L9", "--yes");
    await interruptWithout("TMK001L9");
    const { code, error } = await installation.run("job", "resume", "1");
    expect(code).to.equal(5);
    expect(error).to.include("TMK001L9");
    expect((await requests())[0]?.volumeTags).to.deep.equal(["TMK001L9"]);
    await insertIntoSlot(installation.libraryFolder, 0, "TMK001L9");
    expect((await installation.json<{ status: string }>("job", "resume", "1")).status).to.equal("complete");
    expect(await requests()).to.deep.equal([]);
  });

  it("job resume --leave: goes on without it, behind its last durable mark; all is there when it is back", async () => {
    await make(tape);
    await installation.succeed("volume", "label", "TMK001L9", "TMK002L9", "TMK003L9", "--yes");
    await interruptWithout("TMK001L9");
    const result = await installation.json<{ status: string; bytesSaved: number }>(
      "job",
      "resume",
      "1",
      "--leave",
      "TMK001L9",
    );
    expect(result.status).to.equal("complete");
    expect(result.bytesSaved).to.be.greaterThan(0);
    await insertIntoSlot(installation.libraryFolder, 0, "TMK001L9");
    await expectRestoredByProduct(installation, "1", source);
    await expectRestoredByTar(installation, "1", source);
  });

  it("drives loaded by hand: labels, spans two cartridges and restores, a person bringing what is asked for", async () => {
    await make(tape);
    const library = 'stateFolder = "state"\n[library]\nkind = "simulated"\nfolder = "library"\nchanger = false\n';
    writeFileSync(installation.configPath, `${library}${tape}[operator]\nwait = "10 min"\n`);
    const { libraryFolder } = installation;
    for (const slot of [0, 1]) await takeFromSlot(libraryFolder, slot);
    for (const tag of ["TMK001L9", "TMK002L9"]) {
      await takeOut();
      await insertIntoDrive(libraryFolder, 0, tag);
      await installation.succeed("volume", "label", tag, "--yes");
    }
    await withPerson(["backup", source]);
    const target = join(installation.folder, "restored");
    await withPerson(["restore", "--job", "1", "--to", target]);
    for (const name of ["a", "b", "c", "d"])
      expect(readFileSync(join(target, source, name)).equals(readFileSync(join(source, name)))).to.equal(true);
  });

  it("the last footer of a job names every volume of its media set and the jobs on them", async () => {
    await make(tape, "32 MiB");
    await installation.succeed("volume", "label", "TMK001L9", "TMK002L9", "TMK003L9", "--yes");
    for (const _ of [1, 2]) await installation.succeed("backup", source);
    const { segments } = await installation.json<{ segments: { volumeTag: string; footerBlock: number }[] }>(
      "job",
      "show",
      "2",
    );
    const last = segments.at(-1);
    const image = readFileSync(join(libraryMedia(), `${last?.volumeTag ?? ""}.tape`));
    const member = image.lastIndexOf(".tidemark/2/");
    const body = image.subarray(member + 512);
    const sizeField = image.subarray(member + 124, member + 135).toString("latin1");
    const records = decodeRecords(body.subarray(0, Number.parseInt(sizeField, 8)), "the last footer");
    const set = [...records].find(({ type }) => type === "mediaSet");
    expect(set).to.have.nested.property("description.volumes").with.lengthOf(3);
    expect(set).to.have.nested.property("description.jobs[0].jobId", "1");
  });

  function libraryMedia(): string {
    return join(installation.libraryFolder, "media");
  }

  /** Interrupts the backup on a cartridge, and puts that on the shelf. */
  async function interruptWithout(tag: string): Promise<void> {
    const place = { volume: tag, object: (18 * mib) / 65_536 };
    expect(await killedAt(installation, place, "backup", source)).to.equal(true);
    // Brings it back to its slot.
    await installation.withCartridge(tag, (drive) => drive.unload());
    const inventory = join(installation.libraryFolder, "inventory");
    const lines = readFileSync(inventory, "utf8").split("\n");
    writeFileSync(inventory, lines.filter((line) => !line.includes(tag)).join("\n"));
  }

  async function takeOut(): Promise<void> {
    const inventory = readFileSync(join(installation.libraryFolder, "inventory"), "utf8");
    const held = /^256 (\S+)/m.exec(inventory)?.[1];
    if (held === undefined) return;
    const drive = TapeDrive.open({ kind: "simulated", folder: installation.libraryFolder, unit: "drive-0" });
    await drive.attend();
    await drive.unload();
    await drive.close();
    await insertIntoDrive(installation.libraryFolder, 0, undefined);
  }

  /** Runs a command and brings each cartridge that it asks for into the drive that it names. */
  async function withPerson(args: readonly string[]): Promise<void> {
    const running = new RunningCommand(installation.configPath, ...args);
    const ended = running.succeeds();
    let heard = 0;
    const listen = async (): Promise<void> => {
      while (!running.hasEnded) {
        const asked = running.lines.filter(isNotice("waitingForOperator"))[heard];
        if (asked !== undefined) {
          heard += 1;
          const tag = /TMK\d{3}L9/.exec(asked.text ?? "")?.[0] ?? "";
          const drive = Number(/drive-(\d)/.exec(asked.text ?? "")?.[1]);
          await insertIntoDrive(installation.libraryFolder, drive, tag);
        }
        // This only lets events in between two looks.
        await new Promise((next) => setImmediate(next));
      }
    };
    await Promise.all([ended, listen()]);
  }
});
