// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { expect } from "chai";
import { createProgram } from "../../../lib/cli/program.ts";
import { CatalogError, OperatorError } from "../../../lib/errors.ts";
import { noTime } from "../../../lib/protocol/job-time.ts";
import type {
  CatalogEntry,
  JobResult,
  JobStatus,
  JobSummary,
  LabelRequest,
  RunOptions,
} from "../../../lib/service/api.ts";
import { FakeTerminal, runCli } from "./fake-terminal.ts";
import type { Ran } from "./fake-terminal.ts";

const counts = { submitted: 9n, accepted: 8n, durable: 7n, verified: 0n };

function jobResult(status: JobStatus): JobResult {
  return {
    jobId: "1",
    status,
    objectsWritten: 2n,
    objectsSkipped: 0n,
    objectsContinued: 0n,
    objectsUnreadable: 0n,
    containersSkipped: 0n,
    filesOpened: 2n,
    bytesWritten: 1048576n,
    bytesSaved: 0n,
    counts,
    time: { ...noTime, totalMs: 1000, driveMs: 600 },
  };
}

function interruptedJob(jobId: string): JobSummary {
  return {
    jobId,
    status: "interrupted",
    startedAtMs: 0,
    sources: [Buffer.from("/a")],
    objects: 1n,
    exceptions: 0n,
    bytes: 1n,
    interruptions: 1,
  };
}

const entry: CatalogEntry = {
  path: Buffer.from("home/ada/letter.odt"),
  kind: "file",
  sizeBytes: 1234n,
  mtimeNs: 0n,
  mode: 0o644,
  uid: 1000,
  gid: 1000,
  jobId: "1",
  volumeTag: "TMK001L9",
};

async function* entries(...list: CatalogEntry[]): AsyncIterable<CatalogEntry> {
  yield* list;
}

describe("command line", () => {
  let folder: string;
  let config: readonly string[];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-cli-"));
    const path = join(folder, "tidemark.toml");
    writeFileSync(path, 'stateFolder = "state"\n[library]\nkind = "simulated"\nfolder = "library"\n');
    config = ["--config", path];
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (args: readonly string[], calls = {}, terminal = new FakeTerminal()): Promise<Ran> =>
    runCli([...args, ...config], { calls, terminal });

  describe("help", () => {
    const commands: { readonly path: readonly string[]; readonly command: Command }[] = [];
    const collect = (command: Command, path: readonly string[]): void => {
      commands.push({ path, command });
      for (const inner of command.commands) collect(inner, [...path, inner.name()]);
    };
    collect(
      createProgram(new FakeTerminal(), () => () => Promise.resolve()),
      [],
    );

    it("covers every command", () => {
      expect(commands.map(({ path }) => path.join(" "))).to.include.members([
        "",
        "backup",
        "job resume",
        "volume read",
      ]);
    });

    for (const { path } of commands) {
      it(`of "${["tidemark", ...path].join(" ")}" has an example, the exit codes and the global options`, async () => {
        const { code, terminal } = await runCli([...path, "--help"], {});
        expect(code).to.equal(0);
        expect(terminal.out).to.match(/\nExample:\n {2}tidemark /);
        expect(terminal.out).to.match(/\nExit codes:\n {4}0 {2}done\n/);
        expect(terminal.out).to.include("--json");
      });
    }

    it("every example is a command that exists", () => {
      for (const { command } of commands) {
        let help = "";
        command.configureOutput({ writeOut: (text) => (help += text) });
        command.outputHelp();
        const example = /\nExample:\n((?: {2}.*\n)+)/.exec(help)?.[1] ?? "";
        for (const line of example.trim().split("\n")) {
          const words = line.trim().split(/[ ]+/).slice(1);
          const known = commands.some(
            ({ path }) => path.length > 0 && path.every((word, index) => words[index] === word),
          );
          expect(known, line).to.equal(true);
        }
      }
    });

    it("prints the version", async () => {
      const { code, terminal } = await runCli(["--version"], {});
      expect(code).to.equal(0);
      expect(terminal.out).to.match(/^\d+\.\d+\.\d+\n$/);
    });
  });

  describe("wrong usage ends with code 2 and one sentence", () => {
    const wrong: readonly (readonly string[])[] = [
      ["nonsense"],
      ["job", "lst"],
      ["job", "show"],
      ["backup"],
      ["restore", "--job", "1"],
      ["job", "list", "--no-such-option"],
      ["volume", "label"],
      ["volume", "label", "TMK001L9", "--all"],
      ["volume", "read", "TMK001L9", "one"],
      ["catalog", "find", "x", "--limit", "0"],
      ["init", "--simulated", "--capacity", "plenty"],
      ["init", "--capacity", "1 GiB"],
    ];
    for (const args of wrong) {
      it(args.join(" "), async () => {
        const { code, terminal } = await run(args);
        expect(code).to.equal(2);
        expect(terminal.error).to.match(/^tidemark: [^\n]+\n$/);
        const json = await run([...args, "--json"]);
        expect(json.code).to.equal(2);
        expect(JSON.parse(json.terminal.error)).to.have.nested.property("error.code", "ERR_TAPE_USAGE");
        expect(json.terminal.out).to.equal("");
      });
    }

    it("a noun without a verb shows its help", async () => {
      const { code, terminal } = await runCli(["job"], {});
      expect(code).to.equal(2);
      expect(terminal.error).to.include("tidemark job");
    });

    it("no configuration", async () => {
      const terminal = new FakeTerminal();
      terminal.workingFolder = join(folder, "none");
      terminal.homeFolder = join(folder, "none");
      const { code } = await runCli(["job", "list"], { terminal });
      expect(code).to.equal(2);
      expect(terminal.error).to.include("no configuration found");
    });
  });

  describe("failures", () => {
    it("are one sentence, and the exit code is the error's", async () => {
      const listJobs = (): Promise<never> => Promise.reject(new CatalogError("the catalog is of another version"));
      const { code, terminal } = await run(["job", "list"], { listJobs });
      expect(code).to.equal(7);
      expect(terminal.error).to.equal("tidemark: the catalog is of another version\n");
    });

    it("are one JSON object with --json", async () => {
      const showJob = (): Promise<never> =>
        Promise.reject(new OperatorError("wanted: TMK001L9", { code: "ERR_TAPE_CARTRIDGE_MISSING" }));
      const { code, terminal } = await run(["job", "show", "1", "--json"], { showJob });
      expect(code).to.equal(5);
      expect(JSON.parse(terminal.error)).to.deep.equal({
        error: { code: "ERR_TAPE_CARTRIDGE_MISSING", message: "wanted: TMK001L9", exitCode: 5 },
      });
    });

    it("show their causes with --verbose", async () => {
      const listJobs = (): Promise<never> =>
        Promise.reject(new CatalogError("outer", { cause: new Error("inner reason") }));
      const { terminal } = await run(["job", "list", "--verbose"], { listJobs });
      expect(terminal.error).to.include("caused by: Error: inner reason");
    });

    it("the service is closed after a failure too", async () => {
      let closed = 0;
      const listJobs = (): Promise<never> => Promise.reject(new Error("x"));
      const { code } = await run(["job", "list"], { listJobs, close: () => Promise.resolve(void closed++) });
      expect(code).to.equal(1);
      expect(closed).to.equal(1);
    });
  });

  describe("backup", () => {
    it("makes sources absolute, shows progress and prints the result", async () => {
      let given: readonly Buffer[] = [];
      const backup = (sources: readonly Buffer[]): Promise<JobResult> => {
        given = sources;
        return Promise.resolve(jobResult("complete"));
      };
      const { code, terminal } = await run(["backup", "a/../b", "/c/"], { backup });
      expect(code).to.equal(0);
      expect(given.map(String)).to.deep.equal(["/srv/files/b", "/c"]);
      expect(terminal.out).to.include("job 1 complete\n");
    });

    it("with --json the last line is the result", async () => {
      const { terminal } = await run(["backup", "/a", "--json"], {
        backup: () => Promise.resolve(jobResult("complete")),
      });
      expect(JSON.parse(terminal.out)).to.include({ type: "result", status: "complete", bytesWritten: 1048576 });
    });

    const ends: readonly (readonly [JobStatus, number])[] = [
      ["complete", 0],
      ["failed", 1],
      ["completeWithExceptions", 3],
      ["interrupted", 4],
    ];
    for (const [status, expected] of ends) {
      it(`ends with ${expected} when the job is ${status}`, async () => {
        const { code } = await run(["backup", "/a"], { backup: () => Promise.resolve(jobResult(status)) });
        expect(code).to.equal(expected);
      });
    }

    it("the first SIGINT asks for a checkpoint and a stop: exit 4; a second one stops now: exit 130", async () => {
      const terminal = new FakeTerminal();
      const backup = (_: readonly Buffer[], { signal }: RunOptions): Promise<JobResult> => {
        expect(signal?.aborted).to.equal(false);
        terminal.interrupt();
        expect(signal?.aborted).to.equal(true);
        expect(terminal.exits).to.deep.equal([]);
        terminal.interrupt();
        return Promise.resolve(jobResult("interrupted"));
      };
      const { code } = await run(["backup", "/a"], { backup }, terminal);
      expect(code).to.equal(4);
      expect(terminal.exits).to.deep.equal([130]);
      expect(terminal.error).to.include("stopping at a good point");
      expect(terminal.out).to.include("tidemark job resume 1");
      expect(terminal.interruptHandlers.size).to.equal(0);
    });
  });

  describe("job resume", () => {
    it("without a number takes the only interrupted job", async () => {
      let resumed = "";
      const { code } = await run(["job", "resume"], {
        listJobs: () => Promise.resolve([interruptedJob("7")]),
        resumeJob: (jobId: string) => {
          resumed = jobId;
          return Promise.resolve(jobResult("complete"));
        },
      });
      expect(code).to.equal(0);
      expect(resumed).to.equal("7");
    });

    it("does not guess between two, and has nothing to do with none", async () => {
      const two = await run(["job", "resume"], {
        listJobs: () => Promise.resolve([interruptedJob("7"), interruptedJob("8")]),
      });
      expect(two.code).to.equal(2);
      expect(two.terminal.error).to.include("7, 8");
      const none = await run(["job", "resume"], { listJobs: () => Promise.resolve([]) });
      expect(none.code).to.equal(0);
    });

    it("--plan resumes nothing and prints the decision with its reasons", async () => {
      const planResume = () =>
        Promise.resolve([
          {
            jobId: "7",
            epoch: 2,
            sourceVolumes: [
              { index: 1, path: Buffer.from("/b"), status: "partial" as const, objects: 5n, exceptions: 0n },
            ],
            partialSourceVolume: { index: 1, path: Buffer.from("/b"), why: "opened and not done" },
            tapeVolumesWanted: ["TMK001L9"],
            continued: { path: Buffer.from("b/large"), fromByte: 1000n, archivedBytes: 5000n },
            containersComplete: 3n,
            containersPartial: 1n,
            objectsDurable: 44n,
            bytesSaved: 2n ** 30n,
            bytesRepeated: 32_768n,
            reasons: ["the tape ends behind the last durable mark"],
          },
        ]);
      const { code, terminal } = await run(["job", "resume", "7", "--plan"], { planResume });
      expect(code).to.equal(0);
      for (const text of [
        "/b",
        "partial",
        "TMK001L9",
        "b/large from byte 1,000 of 5,000",
        "1.0 GiB",
        "behind the last",
      ]) {
        expect(terminal.out).to.include(text);
      }
    });
  });

  describe("verbs that destroy something", () => {
    const labelled = { volumeTag: "TMK001L9", outcome: "labelled" as const };

    it("ask on a terminal", async () => {
      const terminal = new FakeTerminal();
      terminal.inputIsTerminal = true;
      const refused = await run(["volume", "label", "TMK001L9"], {}, terminal);
      expect(refused.code).to.equal(2);
      expect(terminal.questions).to.have.lengthOf(1);
      terminal.answer = "yes";
      const { code } = await run(
        ["volume", "label", "TMK001L9"],
        { labelVolumes: () => Promise.resolve([labelled]) },
        terminal,
      );
      expect(code).to.equal(0);
    });

    it("need --yes where there is nobody to ask", async () => {
      for (const args of [
        ["volume", "label", "--all"],
        ["job", "cancel", "1"],
        ["init", "--simulated", "--overwrite"],
      ]) {
        const { code, terminal } = await run(args);
        expect(code, args.join(" ")).to.equal(2);
        expect(terminal.error).to.include("--yes");
      }
    });

    it("label passes on what was asked for, and skipped cartridges need the operator", async () => {
      const requests: LabelRequest[] = [];
      const skipped = { volumeTag: "TMK002L9", outcome: "skipped" as const, reason: "foreign" };
      const labelVolumes = (request: LabelRequest) => {
        requests.push(request);
        return Promise.resolve([labelled, skipped]);
      };
      const args = [
        "volume",
        "label",
        "TMK001L9",
        "TMK002L9",
        "--yes",
        "--json",
        "--pool",
        "weekly",
        "--overwrite-foreign",
      ];
      const { code, terminal } = await run(args, { labelVolumes });
      expect(code).to.equal(5);
      expect(requests).to.deep.equal([
        { volumeTags: ["TMK001L9", "TMK002L9"], pool: "weekly", overwriteForeign: true },
      ]);
      expect(JSON.parse(terminal.out)).to.deep.equal({ volumes: [labelled, skipped] });
    });
  });

  describe("volume read", () => {
    it("refuses to write raw data to a terminal", async () => {
      const terminal = new FakeTerminal();
      terminal.outputIsTerminal = true;
      const { code } = await run(["volume", "read", "TMK001L9", "1"], {}, terminal);
      expect(code).to.equal(2);
    });

    it("hands descriptor 1 on and writes nothing of its own to it", async () => {
      let given: unknown[] = [];
      const readTapeFile = (...args: unknown[]) => {
        given = args;
        return Promise.resolve({ bytes: 1048576n, blocks: 2n });
      };
      const { code, terminal } = await run(["volume", "read", "TMK001L9", "1"], { readTapeFile });
      expect(code).to.equal(0);
      expect(given).to.deep.equal(["TMK001L9", 1, 1]);
      expect(terminal.out).to.equal("");
      expect(terminal.error).to.equal("1,048,576 bytes in 2 blocks\n");
    });
  });

  describe("catalog", () => {
    it("lists entries as text", async () => {
      const { code, terminal } = await run(["catalog", "ls", "home"], { listCatalog: () => entries(entry) });
      expect(code).to.equal(0);
      expect(terminal.out).to.match(
        /^-rw-r--r-- {2}1000:1000 +1,234 {2}1970-01-01 00:00:00Z {2}job 1 +TMK001L9 +home\/ada\/letter.odt\n$/,
      );
    });

    it("lists entries as JSON lines with a type, a result last", async () => {
      const { terminal } = await run(["catalog", "versions", "x", "--json"], { versions: () => entries(entry, entry) });
      const lines = terminal.out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines.map(({ type }) => type)).to.deep.equal(["entry", "entry", "result"]);
      expect(lines[2]).to.deep.equal({ type: "result", entries: 2 });
    });
  });

  describe("restore", () => {
    it("ends with 3 when objects were damaged, and names them", async () => {
      const restore = () =>
        Promise.resolve({
          objectsRestored: 5n,
          bytesRestored: 10n,
          bytesUnproved: 0n,
          damagedCount: 2n,
          damaged: [{ path: Buffer.from("a"), reason: "digest differs" }],
          unreadable: [{ volumeTag: "TMK001L9", firstBlock: 8n, blocks: 2n, reason: "read error" }],
        });
      const { code, terminal } = await run(["restore", "--job", "1", "--to", "out"], { restore });
      expect(code).to.equal(3);
      expect(terminal.out).to.include("into /srv/files/out").and.include("a: digest differs").and.include("and 1 more");
      expect(terminal.out).to.include("block 8 to 9 of TMK001L9: read error");
    });

    it("says what could not be compared, which is no failure", async () => {
      const result = { objectsRestored: 1n, bytesRestored: 4096n, damagedCount: 0n, damaged: [], unreadable: [] };
      for (const bytesUnproved of [0n, 2048n]) {
        const restore = () => Promise.resolve({ ...result, bytesUnproved });
        const { code, terminal } = await run(["restore", "--job", "1", "--to", "out"], { restore });
        expect(code).to.equal(0);
        expect(terminal.out.includes("2.0 KiB of it without a digest")).to.equal(bytesUnproved > 0n);
      }
    });
  });

  describe("init", () => {
    it("passes on folder and capacity", async () => {
      let given: unknown;
      const initialise = (request: unknown) => {
        given = request;
        return Promise.resolve({ configPath: "/srv/files/x/tidemark.toml", libraryFolder: "/srv/files/x/library" });
      };
      const { code, terminal } = await runCli(["init", "--simulated", "--folder", "x", "--capacity", "2 GiB"], {
        module: { initialise },
      });
      expect(code).to.equal(0);
      expect(given).to.deep.equal({
        folder: "/srv/files/x",
        simulated: true,
        overwrite: false,
        capacityBytes: 2n ** 31n,
      });
      expect(terminal.out).to.equal(
        "wrote /srv/files/x/tidemark.toml\nmade the simulated library /srv/files/x/library\n",
      );
    });
  });
});
