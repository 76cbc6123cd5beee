// SPDX-License-Identifier: Apache-2.0
/** Bad input gets one clear sentence, a documented exit code, and changes nothing. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { expect } from "chai";
import { FormatError } from "../../lib/errors.ts";
import { loadConfig } from "../../lib/service/config.ts";
import { openService } from "../../lib/service/service.ts";
import { encodeVolumeHeader, encodeVolumeLabel } from "../../lib/format/volume-label.ts";
import { needsRoot } from "../needs.ts";
import { Installation } from "./installation.ts";
import type { Ended } from "./installation.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const main = join(root, "lib", "cli", "main.ts");

/** One sentence on the error output, nothing on the standard output, and the code. */
function expectSentence({ code, out, error }: Ended, expectedCode: number, ...words: readonly string[]): void {
  expect(error).to.match(/^tidemark: [^\n]{20,}\n$/);
  for (const word of words) expect(error).to.include(word);
  expect(out).to.equal("");
  expect(code, error).to.equal(expectedCode);
}

describe("bad input", () => {
  let installation: Installation;
  beforeEach(async () => {
    installation = await new Installation().make();
  });
  afterEach(() => installation.remove());

  const noJobs = async (): Promise<void> => {
    expect(await installation.json("job", "list")).to.deep.equal({ jobs: [] });
  };

  it("unknown source path", async () => {
    await installation.succeed("volume", "label", "TMK001L9", "--yes");
    const before = installation.medium("TMK001L9");
    const source = installation.makeSource();
    const ended = await installation.run("backup", source, join(installation.folder, "nowhere"));
    expectSentence(ended, 2, join(installation.folder, "nowhere"), "does not exist");
    expectSentence(await installation.run("backup", join(source, "large")), 2, "no directory");
    expect(installation.medium("TMK001L9").equals(before)).to.equal(true);
    await noJobs();
  });

  it("unreadable configuration", async () => {
    rmSync(installation.configPath);
    expectSentence(await installation.run("job", "list"), 2, installation.configPath, "does not exist");
    mkdirSync(installation.configPath);
    expectSentence(await installation.run("job", "list"), 2, installation.configPath);
  });

  it("unknown key in the configuration", async () => {
    writeFileSync(installation.configPath, `${readFileSync(installation.configPath, "utf8")}reader = 3\n`);
    expectSentence(await installation.run("job", "list"), 2, installation.configPath, '"pipeline.reader"', '"readers"');
  });

  it("an installation that is there already", async () => {
    const before = readFileSync(installation.configPath);
    const ended = await installation.run("init", "--simulated", "--folder", installation.folder);
    expectSentence(ended, 2, installation.configPath, "--overwrite");
    expect(readFileSync(installation.configPath).equals(before)).to.equal(true);
  });

  it("no labelled cartridge", async () => {
    const before = installation.medium("TMK001L9");
    expectSentence(await installation.run("backup", installation.makeSource()), 5, "tidemark volume label");
    expect(installation.medium("TMK001L9").equals(before)).to.equal(true);
  });

  it("a cartridge that is not in the library", async () => {
    expectSentence(await installation.run("volume", "label", "NOSUCHL9", "--yes"), 5, "NOSUCHL9");
  });

  it("a cartridge with another product's VOL1 is refused, and relabelled only on request", async () => {
    const foreign = Buffer.from(`${`VOL1OTHER1${" ".repeat(14)}OTHERPRODUCT`.padEnd(79)}4`);
    await installation.withCartridge("TMK001L9", async (drive) => {
      await drive.rewind();
      await drive.write(foreign, "a foreign label");
      await drive.synchronise(1);
    });
    const before = installation.medium("TMK001L9");
    const ended = await installation.run("volume", "label", "TMK001L9", "--yes");
    expectSentence(ended, 5, "TMK001L9", "OTHERPRODUCT", "--overwrite-foreign");
    expect(installation.medium("TMK001L9").equals(before)).to.equal(true);
    expect((await installation.run("volume", "label", "TMK001L9", "--overwrite-foreign")).code).to.equal(2);
    expect(installation.medium("TMK001L9").equals(before)).to.equal(true);
    await installation.succeed("volume", "label", "TMK001L9", "--overwrite-foreign", "--yes");
    expect(installation.medium("TMK001L9").subarray(0, 10).toString()).to.equal("VOL1TMK001");
  });

  it("a cartridge of a newer format version", async () => {
    await installation.succeed("volume", "label", "TMK001L9", "--yes");
    const facts = {
      uuid: "00000000-0000-4000-8000-000000000000",
      barcode: "TMK001L9",
      pool: "default",
      createdAtMs: 0,
      recordSizeBytes: 16384,
    };
    const header = encodeVolumeHeader(facts);
    header.write('"9.0"', header.indexOf('"1.1"'));
    await installation.withCartridge("TMK001L9", async (drive) => {
      await drive.rewind();
      await drive.write(encodeVolumeLabel("TMK001L9"), "a label");
      await drive.write(header, "a volume header");
      await drive.synchronise(1);
    });
    const before = installation.medium("TMK001L9");
    expectSentence(await installation.run("backup", installation.makeSource()), 1, "TMK001L9", "9.0");
    expectSentence(await installation.run("volume", "label", "TMK001L9", "--yes"), 1, "9.0");
    expect(installation.medium("TMK001L9").equals(before)).to.equal(true);
  });

  it("a full cartridge and no other: the job is interrupted, names what it wants, and goes on with the next one", async () => {
    installation.remove();
    installation = await new Installation().make({ capacity: "4 MiB" });
    await installation.succeed("volume", "label", "TMK001L9", "--yes");
    const source = installation.makeSource("source", 6_000_000);
    const { code, error } = await installation.run("backup", source);
    expect(code, error).to.equal(5);
    expect(error).to.include("tidemark volume label");
    await installation.succeed("volume", "label", "TMK002L9", "--yes");
    expect((await installation.json<{ status: string }>("job", "resume")).status).to.equal("complete");
  });

  it("a tape file that the cartridge does not have", async () => {
    await installation.succeed("volume", "label", "TMK001L9", "--yes");
    await installation.succeed("backup", installation.makeSource());
    const service = await openService(loadConfig(installation.configPath));
    const output = openSync(join(installation.folder, "out"), "w");
    let refusal: unknown;
    await service.readTapeFile("TMK001L9", 9, output).catch((error: unknown) => (refusal = error));
    await service.close();
    closeSync(output);
    expect(refusal).to.be.instanceOf(FormatError).with.property("message", "TMK001L9 has no tape file 9");
  });

  it("no such job", async () => {
    for (const args of [
      ["job", "show", "77"],
      ["job", "resume", "77"],
      ["job", "cancel", "77", "--yes"],
      ["volume", "recipe", "77"],
      ["restore", "--job", "77", "--to", "out"],
    ]) {
      expectSentence(await installation.run(...args), 1, "77");
    }
  });

  it("a catalog of another version", async () => {
    await noJobs();
    const path = join(installation.stateFolder, "catalog.sqlite");
    const withDatabase = <T>(work: (database: Database.Database) => T): T => {
      const database = new Database(path);
      try {
        return work(database);
      } finally {
        database.close();
      }
    };
    withDatabase((database) => database.prepare("UPDATE tidemark_schema SET version = 9999").run());
    expectSentence(await installation.run("job", "list"), 7, path, "9999");
    const version = withDatabase((database) => database.prepare("SELECT version FROM tidemark_schema").pluck().get());
    expect(version).to.equal(9999);
  });

  it("a missing addon", () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [main, "--config", installation.configPath, "library", "status"],
      {
        encoding: "utf8",
        env: { ...process.env, TIDEMARK_PREBUILD: installation.folder },
      },
    );
    expectSentence({ code: status ?? -1, out: "", error: stderr }, 1, "addon", "npm run build:native");
  });

  it("a state folder that cannot be written", async () => {
    if (process.geteuid?.() === 0) writeFileSync(installation.stateFolder, "in the way");
    else {
      mkdirSync(installation.stateFolder);
      chmodSync(installation.stateFolder, 0o500);
    }
    const { code, error } = await installation.run("job", "list");
    expect(code).to.be.oneOf([1, 2, 7]);
    expect(error)
      .to.match(/^tidemark: [^\n]+\n$/)
      .and.include(installation.stateFolder);
  });

  describe("a second process", () => {
    let child: ReturnType<typeof spawn>;
    let jobId: string;

    beforeEach(async () => {
      await installation.succeed("volume", "label", "TMK001L9", "--yes");
      const source = installation.makeSource("source", 400_000_000);
      child = spawn(process.execPath, [main, "--config", installation.configPath, "--json", "backup", source], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      if (child.stdout === null) throw new Error("no output");
      for await (const line of createInterface({ input: child.stdout })) {
        const progress = JSON.parse(line) as { type: string; jobId: string; phase: string };
        if (progress.type === "notice") continue;
        expect(progress.type, line).to.equal("progress");
        jobId = progress.jobId;
        if (progress.phase === "writing") break;
      }
      child.kill("SIGSTOP");
    });

    afterEach(async () => {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    });

    it("on the same job", async () => {
      expectSentence(await installation.run("job", "resume", jobId), 1, `job ${jobId}`, String(child.pid));
      expect((await installation.run("job", "cancel", jobId, "--yes")).code).to.equal(1);
    });

    it("on the same drive and cartridge", async () => {
      expectSentence(await installation.run("volume", "label", "TMK001L9", "--yes"), 6, String(child.pid));
      expectSentence(await installation.run("volume", "read", "TMK001L9", "0"), 6, String(child.pid));
    });
  });

  describe("a full disk under the catalog", () => {
    let mounted = false;

    before(function () {
      needsRoot(this);
    });
    beforeEach(() => {
      mkdirSync(installation.stateFolder);
      const options = ["-t", "tmpfs", "-o", "size=2m", "tidemark-test", installation.stateFolder];
      mounted = spawnSync("mount", options).status === 0;
      expect(mounted).to.equal(true);
    });
    afterEach(() => {
      if (mounted) spawnSync("umount", [installation.stateFolder]);
      mounted = false;
    });

    it("refuses the job with a sentence; with room again it runs", async () => {
      await installation.succeed("volume", "label", "TMK001L9", "--yes");
      const before = installation.medium("TMK001L9");
      const source = installation.makeSource();
      expectSentence(await installation.run("backup", source), 7, "the disk that holds", installation.stateFolder);
      expect(installation.medium("TMK001L9").equals(before)).to.equal(true);
      spawnSync("mount", ["-o", "remount,size=200m", installation.stateFolder]);
      expect((await installation.json<{ status: string }>("backup", source)).status).to.equal("complete");
    });
  });
});
