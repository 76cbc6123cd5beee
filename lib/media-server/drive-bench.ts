// SPDX-License-Identifier: Apache-2.0
/**
 * How fast a drive takes what this host can give it: a series of record sizes, then a stream with the best of them. The
 * cartridge is one that may be written over.
 */
import { speedMatching } from "../device/speed-matching.ts";
import type { SpeedMatching } from "../device/speed-matching.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError, IllegalRequestError, TransportError } from "../errors.ts";
import type { SampleData } from "../native/binding.ts";
import { protectionBytes } from "./block-protection.ts";
import { bufferBytes, countedBetween, readCounters } from "./drive-counters.ts";
import type { DriveCounters } from "./drive-counters.ts";
import { SampleStream } from "./sample-stream.ts";
import type { Stretch, StretchLimits } from "./sample-stream.ts";

export interface DriveBenchOptions {
  readonly data: SampleData;
  /** At most so much is written, and for at most so long. */
  readonly sizeBytes: bigint;
  readonly durationMs: number;
  /** This one, and no series. */
  readonly recordSizeBytes?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BenchProgress) => void;
}

export interface BenchProgress {
  readonly phase: "recordSizes" | "stream" | "source";
  readonly recordSizeBytes: number;
  /** Of this phase's present record size. */
  readonly bytes: bigint;
  readonly elapsedUs: number;
}

/** What is known of the drive and its way before anything is written. */
export interface BenchedDrive {
  readonly densityCode: number;
  /** By vendors' documents. */
  readonly speedMatching?: SpeedMatching;
  readonly bufferBytes?: bigint;
  /** Whether the drive compresses what is written; absent where it cannot. */
  readonly compression?: boolean;
  readonly largestRecordBytes: number;
}

export interface DriveBench {
  readonly drive: BenchedDrive;
  /** From the smallest to the largest; empty where the size was given. Ends where one was refused. */
  readonly recordSizes: readonly Stretch[];
  readonly refusedRecordSizeBytes?: number;
  readonly bestRecordSizeBytes: number;
  /** With the best record size; absent where it was interrupted before. */
  readonly stream?: Stretch;
  /** What a synchronous filemark takes. */
  readonly synchronous: {
    /** Behind a single record: what it takes to stop the tape, and to be where writing goes on. */
    readonly behindRecordUs: number;
    /** Behind the stream: until the buffer is written out, too. */
    readonly behindStreamUs?: number;
    /** With nothing to wait for. */
    readonly emptyUs: number;
  };
  /** Of the stream alone: records that are too short or too long may well have stopped the tape. */
  readonly counted: DriveCounters;
}

export interface DriveBenchEnvironment {
  readonly nowUs: () => number;
  readonly goToStart: () => Promise<void>;
}

const smallestRecordBytes = 64 * 1024;
/** The series may take two fifths of all. */
const seriesPart = 0.4;
/** One that is so much slower than the fastest is as good: that far the same drive differs from one time to the next. */
const asGood = 0.95;

export async function benchDrive(
  drive: TapeDrive,
  { nowUs, goToStart }: DriveBenchEnvironment,
  options: DriveBenchOptions,
): Promise<DriveBench> {
  const benched = await lookAt(drive);
  let phase: BenchProgress["phase"] = "recordSizes";
  const stream = new SampleStream(drive, {
    nowUs,
    goToStart,
    data: options.data,
    signal: options.signal,
    onWritten: (recordSizeBytes, bytes, elapsedUs) =>
      options.onProgress?.({ phase, recordSizeBytes, bytes, elapsedUs }),
  });
  await goToStart();
  const synchronous = await synchronousFilemark(stream);
  const series = await tryRecordSizes(stream, benched.largestRecordBytes, options);
  phase = "stream";
  const before = await readCounters(drive);
  const best =
    options.recordSizeBytes ?? bestOf(series.stretches, synchronous.behindRecordUs) ?? benched.largestRecordBytes;
  const streamed = isInterrupted(options) ? undefined : await stream.write(best, rest(options, series.stretches));
  const counted = countedBetween(before, await readCounters(drive));
  return {
    drive: benched,
    recordSizes: series.stretches,
    ...(series.refusedBytes === undefined ? {} : { refusedRecordSizeBytes: series.refusedBytes }),
    bestRecordSizeBytes: best,
    ...(streamed === undefined ? {} : { stream: streamed }),
    synchronous: {
      ...synchronous,
      ...(streamed === undefined ? {} : { behindStreamUs: streamed.synchronisingUs }),
    },
    counted,
  };
}

/**
 * Bytes a second that reach the medium: what is left in the buffer counts with the time that it takes to be written out,
 * but not with the stop behind it.
 */
export function mediumRate({ bytes, writingUs, synchronisingUs }: Stretch, stopUs: number): number {
  const us = writingUs + Math.max(0, synchronisingUs - stopUs);
  return us === 0 ? 0 : (Number(bytes) * 1_000_000) / us;
}

async function synchronousFilemark(
  stream: SampleStream,
): Promise<{ readonly behindRecordUs: number; readonly emptyUs: number }> {
  const { synchronisingUs } = await stream.write(smallestRecordBytes, { bytes: 1n, us: 1 });
  return { behindRecordUs: synchronisingUs, emptyUs: await stream.synchronise() };
}

async function lookAt(drive: TapeDrive): Promise<BenchedDrive> {
  const { density } = await drive.modeStatus();
  const matching = speedMatching(density);
  const buffer = await bufferBytes(drive);
  const compression = await drive.compression();
  const { maximumBytes } = await drive.blockLimits();
  const isProtected = (await drive.blockProtection())?.onWrite === true;
  const carried = (await drive.transferLimit()) ?? Number.MAX_SAFE_INTEGER;
  const largest = Math.min(maximumBytes, carried - (isProtected ? protectionBytes : 0), longestBlockBytes);
  return {
    densityCode: density,
    ...(matching === undefined ? {} : { speedMatching: matching }),
    ...(buffer === undefined ? {} : { bufferBytes: buffer }),
    ...(compression?.capable === true ? { compression: compression.compress } : {}),
    largestRecordBytes: largest,
  };
}

/** WRITE(6) has 24 bits for the length (SSC-5 6.8), and records are whole pages. */
const longestBlockBytes = 2 ** 24 - 4096;

function isInterrupted({ signal }: DriveBenchOptions): boolean {
  return signal?.aborted === true;
}

/** Powers of two, and the largest that there is room for. */
function recordSizes(largest: number): readonly number[] {
  const sizes: number[] = [];
  for (let size = smallestRecordBytes; size <= largest; size *= 2) sizes.push(size);
  return sizes.length === 0 ? [largest] : sizes;
}

interface Series {
  readonly stretches: readonly Stretch[];
  readonly refusedBytes?: number;
}

async function tryRecordSizes(stream: SampleStream, largest: number, options: DriveBenchOptions): Promise<Series> {
  if (options.recordSizeBytes !== undefined) return { stretches: [] };
  const sizes = recordSizes(largest);
  const part = seriesPart / sizes.length;
  const limits: StretchLimits = {
    bytes: BigInt(Math.ceil(Number(options.sizeBytes) * part)),
    us: options.durationMs * 1000 * part,
  };
  const stretches: Stretch[] = [];
  for (const size of sizes) {
    if (isInterrupted(options)) break;
    try {
      stretches.push(await stream.write(size, limits));
    } catch (error) {
      // There are ways to a drive that take less than they say (W10): the series ends in front of it.
      if (stretches.length === 0 || !isRefused(error)) throw error;
      return { stretches, refusedBytes: size };
    }
  }
  return { stretches };
}

function isRefused(error: unknown): boolean {
  return error instanceof IllegalRequestError || (error instanceof TransportError && error.outcome === "notSent");
}

/** The smallest of those that are as good as the fastest. */
function bestOf(stretches: readonly Stretch[], stopUs: number): number | undefined {
  const fastest = Math.max(...stretches.map((stretch) => mediumRate(stretch, stopUs)));
  return stretches.find((stretch) => mediumRate(stretch, stopUs) >= fastest * asGood)?.recordSizeBytes;
}

/** What the series has left of the limits, and one record at least. */
function rest(options: DriveBenchOptions, series: readonly Stretch[]): StretchLimits {
  const bytes = series.reduce((sum, stretch) => sum + stretch.bytes, 0n);
  const us = series.reduce((sum, stretch) => sum + stretch.writingUs + stretch.synchronisingUs, 0);
  const leftBytes = options.sizeBytes - bytes;
  const leftUs = options.durationMs * 1000 - us;
  if (leftBytes <= 0n && series.length === 0) throw new DeviceError("there is nothing to write");
  return { bytes: leftBytes > 0n ? leftBytes : 1n, us: Math.max(leftUs, 1) };
}
