// SPDX-License-Identifier: Apache-2.0
/** The verbs of `tidemark drive` and `tidemark changer`, over the simulated library. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { nativeBinding } from "../../lib/native/binding.ts";
import { runCli } from "../unit/cli/fake-terminal.ts";
import { Installation } from "./installation.ts";
import type { Ended } from "./installation.ts";

const mib = 1024n * 1024n;
const barcodes = ["TMK001L9", "TMK002L9", "TMK003L9", "CLN001L1"];

interface Element {
  readonly address: number;
  readonly type: string;
  readonly full: boolean;
  readonly volumeTag?: string;
}

describe("device commands", () => {
  let installation: Installation;
  beforeEach(() => {
    installation = new Installation();
    nativeBinding().createSimulatedLibrary(installation.libraryFolder, {
      drives: 2,
      storageElements: 6,
      importExportElements: 2,
      barcodes,
      capacityBytes: 64n * mib,
      earlyWarningBytes: 4n * mib,
      bufferBytes: Number(mib),
    });
    const config = 'stateFolder = "state"\n[library]\nkind = "simulated"\nfolder = "library"\n';
    writeFileSync(installation.configPath, config);
  });
  afterEach(() => installation.remove());

  const succeed = (...args: readonly string[]): Promise<string> => installation.succeed(...args);
  const json = <T>(...args: readonly string[]): Promise<T> => installation.json<T>(...args);
  const elements = async (): Promise<readonly Element[]> =>
    (await json<{ readonly elements: readonly Element[] }>("changer", "status")).elements;
  const placeOf = async (barcode: string): Promise<Element> => {
    const found = (await elements()).find(({ volumeTag }) => volumeTag === barcode);
    if (found === undefined) throw new Error(`${barcode} is nowhere`);
    return found;
  };
  const refused = (ended: Ended, code: number, ...words: readonly string[]): void => {
    expect(ended.error).to.match(/^tidemark: [^\n]{20,}\n$/);
    for (const word of words) expect(ended.error).to.include(word);
    expect(ended.out).to.equal("");
    expect(ended.code).to.equal(code);
  };

  it("devices go by number, serial number and address, and one must be named where there are two", async () => {
    const { drives } = await json<{
      readonly drives: readonly { readonly name: string; readonly serialNumber: string }[];
    }>("drive", "list");
    expect(drives).to.have.lengthOf(2);
    const serial = drives[1]?.serialNumber ?? "";
    for (const name of ["1", serial, drives[1]?.name ?? "", "simulated:library/drive-1"]) {
      const inquiry = await json<{ readonly serialNumber: string }>("drive", "inquiry", "--drive", name);
      expect(inquiry.serialNumber).to.equal(serial);
    }
    refused(await installation.run("drive", "status"), 2, "2 drives", serial);
    refused(await installation.run("drive", "status", "--drive", "7"), 6, "no drive 7", serial);
    refused(await installation.run("drive", "status", "--drive", "/dev/"), 2, "names no node");
    expect(await succeed("changer", "list")).to.include("simulated:");
    expect(await succeed("changer", "status", "--changer", "simulated:library/changer")).to.include("TMK001L9");
  });

  it("needs no configuration for a device that is named by its address", async () => {
    rmSync(installation.configPath);
    const address = `simulated:${join(installation.libraryFolder, "drive-0")}`;
    const { code: ended, terminal } = await runCli(["drive", "inquiry", "--drive", address], {});
    expect(terminal.out).to.include("SIMULATED DRIVE");
    expect(ended).to.equal(0);
    const none = await runCli(["drive", "status"], {});
    expect(none.terminal.error).to.include("there is no drive on this machine");
  });

  it("status says what is there and moves nothing", async () => {
    expect(await succeed("drive", "status", "--drive", "0")).to.match(/^State +empty \(no medium\)$/m);
    expect(await succeed("drive", "status", "--drive", "0", "--format", "mt")).to.match(/ DR_OPEN IM_REP_EN\n$/);
    await succeed("changer", "load", "TMK001L9");
    const text = await succeed("drive", "status", "--drive", "0");
    expect(text)
      .to.match(/^State +ready$/m)
      .and.to.match(/^Medium +LTO-9 \(60h\)$/m);
    expect(text).to.match(/^Position +object 0, tape file 0, partition 0, at its beginning$/m);
    const verbs = [
      ["status"],
      ["position"],
      ["density"],
      ["alerts"],
      ["logs"],
      ["logs", "17"],
      ["attributes"],
      ["inquiry"],
    ];
    for (const verb of [...verbs, ["capabilities"], ["partitions"], ["encryption"], ["compression"], ["block-size"]]) {
      expect(await succeed("drive", ...verb, "--drive", "0", "--trace", "trace")).to.not.equal("");
    }
    const trace = readFileSync(join(installation.folder, "trace"), "utf8");
    const commands = new Set([...trace.matchAll(/"command":"([^"]+)"/g)].map((match) => match[1] ?? ""));
    expect([...commands]).to.include("TEST UNIT READY");
    const moving = /^(REWIND|LOCATE|SPACE|LOAD|READ\(|WRITE|ERASE|FORMAT|MODE SELECT|LOG SELECT|PREVENT)/;
    expect([...commands].filter((command) => moving.test(command))).to.deep.equal([]);
    refused(await installation.run("drive", "position", "--drive", "1"), 5, "not ready");
    refused(await installation.run("drive", "status", "--drive", "0", "--format", "xml"), 2, "xml");
  });

  it("moves the tape and says where it stands", async () => {
    await succeed("volume", "label", "TMK001L9", "--yes");
    expect(await succeed("drive", "rewind", "--drive", "0")).to.include("object 0,");
    expect(await succeed("drive", "space", "1", "--drive", "0")).to.include("object 3, tape file 1,");
    expect(await succeed("drive", "space", "2", "blocks", "--drive", "0")).to.include("object 2, tape file 0,");
    expect(await succeed("drive", "space", "1", "--back", "--drive", "0")).to.include("object 0,");
    expect(await succeed("drive", "eod", "--drive", "0")).to.include("object 3,");
    expect(await succeed("drive", "locate", "1", "--drive", "0")).to.include("object 1,");
    expect(await succeed("drive", "unload", "--drive", "0")).to.equal("unloaded\n");
    expect(await succeed("drive", "load", "--drive", "0")).to.equal("loaded\n");
    refused(await installation.run("drive", "space", "-1", "--drive", "0"), 2, "-1");
    refused(await installation.run("drive", "space", "1", "miles", "--drive", "0"), 2, "miles");
    refused(await installation.run("drive", "locate", "99", "--drive", "0"), 6, "locate of object 99");
  });

  it("settings are shown as they were set", async () => {
    await succeed("changer", "load", "TMK001L9");
    expect(await succeed("drive", "block-size", "64 KiB", "--drive", "0")).to.equal("65,536 bytes, fixed\n");
    expect(await json("drive", "block-size", "variable", "--drive", "0")).to.deep.equal({ blockBytes: 0 });
    expect(await succeed("drive", "compression", "off", "--drive", "0")).to.equal("off\n");
    expect(await succeed("drive", "compression", "on", "--drive", "0")).to.equal("on\n");
    expect(await succeed("drive", "lock", "--drive", "0")).to.equal("locked\n");
    expect(await succeed("drive", "lock", "--off", "--drive", "0")).to.equal("unlocked\n");
    for (const test of ["default", "short", "background-short"]) {
      expect(await succeed("drive", "selftest", "--test", test, "--drive", "0")).to.match(/^(passed|started)/);
    }
    refused(await installation.run("drive", "block-size", "0", "--drive", "0"), 2, "variable");
    refused(await installation.run("drive", "compression", "maybe", "--drive", "0"), 2, "maybe");
    refused(await installation.run("drive", "reserve", "--take", "0", "--drive", "0"), 2, "reservation key");
    refused(await installation.run("drive", "selftest", "--test", "none", "--drive", "0"), 2, "none");
  });

  it("a reservation is shown and taken, and given back only by who has it", async () => {
    expect(await succeed("drive", "reserve", "--drive", "0")).to.match(/^Reserved by +nobody$/m);
    expect(await succeed("drive", "reserve", "--take", "abc", "--drive", "0")).to.include("0000000000000abc");
    // Each run is another host to the simulated drive, which knows no key of that one.
    refused(await installation.run("drive", "reserve", "--release", "abc", "--drive", "0"), 6, "reservation conflict");
    refused(await installation.run("drive", "reserve", "--preempt", "abc", "--drive", "0"), 2, "--key");
    refused(await installation.run("drive", "reserve", "--take", "1", "--release", "1", "--drive", "0"), 2, "one of");
  });

  it("a key comes from a file, encrypts, and is in no trace", async () => {
    await succeed("changer", "load", "TMK001L9");
    const digits = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeefe";
    writeFileSync(join(installation.folder, "key"), `${digits}\n`, { mode: 0o600 });
    const on = await succeed(
      "drive",
      "encryption",
      "on",
      "--key-file",
      "key",
      "--drive",
      "0",
      "--trace",
      "trace.jsonl",
      "--trace-data",
    );
    expect(on).to.match(/^Writing +encrypt$/m);
    expect(await succeed("drive", "status", "--drive", "0")).to.match(/^Encryption +(encrypt|off)/m);
    expect(await succeed("drive", "encryption", "off", "--drive", "0")).to.match(/^Writing +off$/m);
    const trace = readFileSync(join(installation.folder, "trace.jsonl"), "utf8");
    expect(trace).to.include("SECURITY PROTOCOL OUT").and.not.include(digits.slice(0, 16));
    expect(await succeed("drive", "trace", "trace.jsonl")).to.match(/^ +\d+ +[\d.]+ ms +SECURITY PROTOCOL OUT +good/m);
    expect(await succeed("drive", "trace", "trace.jsonl", "--json")).to.equal(trace);
    refused(await installation.run("drive", "encryption", "on", "--drive", "0"), 2, "--key-file");
    refused(
      await installation.run("drive", "encryption", "off", "--key-file", "key", "--drive", "0"),
      2,
      "encryption on",
    );
    refused(await installation.run("drive", "trace", "nowhere"), 2, "nowhere");
    writeFileSync(join(installation.folder, "no-trace"), "hello\n");
    refused(await installation.run("drive", "trace", "no-trace"), 1, "line 1");
  });

  it("what destroys asks first, and leaves another product's tape alone", async () => {
    await succeed("changer", "load", "TMK001L9");
    const foreign = Buffer.from(`${`VOL1OTHER1${" ".repeat(14)}OTHERPRODUCT`.padEnd(79)}4`);
    await installation.withCartridge("TMK001L9", async (drive) => {
      await drive.rewind();
      await drive.write(foreign, "a foreign label");
      await drive.synchronise(1);
    });
    const before = installation.medium("TMK001L9");
    const destructive = [["erase"], ["partitions", "--single"], ["attributes", "--set", "barcode=X"]];
    for (const verb of destructive) {
      refused(await installation.run("drive", ...verb, "--drive", "0"), 2, "--yes");
      refused(
        await installation.run("drive", ...verb, "--drive", "0", "--yes"),
        5,
        "OTHERPRODUCT",
        "--overwrite-foreign",
      );
    }
    expect(installation.medium("TMK001L9").equals(before)).to.equal(true);
    expect(await succeed("drive", "erase", "--yes", "--overwrite-foreign", "--drive", "0")).to.equal("erased\n");
    expect(await succeed("drive", "eod", "--drive", "0")).to.include("object 0,");
    expect(await succeed("drive", "erase", "--long", "--yes", "--drive", "0")).to.equal("erased\n");
  });

  it("partitions and attributes are what was written", async () => {
    await succeed("changer", "load", "TMK002L9");
    const attributes = await succeed(
      "drive",
      "attributes",
      "barcode",
      "0803",
      "--set",
      "barcode=TMK002L9",
      "user-text-label=weekly",
      "--yes",
      "--drive",
      "0",
    );
    expect(attributes)
      .to.match(/^0803 +user text label +weekly$/m)
      .and.to.match(/^0806 +barcode +TMK002L9$/m);
    expect(await succeed("drive", "status", "--drive", "0")).to.match(/^Barcode +TMK002L9$/m);
    const single = await json<{ readonly partitions: { readonly additional: number } }>(
      "drive",
      "partitions",
      "--single",
      "--yes",
      "--drive",
      "0",
    );
    expect(single.partitions.additional).to.equal(0);
    refused(await installation.run("drive", "partitions", "--sizes", "1", "--drive", "0"), 2, "--single");
    refused(await installation.run("drive", "partitions", "--sizes", "1,1,1,1,1,rest", "--drive", "0"), 5, "at most");
    refused(await installation.run("drive", "attributes", "--set", "0401=X", "--drive", "0"), 2, "cannot be written");
    refused(await installation.run("drive", "attributes", "colour", "--drive", "0"), 2, "colour");
  });

  it("alerts say what to do, and are cleared only on request", async () => {
    expect(await json("drive", "alerts", "--drive", "0")).to.deep.equal({ alerts: [], actions: [] });
    expect(await succeed("drive", "alerts", "--clear", "--drive", "0")).to.equal("no TapeAlert flag is set\n");
    const { error } = await installation.run("drive", "logs", "2E", "--drive", "0");
    expect(error).to.include("cleared");
    refused(await installation.run("drive", "logs", "99", "--drive", "0"), 2, "99");
    refused(await installation.run("drive", "logs", "3F", "--drive", "0"), 5, "3F");
  });

  it("cartridges go in and out of drives", async () => {
    expect(await succeed("changer", "load", "TMK001L9")).to.equal("cartridge TMK001L9 is in drive 256 now\n");
    expect(await succeed("changer", "load", "TMK002L9", "257")).to.include("drive 257");
    refused(await installation.run("changer", "load", "TMK003L9"), 5, "no drive element is empty");
    refused(await installation.run("changer", "load", "TMK003L9", "256"), 5, "taken by cartridge TMK001L9");
    refused(await installation.run("changer", "load", "TMK003L9", "4101"), 2, "no drive");
    refused(await installation.run("changer", "load", "NOSUCHL9"), 5, "NOSUCHL9");
    refused(await installation.run("changer", "unload"), 5, "several drives");
    await succeed("changer", "unload", "TMK001L9");
    expect((await placeOf("TMK001L9")).type).to.equal("storage");
    const { moves } = await json<{ readonly moves: readonly object[] }>("changer", "unload");
    expect(moves).to.have.lengthOf(1);
    refused(await installation.run("changer", "unload"), 5, "no drive of the library is loaded");
  });

  it("cartridges are moved, exchanged, exported and imported", async () => {
    const [first, second] = [await placeOf("TMK001L9"), await placeOf("TMK002L9")];
    await succeed("changer", "exchange", "TMK001L9", "TMK002L9");
    expect((await placeOf("TMK001L9")).address).to.equal(second.address);
    expect((await placeOf("TMK002L9")).address).to.equal(first.address);
    const free = (await elements()).find(({ type, full }) => type === "storage" && !full)?.address ?? 0;
    await succeed("changer", "move", "TMK001L9", String(free));
    expect((await placeOf("TMK001L9")).address).to.equal(free);
    await succeed("changer", "export", "TMK001L9", "TMK002L9");
    expect((await placeOf("TMK002L9")).type).to.equal("importExport");
    refused(await installation.run("changer", "export", "TMK003L9"), 5, "0 empty");
    expect(await succeed("changer", "inventory")).to.match(/import\/export +TMK001L9/);
    await succeed("changer", "import", "TMK002L9");
    await succeed("changer", "import");
    expect((await placeOf("TMK001L9")).type).to.equal("storage");
    refused(await installation.run("changer", "import"), 5, "import/export");
    refused(await installation.run("changer", "export", "TMK001L9", "TMK001L9"), 2, "twice");
    refused(await installation.run("changer", "move", "TMK001L9", "TMK002L9"), 5, "taken");
  });

  it("prints what mtx prints", async () => {
    await succeed("changer", "load", "TMK002L9");
    const text = await succeed("changer", "status", "--format", "mtx");
    expect(text).to.match(/^ {2}Storage Changer simulated:.*:2 Drives, 8 Slots \( 2 Import\/Export \)\n/);
    expect(text).to.include(
      `Data Transfer Element 0:Full (Storage Element 2 Loaded):VolumeTag = ${"TMK002L9".padEnd(32)}\n`,
    );
    // The simulated changer pads with spaces, in empty elements too, and so does mtx show it.
    expect(text).to.include(`      Storage Element 2:Empty:VolumeTag=${" ".repeat(32)}\n`);
    expect(text).to.include(`      Storage Element 1:Full :VolumeTag=${"TMK001L9".padEnd(32)}\n`);
  });

  it("cleans a drive and puts the cartridge back", async () => {
    const home = (await placeOf("CLN001L1")).address;
    const text = await succeed("changer", "clean", "256");
    expect(text).to.equal(`cartridge CLN001L1 is in drive 256 now\ncartridge CLN001L1 is in slot ${home} now\n`);
    const { pages } = await json<{
      readonly pages: readonly { readonly values: readonly { readonly code: number; readonly value?: number }[] }[];
    }>("drive", "logs", "14", "--drive", "0");
    expect(pages[0]?.values.find(({ code }) => code === 1)?.value).to.be.at.least(0);
    refused(await installation.run("changer", "clean"), 5, "2 drives");
    await succeed("changer", "load", "TMK001L9");
    refused(await installation.run("changer", "clean", "256"), 5, "unload it first");
  });
});
