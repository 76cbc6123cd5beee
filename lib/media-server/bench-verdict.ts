// SPDX-License-Identifier: Apache-2.0
/** What a measurement means, in words: does the drive stream, what limits it, and what to change. */
import { backHitchCounters } from "./drive-counters.ts";
import { mediumRate } from "./drive-bench.ts";
import type { DriveBench } from "./drive-bench.ts";
import { steadyRate } from "./sample-stream.ts";
import type { Stretch } from "./sample-stream.ts";

/** `unproved`: too little was measured, or the drive tells too little. */
export type Limit = "drive" | "transport" | "program" | "source" | "unproved";

export interface Verdict {
  /** Whether the tape runs without stopping; absent where nothing tells. */
  readonly streams?: boolean;
  readonly limit: Limit;
  readonly sentences: readonly string[];
}

/** Files that were packed and written as a backup does it. */
export interface SourceStretch {
  readonly bytes: bigint;
  readonly objects: bigint;
  readonly writingUs: number;
  readonly synchronisingUs: number;
  /** The writer had nothing to write, or waited for the drive. Absent in simulated time, in which files cost nothing. */
  readonly waitingForRingUs?: number;
  readonly waitingForDriveUs?: number;
  /** Memory between the readers and the drive, in bytes. */
  readonly ringBytes: number;
}

/** Of its fastest speed: the drive is as fast as it can be. */
const nearly = 0.95;
/** WRITEs took so much longer than their way takes: they waited for room in the drive's buffer. */
const waits = 1.25;
/** More of the time than this and it counts as what limits. */
const muchOfTheTime = 0.1;
const megabyte = 1_000_000;

export function verdict(bench: DriveBench): Verdict {
  const { stream } = bench;
  if (stream === undefined || stream.bytes === 0n) {
    return { limit: "unproved", sentences: ["Interrupted before the stream was measured: nothing is proved."] };
  }
  const limit = limitOf(bench, stream);
  const streams = isStreaming(bench, stream, limit);
  return {
    ...(streams === undefined ? {} : { streams }),
    limit,
    sentences: [
      ...limitSentences(bench, stream, limit),
      ...speedSentences(bench, stream, limit),
      hitchSentence(bench, stream),
    ],
  };
}

/** What is on the medium for each byte from the host: compression lets a drive take more than its speed. */
function nativePart({ counted: { receivedBytes, toMediumBytes } }: DriveBench): number {
  if (receivedBytes === undefined || toMediumBytes === undefined || receivedBytes === 0n || toMediumBytes === 0n)
    return 1;
  return Math.min(1, Number(toMediumBytes) / Number(receivedBytes));
}

function nativeMegabytesPerSecond(bench: DriveBench, stream: Stretch): number {
  return (steadyRate(stream) * nativePart(bench)) / megabyte;
}

function limitOf(bench: DriveBench, stream: Stretch): Limit {
  const { bufferBytes } = bench.drive;
  const native = Number(stream.bytes) * nativePart(bench);
  if (bufferBytes !== undefined && native < 2 * Number(bufferBytes)) return "unproved";
  const own = stream.writingUs - stream.inCommandsUs;
  const records = Number(stream.bytes) / stream.recordSizeBytes;
  // One that had to stop for want of data is not the limit, however long WRITEs waited until it went on.
  if ((bench.counted.suspendedWrites ?? 0n) > 0n) return own > records * stream.quickUs ? "program" : "transport";
  if (own > stream.writingUs * muchOfTheTime * 2) return "program";
  const matching = bench.drive.speedMatching;
  if (matching !== undefined && nativeMegabytesPerSecond(bench, stream) >= matching.fastestMegabytesPerSecond * nearly)
    return "drive";
  return stream.inCommandsUs > records * stream.quickUs * waits ? "drive" : "transport";
}

function isStreaming(bench: DriveBench, stream: Stretch, limit: Limit): boolean | undefined {
  const hitches = backHitches(bench);
  if (hitches !== undefined && hitches > 0n) return false;
  if (limit === "unproved") return undefined;
  // Whoever has to wait for the drive's buffer keeps it filled; and so does who is faster than its slowest speed.
  const isEnough = isFastEnough(bench, stream);
  if (limit === "drive") return isEnough === false ? undefined : true;
  return isEnough;
}

function isFastEnough(bench: DriveBench, stream: Stretch): boolean | undefined {
  const matching = bench.drive.speedMatching;
  return matching === undefined
    ? undefined
    : nativeMegabytesPerSecond(bench, stream) >= matching.slowestMegabytesPerSecond;
}

/** Counted by the drive; absent where it counts nothing of the kind. */
export function backHitches({ counted }: DriveBench): bigint | undefined {
  return backHitchCounters
    .map((name) => counted[name])
    .reduce((sum, count) => (count === undefined ? sum : (sum ?? 0n) + count), undefined);
}

function limitSentences(bench: DriveBench, stream: Stretch, limit: Limit): readonly string[] {
  switch (limit) {
    case "drive":
      if (isFastEnough(bench, stream) === false) {
        return [
          "The drive is the limit, and slower than a drive of its kind can be: WRITE commands wait for room in its buffer.",
          "Look at its write errors (tidemark drive logs 02), at TapeAlert (tidemark drive alerts), clean it, and try another cartridge.",
        ];
      }
      return [
        "The drive is the limit: WRITE commands wait for room in its buffer, so this host gives it more than it takes.",
        "Nothing on this host needs to be changed for it.",
      ];
    case "transport":
      return [
        "The way to the drive is the limit: WRITE commands take the time of their way and never wait for the drive.",
        transportAdvice(bench, stream),
      ];
    case "program":
      return [
        `This host is the limit: ${percent(stream.writingUs - stream.inCommandsUs, stream.writingUs)} of the time went by between commands, not in them.`,
        "Give it more processor time: see what else runs, and whether the machine is throttled.",
      ];
    case "source":
    case "unproved":
      return [unprovedSentence(bench)];
  }
}

function unprovedSentence({ drive: { bufferBytes } }: DriveBench): string {
  const held = bufferBytes === undefined ? "" : ` of ${Math.round(Number(bufferBytes) / megabyte)} MB`;
  return `Too little was written to tell: the drive's buffer${held} took most of it. Write more: --size, --duration.`;
}

function transportAdvice(
  { recordSizes, bestRecordSizeBytes, refusedRecordSizeBytes, drive }: DriveBench,
  stream: Stretch,
): string {
  const largest = recordSizes.at(-1);
  const isLargest = largest !== undefined && largest.recordSizeBytes === bestRecordSizeBytes && recordSizes.length > 1;
  const bound =
    refusedRecordSizeBytes === undefined && drive.largestRecordBytes >= 2 * stream.recordSizeBytes
      ? ""
      : ` Larger records are not carried: see whether the host adapter can be configured for more than ${stream.recordSizeBytes} bytes at once.`;
  if (isLargest) {
    return `The largest record was the fastest, so each command costs much.${bound} Set tape.recordSize to it before cartridges are labelled.`;
  }
  return (
    "Larger records do not help, so the link itself is full or slow: look at its speed (SAS or Fibre Channel lanes, the " +
    "network of an iSCSI target), at cables, and at what shares the host adapter."
  );
}

function speedSentences(bench: DriveBench, stream: Stretch, limit: Limit): readonly string[] {
  if (limit === "unproved") return [];
  const matching = bench.drive.speedMatching;
  const rate = nativeMegabytesPerSecond(bench, stream);
  if (matching === undefined) {
    return [
      "Neither the drive nor Tidemark's table says between which speeds this kind of drive keeps its tape running.",
    ];
  }
  const { slowestMegabytesPerSecond: slowest, fastestMegabytesPerSecond: fastest } = matching;
  const range = `drives of this kind match their speed between ${slowest} and ${fastest} MB/s (vendors' documents; no drive tells it)`;
  if (rate * nearly > fastest) {
    return [
      `${Math.round(rate)} MB/s on the tape is more than any drive of this kind writes: it is a virtual one, or it compresses and does not tell; ${range}.`,
    ];
  }
  if (rate >= fastest * nearly) return [`${Math.round(rate)} MB/s on the tape is its full speed: ${range}.`];
  if (rate >= slowest) return [`${Math.round(rate)} MB/s on the tape is enough to keep it running: ${range}.`];
  if (limit === "drive") return [`${Math.round(rate)} MB/s on the tape is less than its slowest speed: ${range}.`];
  return [
    `${Math.round(rate)} MB/s on the tape is less than its slowest speed, so it has to stop and go back again and again: ${range}.`,
  ];
}

function hitchSentence(bench: DriveBench, { longWrites, longestUs }: Stretch): string {
  const counted = backHitches(bench);
  const retries = bench.counted.writeRetries ?? 0n;
  const repeated = retries === 0n ? "" : ` It wrote ${retries} times again what it could not read back.`;
  const seen =
    longWrites === 0
      ? `no WRITE took a second (the longest ${milliseconds(longestUs)})`
      : `${longWrites} WRITE${longWrites === 1 ? "" : "s"} took a second or more (the longest ${milliseconds(longestUs)}), as when a tape goes back`;
  if (counted === undefined)
    return `Back-hitches: the drive counts none in its log pages (17h, 30h); seen from here, ${seen}.${repeated}`;
  const what =
    bench.counted.suspendedWrites === undefined
      ? "servo errors or suspended writes, page 17h"
      : "suspended writes, page 30h";
  return `Back-hitches: the drive counted ${counted} (${what}); ${seen}.${repeated}`;
}

/** Whether files come as fast as the drive wants them, judged beside what it takes of generated data. */
export function sourceVerdict(bench: DriveBench, source: SourceStretch): Verdict {
  const { stream } = bench;
  if (stream === undefined || source.writingUs === 0 || source.bytes === 0n) {
    return {
      limit: "unproved",
      sentences: ["Interrupted before files were written: nothing is proved of the source."],
    };
  }
  const drives = mediumRate(stream, bench.synchronous.behindRecordUs) / megabyte;
  const stopped = Math.max(0, source.synchronisingUs - bench.synchronous.behindRecordUs);
  const rate = Number(source.bytes) / (source.writingUs + stopped);
  const figures = `${Math.round(rate)} MB/s from the files, ${Math.round(drives)} MB/s of generated data`;
  if (source.waitingForRingUs === undefined) {
    return {
      limit: "unproved",
      sentences: [`The source: ${figures}, in simulated time, in which reading files costs nothing.`],
    };
  }
  if (Number(source.bytes) < 2 * source.ringBytes) {
    return {
      limit: "unproved",
      sentences: [
        `The source: ${figures}. The ring took most of it, which proves nothing: name a folder with more in it.`,
      ],
    };
  }
  const starved = source.waitingForRingUs / source.writingUs;
  const slowest = bench.drive.speedMatching?.slowestMegabytesPerSecond;
  const isStarved = starved > muchOfTheTime && rate < drives * nearly;
  const streams = !isStarved || (slowest !== undefined && rate >= slowest);
  return {
    streams,
    limit: isStarved ? "source" : verdict(bench).limit,
    sentences: [
      isStarved
        ? `The source is the limit: ${figures}; ${percent(source.waitingForRingUs, source.writingUs)} of the time the drive had nothing to write.`
        : `The source keeps up: ${figures}; ${percent(source.waitingForRingUs, source.writingUs)} of the time nothing was ready to be written.`,
      ...(isStarved ? [starvedAdvice(rate, slowest)] : []),
    ],
  };
}

function starvedAdvice(rate: number, slowest: number | undefined): string {
  const enough =
    slowest === undefined
      ? ""
      : rate >= slowest
        ? `That is more than the drive's slowest speed of ${slowest} MB/s: its tape keeps running. `
        : `That is less than the drive's slowest speed of ${slowest} MB/s: its tape stops again and again. `;
  return (
    `${enough}Let more readers work (pipeline.readers), give the ring more room (pipeline.ringSize), ` +
    "or put the files on a faster disk; small files on a cold cache are the slowest there is."
  );
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "0 %" : `${Math.round((100 * part) / whole)} %`;
}

function milliseconds(us: number): string {
  return us < 10_000 ? `${us} µs` : `${Math.round(us / 1000)} ms`;
}
