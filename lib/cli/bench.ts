// SPDX-License-Identifier: Apache-2.0
/** `tidemark bench`: measures, with devices that are there. */
import type { Command } from "commander";
import type { DriveBenchReport, DriveBenchRequest } from "../service/drive-bench.ts";
import { parseByteSize, parseDurationMs } from "../service/quantity.ts";
import { BenchProgressLine } from "./bench-progress.ts";
import { benchText } from "./bench-text.ts";
import { allowDestruction } from "./destructive.ts";
import { withDriveOptions, withReadyDrive } from "./device-work.ts";
import type { DriveOptions } from "./device-work.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { numberBetween } from "./number-option.ts";
import { absolutePath } from "./paths.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { sizeText } from "./text.ts";
import { UsageError } from "./usage-error.ts";

const benchCodes = [
  exitCodes.done,
  exitCodes.failed,
  exitCodes.usage,
  exitCodes.needsOperator,
  exitCodes.device,
  exitCodes.signal,
];

export function addBenchCommands(program: Command, run: Runner): void {
  const bench = program.command("bench").description("Measure what this host and its devices can do.");
  document(bench, ["tidemark bench drive --drive 0 --yes"], [exitCodes.done, exitCodes.usage]);
  const drive = withDriveOptions(bench.command("drive"))
    .description(
      "Measure whether this host can keep a drive streaming. Writes over the cartridge that is in the drive, which must " +
        "be blank or an empty tape volume, and is that again afterwards.",
    )
    .option("--size <size>", "write at most so much, of generated data and again of the source", "64 GiB")
    .option("--duration <time>", "write for at most so long, of each", "3 min")
    .option("--record-size <size>", "measure this record size (default: a series, and then the best of it)")
    .option("--compressible", "data that the drive can compress to about a half (default: that it cannot compress)")
    .option("--source <folder>", "then feed the drive from the files of this folder, as a backup does")
    .option("--readers <n>", "with --source: threads that read files, 1 to 64", "2")
    .option("--ring-size <size>", "with --source: memory between the readers and the drive", "256 MiB")
    .option(
      "--overwrite",
      "also where the tape carries data without a label, another product's or a newer label, or can be written once",
    )
    .option("--yes", "do not ask")
    .action(run(benchTheDrive));
  document(
    drive,
    [
      "tidemark changer load TMK008L9",
      "tidemark bench drive --drive 0 --yes",
      "tidemark bench drive --drive /dev/sg3 --source /home --duration '10 min' --json --yes",
    ],
    benchCodes,
  );
}

interface BenchOptions extends DriveOptions {
  readonly size: string;
  readonly duration: string;
  readonly recordSize?: string;
  readonly compressible?: boolean;
  readonly source?: string;
  readonly readers: string;
  readonly ringSize: string;
  readonly overwrite?: boolean;
  readonly yes?: boolean;
}

async function benchTheDrive(session: Session, options: BenchOptions): Promise<ExitCode> {
  const request = requestOf(session, options);
  const report = await withReadyDrive(session, options, async (drive, named) => {
    // Late, as the service brings all roles with it.
    const { runDriveBench, takeScratch } = await import("../service/drive-bench.ts");
    let scratch: Awaited<ReturnType<typeof takeScratch>> | undefined;
    await allowDestruction(
      session,
      drive,
      named,
      { yes: options.yes === true, overwriteForeign: options.overwrite === true },
      `writes up to ${sizeText(request.sizeBytes)} over the tape`,
      {
        overwriteOption: "--overwrite",
        inspect: async (owner) => {
          scratch = await takeScratch(drive, owner, { source: request.source, overwrite: options.overwrite === true });
        },
      },
    );
    if (scratch === undefined) throw new UsageError("nobody has looked at the cartridge");
    const given = scratch;
    return interruptibly(session, (running) => runDriveBench(drive, named.address, given, { ...request, ...running }));
  });
  session.print({ ...report }, () => benchText(report));
  return report.interrupted ? exitCodes.signal : exitCodes.done;
}

/** The first interrupt ends the measurement, and the cartridge is put back into its state; the second one ends at once. */
async function interruptibly(
  session: Session,
  work: (running: Pick<DriveBenchRequest, "signal" | "onProgress">) => Promise<DriveBenchReport>,
): Promise<DriveBenchReport> {
  const { terminal } = session;
  const abort = new AbortController();
  const line = new BenchProgressLine(session);
  const stopListening = terminal.onInterrupt(() => {
    if (abort.signal.aborted) {
      terminal.exitNow(exitCodes.signal);
      return;
    }
    line.end();
    session.remark(
      "stopping, and putting the cartridge back into its state; interrupt once more to leave it with measured data on it",
    );
    abort.abort();
  });
  try {
    return await work({ signal: abort.signal, onProgress: (progress) => line.show(progress) });
  } finally {
    stopListening();
    line.end();
  }
}

const leastBytes = 1n;
const recordStep = 4096n;
const smallestRecord = 16n * 1024n;
const largestRecord = 16n * 1024n * 1024n - recordStep;

function requestOf(session: Session, options: BenchOptions): DriveBenchRequest {
  const sizeBytes = sizeOption(options.size, "--size");
  const durationMs = parseDurationMs(options.duration);
  if (durationMs === undefined || durationMs < 1) {
    throw new UsageError(`--duration takes a time such as "90 s" or "5 min", not "${options.duration}"`);
  }
  const { recordSize, source } = options;
  const ringBytes = ringOption(options.ringSize);
  const readers = numberBetween(options.readers, 1, 64, "--readers") ?? 2;
  return {
    data: options.compressible === true ? "compressible" : "incompressible",
    sizeBytes,
    durationMs,
    ...(recordSize === undefined ? {} : { recordSizeBytes: recordOption(recordSize) }),
    ...(source === undefined
      ? {}
      : {
          source: { path: absolutePath(source, session.terminal), readers, ringBytes },
        }),
  };
}

function sizeOption(text: string, option: string): bigint {
  const bytes = parseByteSize(text);
  if (bytes !== undefined && bytes >= leastBytes) return bytes;
  throw new UsageError(`${option} takes a size such as "8 GiB", not "${text}"`);
}

function recordOption(text: string): number {
  const bytes = sizeOption(text, "--record-size");
  if (bytes % recordStep === 0n && bytes >= smallestRecord && bytes <= largestRecord) return Number(bytes);
  throw new UsageError(`--record-size takes multiples of 4 KiB from 16 KiB to 16380 KiB, not "${text}"`);
}

const smallestRing = 32n * 1024n * 1024n;
const largestRing = 16n * 1024n ** 3n;

function ringOption(text: string): number {
  const bytes = sizeOption(text, "--ring-size");
  if (bytes >= smallestRing && bytes <= largestRing) return Number(bytes);
  throw new UsageError(`--ring-size takes 32 MiB to 16 GiB, not "${text}"`);
}
