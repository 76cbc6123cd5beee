// SPDX-License-Identifier: Apache-2.0
/** What is on the tape behind a position: the facts of a resume, read back object by object. */
import { readError } from "../device/check-result.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import { BlankCheckError, DeviceError, FormatError } from "../errors.ts";
import type { NativeResult } from "../native/binding.ts";
import { decodeSegmentHead } from "../format/segment-head.ts";
import { isMediumFault } from "../protocol/medium-fault.ts";
import type { HeadOnTape, TapeFacts, TapeObject, TapeVolumeIdentity } from "../protocol/tape.ts";
import { knowsEndOfData } from "./end-of-data.ts";

/** Blocks asked for in one command to the device's thread. */
const scanBlocks = 4096;

export interface ScanPlaces {
  readonly durablePosition: bigint;
  /** Read from here where the tape ends before the durable position. */
  readonly verifyFrom: bigint;
}

interface Read {
  readonly objects: readonly TapeObject[];
  readonly highestEpoch: number;
}

/**
 * Finds the end of data and reads from the durable position on. Where the drive cannot tell its position, or knows no
 * valid end of data, the end is where reading ends, and its number is the count of what was read.
 * The caller has synchronised the drive and proved the volume's identity.
 */
export async function scanTape(
  drive: TapeDrive,
  volume: TapeVolumeIdentity,
  { durablePosition, verifyFrom }: ScanPlaces,
  digest64: (bytes: Uint8Array) => bigint,
): Promise<TapeFacts> {
  const isCounted = drive.positionSource === "counted";
  const told = isCounted ? undefined : await toldEndOfData(drive);
  const base = { volume, ...(told === undefined && !isCounted ? { isEndLost: true as const } : {}) };
  const reached = told ?? (isCounted ? await drive.walkTo(durablePosition) : undefined);
  const isBehind = reached !== undefined && reached < durablePosition;
  const before = isBehind ? undefined : await lastBlockBefore(drive, volume, durablePosition, digest64);
  if (isBehind || (before === "unreadable" && reached === undefined)) {
    const end = reached ?? durablePosition;
    const read = end <= verifyFrom ? nothingRead : await readFrom(drive, volume, verifyFrom, told, digest64);
    const endOfData = reached ?? verifyFrom + BigInt(read.objects.length);
    return { ...base, ...read, scannedFrom: verifyFrom, endOfData };
  }
  const read = await readFrom(drive, volume, durablePosition, told, digest64);
  const endOfData = told ?? durablePosition + BigInt(read.objects.length);
  return {
    ...base,
    ...read,
    scannedFrom: durablePosition,
    endOfData,
    ...(typeof before === "object" ? { before } : {}),
  };
}

const nothingRead: Read = { objects: [], highestEpoch: 0 };

/**
 * The drive's own word is asked first: one without a valid end may search for one for hours.
 * @returns undefined where there is none: the tape was not closed, or is damaged (R4)
 */
async function toldEndOfData(drive: TapeDrive): Promise<bigint | undefined> {
  if (!(await knowsEndOfData(drive))) return undefined;
  try {
    await drive.spaceToEndOfData();
    return await drive.objectNumber();
  } catch (error) {
    if (isOfMedium(error)) return undefined;
    throw error;
  }
}

async function lastBlockBefore(
  drive: TapeDrive,
  volume: TapeVolumeIdentity,
  position: bigint,
  digest64: (bytes: Uint8Array) => bigint,
): Promise<TapeFacts["before"] | "label" | "unreadable"> {
  for (const [back, behindFilemark] of [
    [1n, false],
    [2n, true],
  ] as const) {
    if (position - back < volume.labelObjects) return "label";
    if (!(await isReached(drive, position - back))) return "unreadable";
    const object = await drive.read(volume.recordSizeBytes);
    if (object.kind === "block") return { digest: digest64(object.data), behindFilemark };
    if (object.kind === "filemark") continue;
    throwUnlessOfMedium(object, `reading object ${position - back} of ${volume.volumeTag}`);
    return "unreadable";
  }
  // Two filemarks in a row are nothing that a job leaves behind.
  return "unreadable";
}

async function isReached(drive: TapeDrive, position: bigint): Promise<boolean> {
  try {
    await drive.locate(position);
    return true;
  } catch (error) {
    // A drive that counts says so in a plain error; one that locates, in one of the medium.
    if (isOfMedium(error) || (error instanceof DeviceError && error.code === "ERR_TAPE_POSITION")) return false;
    throw error;
  }
}

/** What is read from a position on, up to the end of data where it is known. */
async function readFrom(
  drive: TapeDrive,
  volume: TapeVolumeIdentity,
  from: bigint,
  endOfData: bigint | undefined,
  digest64: (bytes: Uint8Array) => bigint,
): Promise<Read> {
  if (!(await isReached(drive, from))) return nothingRead;
  const count = endOfData === undefined ? undefined : endOfData - from;
  const read = await readObjects(drive, volume.recordSizeBytes, count, digest64);
  if (count === undefined || BigInt(read.objects.length) === count) return read;
  // Heads behind a place that cannot be read are numbered too: no later start may take one of their epochs.
  return { ...read, highestEpoch: Math.max(read.highestEpoch, await highestEpochBehind(drive, volume)) };
}

/** Up to `count` objects, or all to the end of data or to what cannot be read. */
async function readObjects(
  drive: TapeDrive,
  recordSizeBytes: number,
  count: bigint | undefined,
  digest64: (bytes: Uint8Array) => bigint,
): Promise<Read> {
  const objects: TapeObject[] = [];
  let highestEpoch = 0;
  let atStartOfFile = true;
  for (;;) {
    if (count !== undefined && BigInt(objects.length) >= count) break;
    if (atStartOfFile) {
      const first = await drive.read(recordSizeBytes);
      if (first.kind === "filemark") objects.push({ kind: "filemark" });
      else if (first.kind === "block") {
        const head = headIn(first.data);
        const block = { kind: "block", lengthBytes: first.data.length, digest: digest64(first.data) } as const;
        objects.push(head === undefined ? block : { ...block, head });
        highestEpoch = Math.max(highestEpoch, head?.epoch ?? 0);
        atStartOfFile = false;
      } else {
        throwUnlessOfMedium(first, `reading behind object ${objects.length}`);
        break;
      }
      continue;
    }
    const left = count === undefined ? scanBlocks : Number(count) - objects.length;
    const scan = await drive.digestBlocks(Math.min(scanBlocks, left), recordSizeBytes);
    for (let index = 0; index < scan.lengths.length / 4; index++) {
      objects.push({
        kind: "block",
        lengthBytes: scan.lengths.readUInt32BE(index * 4),
        digest: scan.digests.readBigUInt64BE(index * 8),
      });
    }
    if (scan.stoppedAt === "filemark") {
      objects.push({ kind: "filemark" });
      atStartOfFile = true;
    } else if (scan.stoppedAt !== "count") {
      throwUnlessOfMedium({ kind: scan.stoppedAt, result: scan.result }, `reading behind object ${objects.length}`);
      break;
    }
  }
  return { objects, highestEpoch };
}

async function highestEpochBehind(
  drive: TapeDrive,
  { recordSizeBytes, volumeTag }: TapeVolumeIdentity,
): Promise<number> {
  let highestEpoch = 0;
  for (;;) {
    try {
      await drive.spaceFilemarks(1);
    } catch (error) {
      if (isOfMedium(error)) return highestEpoch;
      throw error;
    }
    const first = await drive.read(recordSizeBytes);
    if (first.kind === "endOfData" || first.kind === "endOfMedium") return highestEpoch;
    throwUnlessOfMedium(first, `looking for heads on ${volumeTag}`);
    if (first.kind === "block") highestEpoch = Math.max(highestEpoch, headIn(first.data)?.epoch ?? 0);
  }
}

/** Where a mark lies inside a file's data, the block behind it may look like anything. */
function headIn(record: Uint8Array): HeadOnTape | undefined {
  try {
    const head = decodeSegmentHead(record);
    return head === undefined ? undefined : { jobId: head.jobId, epoch: head.epoch, segment: head.segment };
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/**
 * An attention or a lost command says nothing of the tape, nor does a block that was damaged on its way here (W11): the
 * whole look at it begins again.
 */
function throwUnlessOfMedium(
  { kind, result }: { readonly kind: string; readonly result: NativeResult },
  attempt: string,
): void {
  if (kind !== "failed" && kind !== "damaged") return;
  const error = readError(result, attempt);
  if (!isOfMedium(error)) throw error;
}

function isOfMedium(error: unknown): boolean {
  return isMediumFault(error) || error instanceof BlankCheckError;
}
