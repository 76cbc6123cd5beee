// SPDX-License-Identifier: Apache-2.0
/**
 * The product shown on itself: a tree of more than 20,000 files and 1 GiB goes to a simulated tape, the process is
 * killed in the middle of a file of 512 MiB, the job is resumed at the byte, and what was written is read back twice:
 * by the product, and by GNU tar alone with the printed recipe. Ends with 0 only if both are the same as the source.
 *
 *     scripts/demo [--folder FOLDER] [--keep]
 */
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compareTrees } from "./compare-trees.ts";
import { makeLargeFile, makeSmallFiles, makeSpecialObjects } from "./make-tree.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const main = join(root, "dist", "cli", "main.js");
const MIB = 2 ** 20;
const smallFiles = 20_000;
const largeFileBytes = 512 * MIB;
const ringBytes = 64 * MIB;
const checkpointBytes = 128 * MIB;
const otherFileBytes = 128 * MIB;
const neededBytes = 5 * 1024 * MIB;
const tmpfsMagic = 0x01021994;

const { values: options } = parseArgs({
  options: {
    folder: { type: "string" },
    keep: { type: "boolean" },
    // Seconds since 1970, from the script that also installed and built.
    started: { type: "string" },
  },
});
const startedMs = options.started === undefined ? Date.now() : Number(options.started) * 1000;

/** A headline with the time since the beginning. */
function say(text: string): void {
  console.log(`\n== ${((Date.now() - startedMs) / 1000).toFixed(0)} s: ${text}`);
}

function give(text: string): void {
  console.log(text.trimEnd().replaceAll(/^/gm, "   "));
}

class Demonstration {
  readonly folder: string;
  readonly source: string;
  readonly config: string;

  constructor(parent: string) {
    this.folder = mkdtempSync(join(parent, "tidemark-demo-"));
    this.source = join(this.folder, "source");
    this.config = join(this.folder, "tidemark.toml");
  }

  /** Runs the product and gives its standard output; a code that was not expected ends the demonstration. */
  run(...args: readonly string[]): string {
    const given = args[0] === "init" ? args : ["--config", this.config, ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...given], {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
      cwd: this.folder,
    });
    if (status !== 0) throw new Error(`tidemark ${args.join(" ")} ended with ${String(status)}:\n${stdout}${stderr}`);
    return stdout;
  }

  show(...args: readonly string[]): void {
    console.log(`\n   $ tidemark ${args.join(" ")}`);
    give(this.run(...args));
  }

  json<T>(...args: readonly string[]): T {
    const lines = this.run(...args, "--json")
      .trim()
      .split("\n");
    return JSON.parse(lines.at(-1) ?? "") as T;
  }

  prepareLibrary(): void {
    this.show("init", "--simulated", "--folder", this.folder);
    // Small, so that the demonstration shows a durable mark and data behind it; the defaults are for real tapes.
    const small = `\n[checkpoint]\nsize = ${checkpointBytes}\n\n[pipeline]\nringSize = ${ringBytes}\n`;
    writeFileSync(
      this.config,
      `${readFileSync(this.config, "utf8").replaceAll(/^\[(checkpoint|pipeline)\]$/gm, "")}${small}`,
    );
    this.show("volume", "label", "--all", "--yes");
    this.show("library", "status");
  }

  makeSource(): void {
    mkdirSync(join(this.source, "large"), { recursive: true });
    makeSmallFiles(join(this.source, "small"), smallFiles);
    makeSpecialObjects(join(this.source, "special"));
    makeLargeFile(join(this.source, "large", "disk-image"), largeFileBytes);
    mkdirSync(join(this.source, "more"));
    for (const [index, name] of ["a", "b", "c"].entries()) {
      makeLargeFile(join(this.source, "more", name), otherFileBytes, 10 + index);
    }
  }

  /** The recipe calls `tidemark volume read`, so the name must lead to this build. */
  makeCommand(): string {
    const bin = join(this.folder, "bin");
    mkdirSync(bin);
    const command = join(bin, "tidemark");
    writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
    chmodSync(command, 0o755);
    return bin;
  }
}

/** Bytes that the source takes in the stream: contents in whole tar blocks, and about 1.5 KiB of headers each. */
function streamBytes(folder: string): number {
  const headerBytes = 1536;
  return readdirSync(folder, { withFileTypes: true, encoding: "buffer" }).reduce((sum, entry) => {
    const path = Buffer.concat([Buffer.from(folder), Buffer.from("/"), entry.name]);
    if (entry.isDirectory()) return sum + headerBytes + streamBytes(path.toString());
    const { size, blocks } = lstatSync(path);
    return sum + headerBytes + (entry.isFile() ? Math.min(Math.ceil(size / 512), blocks) * 512 : 0);
  }, 0);
}

/** Bytes of all simulated cartridges. */
function imageBytes(demo: Demonstration): number {
  const media = join(demo.folder, "library", "media");
  const images = readdirSync(media).filter((name) => name.endsWith(".tape"));
  return images.reduce((sum, name) => sum + statSync(join(media, name)).size, 0);
}

/**
 * Backs up and kills the process when the tape stands in the middle of the large file. That is walked last; at most
 * one other file of its neighbour folder comes behind it. So it covers the place a little more than the half of it
 * before the end, and the size of the tape image says when the tape is there.
 */
async function backUpAndKill(demo: Demonstration): Promise<number> {
  const killAt = imageBytes(demo) + streamBytes(demo.source) - largeFileBytes / 2 - 40 * MIB;
  const child = spawn(process.execPath, [main, "--config", demo.config, "--json", "backup", demo.source], {
    stdio: "ignore",
  });
  const ended = new Promise<NodeJS.Signals | null>((done) => child.once("exit", (_code, signal) => done(signal)));
  while (child.exitCode === null && child.signalCode === null) {
    if (imageBytes(demo) >= killAt) child.kill("SIGKILL");
    await new Promise((next) => setImmediate(next));
  }
  if ((await ended) !== "SIGKILL") throw new Error("the backup ended before it could be killed in the large file");
  return imageBytes(demo);
}

interface Counts {
  readonly submitted: number;
  readonly accepted: number;
  readonly durable: number;
  readonly verified: number;
}

interface JobDetails {
  readonly status: string;
  readonly objects: number;
}

interface JobResult {
  readonly status: string;
  readonly objectsWritten: number;
  readonly objectsSkipped: number;
  readonly objectsContinued: number;
  readonly bytesWritten: number;
  readonly bytesSaved: number;
}

interface ResumePlan {
  readonly continued?: { readonly path: string; readonly fromByte: number; readonly archivedBytes: number };
  readonly tape?: { readonly adoptedBlocks: number; readonly discardedBlocks: number; readonly counts: Counts };
}

function resume(demo: Demonstration, jobId: string): { readonly plan: ResumePlan; readonly result: JobResult } {
  demo.show("job", "resume", jobId, "--plan");
  const plan = demo.json<ResumePlan>("job", "resume", jobId, "--plan");
  say("resuming");
  const result = demo.json<JobResult>("job", "resume", jobId);
  if (result.status !== "complete") throw new Error(`the resumed job is ${result.status}`);
  if (result.objectsContinued !== 1) throw new Error("the large file was not continued");
  demo.show("job", "show", jobId);
  return { plan, result };
}

function restoreByProduct(demo: Demonstration, jobId: string): string {
  const target = join(demo.folder, "restored");
  demo.show("restore", "--job", jobId, "--to", target);
  return target;
}

function restoreByTar(demo: Demonstration, jobId: string): string {
  const target = join(demo.folder, "restored-by-tar");
  const recipe = demo.run("volume", "recipe", jobId, "--folder", target);
  console.log(`\n   $ tidemark volume recipe ${jobId}`);
  give(recipe);
  const script = join(demo.folder, "recipe.sh");
  writeFileSync(script, recipe);
  const path = `${demo.makeCommand()}:${process.env["PATH"] ?? ""}`;
  const { status, stderr } = spawnSync("sh", ["-e", script], {
    cwd: demo.folder,
    encoding: "utf8",
    env: { ...process.env, PATH: path },
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`the recipe ended with ${String(status)}:\n${stderr}`);
  return target;
}

function compare(demo: Demonstration, target: string): string {
  const { objects, bytes, differences } = compareTrees(
    Buffer.from(demo.source),
    Buffer.from(join(target, demo.source)),
  );
  if (differences.length > 0) throw new Error(`${target} differs from the source:\n${differences.join("\n")}`);
  rmSync(target, { recursive: true });
  return `identical: ${count(objects)} objects, ${count(bytes)} bytes`;
}

function count(value: number | bigint | undefined): string {
  return value === undefined ? "-" : value.toString().replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

function printTable(rows: readonly (readonly [string, string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) console.log(`   ${name.padEnd(width)}  ${value}`);
}

/** A new library's first job. */
const jobId = "1";

async function demonstrate(demo: Demonstration): Promise<void> {
  say(`making a tree of more than ${count(smallFiles)} files and 1 GiB in ${demo.source}`);
  demo.makeSource();
  say("making a simulated library and labelling its cartridges");
  demo.prepareLibrary();
  say("backing up, to be killed in the middle of the file of 512 MiB");
  const killed = await backUpAndKill(demo);
  give(`killed with SIGKILL: ${count(killed)} bytes are on the cartridges`);
  say("what the tape and the temporary catalog say");
  demo.show("job", "show", jobId);
  say("what a resume would do");
  const { plan, result } = resume(demo, jobId);
  say("restoring with the product");
  const byProduct = compare(demo, restoreByProduct(demo, jobId));
  say("restoring with GNU tar by the printed recipe");
  const byTar = compare(demo, restoreByTar(demo, jobId));
  say("result");
  printTable([
    ["objects in the source", count(demo.json<JobDetails>("job", "show", jobId).objects)],
    ["at the interruption: bytes submitted", count(plan.tape?.counts.submitted)],
    ["                     bytes accepted and still on tape", count(plan.tape?.counts.accepted)],
    ["                     bytes durable", count(plan.tape?.counts.durable)],
    ["                     bytes verified", count(plan.tape?.counts.verified)],
    ["at the resume: blocks adopted", count(plan.tape?.adoptedBlocks)],
    ["               blocks discarded", count(plan.tape?.discardedBlocks)],
    ["               large file continued at byte", count(plan.continued?.fromByte)],
    ["objects skipped", count(result.objectsSkipped)],
    ["objects continued", count(result.objectsContinued)],
    ["objects written by the resume", count(result.objectsWritten)],
    ["bytes written by the resume", count(result.bytesWritten)],
    ["bytes saved", count(result.bytesSaved)],
    ["restored by the product", byProduct],
    ["restored by GNU tar", byTar],
    [
      options.started === undefined ? "time" : "time, installation and build included",
      `${((Date.now() - startedMs) / 1000).toFixed(0)} s`,
    ],
  ]);
}

/** The demonstration is about a disk and a tape: on a memory file system it would prove little and fill memory. */
function checkPlace(folder: string): void {
  const { type, bavail, bsize } = statfsSync(folder);
  if (type === tmpfsMagic) throw new Error(`${folder} is a memory file system: name another place with --folder`);
  if (bavail * bsize < neededBytes)
    throw new Error(`${folder} has less than 5 GiB free: name another place with --folder`);
}

const parent = resolve(options.folder ?? tmpdir());
try {
  checkPlace(parent);
  const demo = new Demonstration(parent);
  try {
    await demonstrate(demo);
  } finally {
    if (options.keep === true) console.log(`\nkept: ${demo.folder}`);
    else rmSync(demo.folder, { recursive: true, force: true });
  }
} catch (error) {
  console.error(`demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
