// SPDX-License-Identifier: Apache-2.0
/** `tidemark bench drive`, over simulated drives: in their own time, so that a report is the same each time. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { TapeDrive } from "../../lib/device/tape-drive.ts";
import { SimulatedLibrary } from "../../lib/device/simulator.ts";
import type { SimulatedBehaviour } from "../../lib/device/simulator.ts";
import { encodeVolumeLabel } from "../../lib/format/volume-label.ts";
import type { DriveBenchReport } from "../../lib/service/drive-bench.ts";
import { runDriveBench, takeScratch } from "../../lib/service/drive-bench.ts";
import { tapeOwner } from "../../lib/service/tape-owner.ts";
import { FakeTerminal, runCli } from "../unit/cli/fake-terminal.ts";
import { planFaults, removeFaultPlan } from "./fault-plan.ts";
import { Installation } from "./installation.ts";

const mib = 1024 * 1024;
const timed = "lto-9+timed";
const bench = ["bench", "drive", "--drive", "0", "--yes"] as const;

describe("bench drive", function () {
  this.timeout(120_000);
  let installation: Installation;
  beforeEach(() => {
    installation = new Installation();
  });
  afterEach(() => installation.remove());

  const library = (): SimulatedLibrary => SimulatedLibrary.at(installation.libraryFolder);
  const makeLibrary = (profile: SimulatedBehaviour, capacityBytes = BigInt(1024 * mib)): void => {
    SimulatedLibrary.create(installation.libraryFolder, {
      drives: 2,
      barcodes: ["TMK001L9", "TMK002L9"],
      capacityBytes,
      bufferBytes: 4 * mib,
      profile,
    });
    const config = 'stateFolder = "state"\n[library]\nkind = "simulated"\nfolder = "library"\n';
    writeFileSync(installation.configPath, config);
  };
  /** A library with a cartridge in its first drive. */
  const make = async (profile: SimulatedBehaviour, capacityBytes?: bigint): Promise<void> => {
    makeLibrary(profile, capacityBytes);
    await installation.succeed("changer", "load", "TMK001L9");
  };
  /** With a labelled cartridge in its first drive. */
  const makeLabelled = async (profile: SimulatedBehaviour): Promise<void> => {
    makeLibrary(profile);
    await installation.succeed("volume", "label", "TMK001L9", "--yes");
  };
  const report = (...args: readonly string[]): Promise<DriveBenchReport> =>
    installation.json<DriveBenchReport>(...bench, ...args);
  const drive = async <T>(work: (opened: TapeDrive) => Promise<T>): Promise<T> => {
    const opened = TapeDrive.open({ kind: "simulated", folder: installation.libraryFolder, unit: "drive-0" });
    try {
      await opened.attend();
      return await work(opened);
    } finally {
      await opened.close();
    }
  };
  const refused = async (code: number, words: string, ...args: readonly string[]): Promise<void> => {
    const before = installation.medium("TMK001L9");
    const ended = await installation.run(...bench, ...args);
    expect(ended.error)
      .to.match(/^tidemark: [^\n]{20,}\n$/)
      .and.to.include(words);
    expect(ended.code).to.equal(code);
    expect(installation.medium("TMK001L9").equals(before)).to.equal(true);
  };

  it("finds the best record size, the rate over time and the limit, the same each time", async () => {
    await make(timed);
    const first = await report("--size", "400 MiB");
    expect(first.isSimulatedTime).to.equal(true);
    expect(first.recordSizes.map(({ recordSizeBytes }) => recordSizeBytes / mib)).to.deep.equal([
      1 / 16,
      1 / 8,
      1 / 4,
      1 / 2,
      1,
      2,
      4,
      8,
    ]);
    // 150 us a command and 1200 MB/s on the way: the smallest records cannot keep the drive at its full speed.
    const [smallest] = first.recordSizes;
    expect(smallest?.quickUs).to.equal(204);
    expect(Number(smallest?.bytes) / (smallest?.writingUs ?? 0)).to.be.within(315, 325);
    expect(first.bestRecordSizeBytes).to.equal(mib / 8);
    expect(first.verdict).to.include({ limit: "drive", streams: true });
    expect(first.verdict.sentences.join(" ")).to.include("412 MB/s on the tape is its full speed");
    expect(first.drive).to.deep.include({
      speedMatching: { slowestMegabytesPerSecond: 177, fastestMegabytesPerSecond: 408 },
    });
    expect(first.counted).to.deep.include({ suspendedWrites: 0 });
    expect(first.synchronous.behindRecordUs).to.be.within(3_000_000, 3_001_000);
    expect(first.synchronous.emptyUs).to.equal(150);
    expect(first.rewindUs).to.equal(62_000_150);
    const seconds = first.stream?.intervals ?? [];
    const written = seconds.reduce((sum, { bytes }) => sum + Number(bytes), 0);
    expect(written).to.be.closeTo(Number(first.stream?.bytes), seconds.length);
    expect(await report("--size", "400 MiB")).to.deep.equal(first);
    const { state } = first.cartridge;
    expect(state).to.equal("blank");
    expect(await drive(async (opened) => (await opened.read(512)).kind)).to.equal("endOfData");
  });

  it("tells a host that starves the drive, by what the drive counts", async () => {
    await make(timed);
    const starved = await drive(async (opened) =>
      runDriveBench(
        opened,
        library().drive(0),
        await takeScratch(opened, await tapeOwner(opened), { overwrite: false }),
        {
          data: "incompressible",
          sizeBytes: BigInt(256 * mib),
          durationMs: 600_000,
          recordSizeBytes: mib / 2,
          // 16 MiB come in a fifth of a second: 75 MB/s, to a drive that needs 177.
          onProgress: () => library().passTime(200_000n),
        },
      ),
    );
    expect(starved.verdict).to.include({ streams: false, limit: "program" });
    expect(starved.counted.suspendedWrites).to.satisfy((count: bigint) => count > 3n);
    const words = starved.verdict.sentences.join(" ");
    expect(words).to.include("it has to stop and go back again and again");
    expect(words).to.match(/the drive counted [1-9]\d* \(suspended writes, page 30h\)/);
  });

  it("counts compression for the drive, and writes for as long as asked", async () => {
    await make("lto-9+timed+compression");
    const packed = await report("--size", "64 MiB", "--record-size", "1 MiB", "--compressible");
    const { receivedBytes = 0n, toMediumBytes = 0n } = packed.counted;
    expect(Number(receivedBytes) / Number(toMediumBytes)).to.be.within(1.6, 2.4);
    const short = await report("--duration", "100 ms", "--record-size", "1 MiB");
    expect(short.stream).to.include({ ended: "time" });
    expect(short.stream?.writingUs).to.be.within(100_000, 200_000);
    expect((await report("--size", "4 MiB", "--record-size", "1 MiB")).verdict.limit).to.equal("unproved");
  });

  it("goes back to where it began when the tape ends, and ends there when it is to write more than fits", async () => {
    await make(timed, BigInt(64 * mib));
    const full = await report("--size", "400 MiB");
    expect(full.recordSizes.map(({ ended }) => ended)).to.include("endOfTape");
    expect(full.stream).to.include({ ended: "endOfTape" });
    expect(full.cartridge.state).to.equal("blank");
  });

  it("leaves an empty tape volume as the volume that it was, and jobs write on it", async () => {
    await makeLabelled(timed);
    const before = installation.medium("TMK001L9");
    const { cartridge } = await report("--size", "100 MiB", "--record-size", "512 KiB");
    expect(cartridge).to.deep.equal({ state: "labelled", description: "the empty tape volume that it was" });
    expect(installation.medium("TMK001L9").equals(before)).to.equal(true);
    await installation.succeed("changer", "unload", "TMK001L9");
    await installation.succeed("backup", installation.makeSource());
  });

  it("a tape volume survives a power cut in the middle of it", async () => {
    await makeLabelled(timed);
    planFaults(installation.libraryFolder, [
      { when: { operation: "WRITE(6)", count: 100 }, effect: { powerCut: { survivors: 3 } } },
    ]);
    const cut = await installation.run(...bench, "--size", "200 MiB");
    expect(cut.code).to.equal(6);
    expect(cut.error).to.include("measured data may be left on it").and.to.include("tidemark drive erase");
    removeFaultPlan(installation.libraryFolder);
    library().restorePower();
    await installation.succeed("changer", "unload", "TMK001L9");
    await installation.succeed("backup", installation.makeSource());
  });

  it("W5: puts the cartridge back where it cannot be written any further", async () => {
    await make(timed);
    planFaults(installation.libraryFolder, [
      { when: { volume: "TMK001L9", object: 300 }, effect: { sense: { key: 3, asc: 12, ascq: 0 } } },
    ]);
    const failed = await installation.run(...bench, "--size", "200 MiB");
    expect(failed.code).to.equal(6);
    expect(failed.error).to.include("3/0C/00").and.to.include("The cartridge: blank");
    removeFaultPlan(installation.libraryFolder);
    expect(await drive(async (opened) => (await opened.read(512)).kind)).to.equal("endOfData");
  });

  it("U1: a cartridge that is there all at once is not touched, in the middle of it nor when it is to be put back", async () => {
    await make("lto-9");
    for (const operation of ["WRITE(6)", "ERASE(6)"]) {
      const before = installation.medium("TMK002L9");
      planFaults(installation.libraryFolder, [
        { when: { operation, count: operation === "ERASE(6)" ? 1 : 20 }, effect: { swap: "TMK002L9" } },
      ]);
      const swapped = await installation.run(...bench, "--size", "8 MiB", "--overwrite");
      expect(swapped.code, swapped.error).to.equal(6);
      expect(swapped.error).to.include("6/28/00").and.to.include("measured data may be left");
      expect(installation.medium("TMK002L9").equals(before), operation).to.equal(true);
      removeFaultPlan(installation.libraryFolder);
      await installation.succeed("changer", "unload", "TMK002L9");
      await installation.succeed("changer", "load", "TMK001L9");
    }
  });

  it("leaves data alone: a volume's, another product's, and what has no label", async () => {
    await makeLabelled("lto-9");
    await installation.succeed("backup", installation.makeSource());
    await refused(5, "a tape volume with data");
    await refused(5, "a tape volume with data", "--overwrite");
    const label = (what: string): Promise<void> =>
      drive(async (opened) => {
        await opened.setVariableBlocks();
        await opened.rewind();
        await opened.write(Buffer.from(what.padEnd(80)), "a test");
        await opened.synchronise(1);
      });
    await label("VOL1ABC123");
    await refused(5, "--overwrite --yes");
    await label("no label");
    await refused(5, "data without a label");
    const over = await report("--overwrite", "--size", "1 MiB");
    expect(over.cartridge.state).to.equal("blank");
  });

  it("leaves cartridges alone that can be written once, or not at all, and those with a newer label", async () => {
    makeLibrary("lto-9");
    const path = join(installation.libraryFolder, "media", "TMK001L9.attributes");
    const attributes = readFileSync(path, "utf8");
    await installation.succeed("changer", "load", "TMK001L9");
    writeFileSync(path, attributes.replace("worm no", "worm yes"));
    await refused(5, "can be written only once");
    writeFileSync(path, attributes.replace("write-protected no", "write-protected yes"));
    await refused(5, "write protected");
    await refused(5, "write protected", "--overwrite");
    writeFileSync(path, attributes);
    await drive(async (opened) => {
      await opened.setVariableBlocks();
      await opened.write(encodeVolumeLabel("TMK001L9"), "a label");
      await opened.write(Buffer.from('{"format":99}'.padEnd(512)), "a volume header of another version");
      await opened.synchronise(1);
    });
    await refused(5, "that this version cannot read");
  });

  it("asks nobody where nobody is, and takes no for an answer", async () => {
    await make("lto-9");
    const unasked = await installation.run("bench", "drive", "--drive", "0");
    expect(unasked).to.include({ code: 2, out: "" });
    expect(unasked.error).to.include("--yes");
    const terminal = new FakeTerminal();
    terminal.inputIsTerminal = true;
    const { code } = await runCli(["--config", installation.configPath, "bench", "drive", "--drive", "0"], {
      terminal,
    });
    expect(terminal.questions.join())
      .to.include("writes up to 64.0 GiB over the tape")
      .and.to.include("a blank cartridge");
    expect(code).to.equal(2);
    for (const wrong of [
      ["--size", "lots"],
      ["--duration", "x"],
      ["--record-size", "1000"],
      ["--ring-size", "1"],
    ]) {
      expect(await installation.run(...bench, ...wrong)).to.include({ code: 2 });
    }
  });

  it("an interrupt ends it with what was measured, and with the cartridge as it was", async () => {
    await make(timed);
    const terminal = new FakeTerminal();
    terminal.errorIsTerminal = true;
    terminal.nowMs = () => (terminal.now += 1000);
    const write = terminal.writeError.bind(terminal);
    terminal.writeError = (text) => {
      write(text);
      if (text.includes("streaming records")) terminal.interrupt();
    };
    const args = ["--config", installation.configPath, ...bench, "--size", "200 MiB", "--record-size", "512 KiB"];
    const { code } = await runCli(args, { terminal });
    expect(code).to.equal(130);
    expect(terminal.out).to.include("a checkpoint every 120 s costs 2.5 % of the time");
    expect(terminal.out).to.include("interrupted: ").and.to.include("Cartridge    blank: erased at its beginning");
    expect(terminal.exits).to.deep.equal([]);
    expect(await drive(async (opened) => (await opened.read(512)).kind)).to.equal("endOfData");
  });

  it("feeds the drive from files, through the packer", async () => {
    await make(timed);
    const source = installation.makeSource("source", 80 * mib);
    const fed = await report(
      "--size",
      "200 MiB",
      "--record-size",
      "512 KiB",
      "--source",
      source,
      "--ring-size",
      "32 MiB",
    );
    expect(fed.source).to.include({ ended: "sourceDone" });
    expect(Number(fed.source?.bytes)).to.be.within(80 * mib, 82 * mib);
    expect(fed.source?.verdict.sentences.join()).to.include("simulated time");
    expect(fed.cartridge.state).to.equal("blank");
    const missing = await installation.run(...bench, "--size", "1 MiB", "--source", `${source}/nowhere`);
    expect(missing).to.include({ code: 2 });
    expect(missing.error).to.include("nowhere does not exist");
  });

  it("says what a drive does not tell, and cuts the tape off where it knows no ERASE", async () => {
    await make("tgt");
    const poor = await report("--size", "1 MiB", "--record-size", "64 KiB");
    expect(poor.drive).to.not.have.any.keys("bufferBytes");
    expect(poor.counted).to.deep.equal({});
    expect(poor.cartridge.state).to.equal("filemark");
    expect(poor.verdict.sentences.join()).to.include("the drive counts none in its log pages");
    await installation.succeed("volume", "label", "TMK002L9", "--yes");
    const before = installation.medium("TMK002L9");
    await installation.succeed("changer", "unload", "TMK001L9");
    await installation.succeed("changer", "load", "TMK002L9");
    expect((await report("--size", "1 MiB", "--record-size", "64 KiB")).cartridge.state).to.equal("labelled");
    expect(installation.medium("TMK002L9").equals(before)).to.equal(true);
  });
});
