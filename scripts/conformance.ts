// SPDX-License-Identifier: Apache-2.0
/**
 * The conformance suite over every transport, or over those that `--transport` names: `simulated` (simulated libraries of
 * every profile in a temporary folder), `iscsi` (a private tgt), `sg` (the same tgt behind the real kernel drivers of a User-mode
 * Linux guest, by way of /dev/sg* and once more of /dev/nst*). Ends with a table of what passed where.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { nativeBinding } from "../lib/native/binding.ts";
import type { SimulatedProfile } from "../lib/native/binding.ts";
import type { BenchDescription } from "../test/conformance/bench.ts";
import { simulatedExceptions, tgtExceptions } from "../test/conformance/exceptions.ts";
import { casesNotRun, resultTable } from "../test/conformance/results.ts";
import type { CaseResult } from "../test/conformance/results.ts";
import { guestTools, missingTool } from "../test/needs.ts";
import type { Tool } from "../test/needs.ts";
import type { TgtOptions } from "../test/peers/tgt-layout.ts";
import { TgtLibrary } from "../test/peers/tgt.ts";
import { runInGuest } from "../test/vm/guest.ts";

const root = resolve(import.meta.dirname, "..");
const transports = ["simulated", "iscsi", "sg"] as const;
type Transport = (typeof transports)[number];

/** Small, because a case writes a whole one. */
const cartridgeMiB = 16;
const foreign: TgtOptions = { drives: 2, cartridges: 3, cartridgeMiB, storageElements: 6, importExportElements: 1 };
const foreignBarcodes = ["TGT001L9", "TGT002L9", "TGT003L9"];
const mochaArgs = ["--no-config", "--timeout=60000", "--slow=10000", "test/conformance/conformance.test.ts"] as const;
const guestTimeoutMs = 300_000;

interface Run {
  readonly results: readonly CaseResult[];
  /** The suite was there and ran to its end, whatever it found. */
  readonly status: number;
}

function description(
  transport: string,
  rest: Pick<BenchDescription, "drives" | "changer" | "barcodes" | "exceptions">,
): BenchDescription {
  return { transport, cartridgeBytes: cartridgeMiB << 20, ...rest };
}

function environment(benches: readonly BenchDescription[], folder: string): Record<string, string> {
  return {
    TIDEMARK_CONFORMANCE_BENCHES: JSON.stringify(benches),
    TIDEMARK_CONFORMANCE_RESULTS: join(folder, "results.json"),
  };
}

function resultsIn(folder: string): readonly CaseResult[] {
  const path = join(folder, "results.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as CaseResult[]) : [];
}

async function runHere(benches: readonly BenchDescription[], folder: string): Promise<Run> {
  const child = spawn("mocha", mochaArgs, {
    cwd: root,
    env: { ...process.env, ...environment(benches, folder) },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [status] = (await once(child, "close")) as [number | null];
  return { results: resultsIn(folder), status: status ?? 1 };
}

function simulatedBench(profile: SimulatedProfile, folder: string): BenchDescription {
  const library = join(folder, profile);
  const barcodes = ["SIM001L9", "SIM002L9", "SIM003L9"];
  nativeBinding().createSimulatedLibrary(library, {
    drives: 2,
    storageElements: 6,
    importExportElements: 1,
    barcodes,
    capacityBytes: BigInt(cartridgeMiB) << 20n,
    earlyWarningBytes: 2n << 20n,
    bufferBytes: 1 << 20,
    profile,
  });
  const unit = (name: string): string => `simulated:${library}/${name}`;
  return description(profile === "lto-9" ? "simulated" : `simulated ${profile}`, {
    drives: [unit("drive-0"), unit("drive-1")],
    changer: unit("changer"),
    barcodes,
    exceptions: simulatedExceptions[profile],
  });
}

async function simulated(folder: string): Promise<Run> {
  const profiles = Object.keys(simulatedExceptions) as SimulatedProfile[];
  return runHere(
    profiles.map((profile) => simulatedBench(profile, folder)),
    folder,
  );
}

async function iscsi(folder: string): Promise<Run> {
  const library = await TgtLibrary.start(foreign);
  try {
    const drives = [library.driveUrl(0), library.driveUrl(1)] as const;
    const bench = description("iscsi", {
      drives,
      changer: library.changerUrl,
      barcodes: foreignBarcodes,
      exceptions: tgtExceptions,
    });
    return await runHere([bench], folder);
  } finally {
    await library.stop();
  }
}

/** Both kinds of nodes in one boot, and in one process: each costs seconds in the guest. */
async function sg(folder: string): Promise<Run> {
  const nodes = (kind: "SG" | "NST"): BenchDescription =>
    description(kind.toLowerCase(), {
      drives: [`$TIDEMARK_DRIVE_0_${kind}`, `$TIDEMARK_DRIVE_1_${kind}`],
      changer: "$TIDEMARK_CHANGER_SG",
      barcodes: foreignBarcodes,
      exceptions: tgtExceptions,
    });
  const { status, stdout, stderr, log } = await runInGuest({
    command: ["mocha", ...mochaArgs],
    environment: environment([nodes("SG"), nodes("NST")], folder),
    library: foreign,
    writableFolders: [folder],
    timeoutMs: guestTimeoutMs,
  });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  if (status === undefined) console.error(`the guest ended before the suite did\n${log}`);
  return { results: resultsIn(folder), status: status ?? 1 };
}

const runs: Readonly<Record<Transport, (folder: string) => Promise<Run>>> = { simulated, iscsi, sg };

/** Without these a transport cannot be tried. */
const tools: Readonly<Record<Transport, readonly Tool[]>> = {
  simulated: [],
  iscsi: ["tgtd", "setpriv"],
  sg: guestTools,
};

function wanted(): readonly Transport[] {
  const { values } = parseArgs({ options: { transport: { type: "string", multiple: true } } });
  const named = values.transport ?? [...transports];
  const unknown = named.find((each) => !transports.some((transport) => transport === each));
  if (unknown !== undefined) {
    console.error(`there is no transport ${unknown}: ${transports.join(", ")}`);
    process.exit(2);
  }
  return transports.filter((transport) => named.includes(transport));
}

async function conform(transport: Transport): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-conformance-"));
  try {
    return await runs[transport](folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

let failed = 0;
let skipped = 0;
const results: CaseResult[] = [];
for (const transport of wanted()) {
  const missing = missingTool(...tools[transport]);
  if (missing !== undefined) {
    console.log(`not run over ${transport}: it ${missing}`);
    if (process.env["CI"] === "true") failed++;
    else skipped++;
    continue;
  }
  const run = await conform(transport);
  results.push(...run.results);
  // A run that broke off has no result to show for it.
  if (run.status !== 0 && !run.results.some(({ outcome }) => outcome === "failed")) failed++;
}
const count = (outcome: CaseResult["outcome"]): number => results.filter((each) => each.outcome === outcome).length;
failed += count("failed") + casesNotRun(results);
skipped += count("skipped");
console.log(`\n${resultTable(results)}\n\n${count("passed")} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || count("passed") === 0 ? 1 : 0;
