// SPDX-License-Identifier: Apache-2.0
/** What is on the tape behind a position: the facts of a resume, read back object by object. */
import { resultError } from "../device/check-result.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import { BlankCheckError, MediumError } from "../errors.ts";
import { decodeSegmentHead } from "../format/segment-head.ts";
import type { TapeFacts, TapeObject, TapeVolumeIdentity } from "../protocol/tape.ts";

/** Blocks asked for in one command to the device's thread. */
const scanBlocks = 4096;

/**
 * Finds the end of data and reads from `durablePosition` on. Where the drive cannot tell its position, the end is where
 * reading ends, and its number is the count of what was read.
 * The caller has synchronised the drive and proved the volume's identity.
 */
export async function scanTape(
  drive: TapeDrive,
  volume: TapeVolumeIdentity,
  durablePosition: bigint,
  digest64: (bytes: Uint8Array) => bigint,
): Promise<TapeFacts> {
  const isCounted = drive.positionSource === "counted";
  const told = isCounted ? undefined : await toldEndOfData(drive);
  const reached = told ?? (isCounted ? await drive.walkTo(durablePosition) : durablePosition);
  const base = {
    volume,
    scannedFrom: durablePosition,
    // Nothing is written behind a place that cannot be read (R4): what is good there stays readable.
    ...(told === undefined && !isCounted
      ? { notWritable: `the end of the data on ${volume.volumeTag} cannot be found` }
      : {}),
  };
  if (reached < durablePosition) return { ...base, endOfData: reached, objects: [], highestEpoch: 0 };
  const before = await lastBlockBefore(drive, volume, durablePosition, digest64);
  await drive.locate(durablePosition);
  const count = told === undefined ? undefined : told - durablePosition;
  const { objects, highestEpoch } = await readObjects(drive, volume.recordSizeBytes, count, digest64);
  const endOfData = told ?? durablePosition + BigInt(objects.length);
  return { ...base, endOfData, objects, highestEpoch, ...(before === undefined ? {} : { before }) };
}

/** @returns undefined where the drive does not find it: the tape was not closed, or is damaged (R4) */
async function toldEndOfData(drive: TapeDrive): Promise<bigint | undefined> {
  try {
    await drive.spaceToEndOfData();
    return (await drive.position()).objectNumber;
  } catch (error) {
    if (error instanceof MediumError || error instanceof BlankCheckError) return undefined;
    throw error;
  }
}

async function lastBlockBefore(
  drive: TapeDrive,
  volume: TapeVolumeIdentity,
  position: bigint,
  digest64: (bytes: Uint8Array) => bigint,
): Promise<TapeFacts["before"]> {
  for (const [back, behindFilemark] of [
    [1n, false],
    [2n, true],
  ] as const) {
    if (position - back < volume.labelObjects) return undefined;
    await drive.locate(position - back);
    const object = await drive.read(volume.recordSizeBytes);
    if (object.kind === "block") return { digest: digest64(object.data), behindFilemark };
    if (object.kind !== "filemark")
      throw resultError(object.result, `reading object ${position - back} of ${volume.volumeTag}`);
  }
  return undefined;
}

/** Up to `count` objects, or all to the end of data. */
async function readObjects(
  drive: TapeDrive,
  recordSizeBytes: number,
  count: bigint | undefined,
  digest64: (bytes: Uint8Array) => bigint,
): Promise<{ readonly objects: readonly TapeObject[]; readonly highestEpoch: number }> {
  const objects: TapeObject[] = [];
  let highestEpoch = 0;
  let atStartOfFile = true;
  for (;;) {
    if (count !== undefined && BigInt(objects.length) >= count) break;
    if (atStartOfFile) {
      const first = await drive.read(recordSizeBytes);
      if (first.kind === "filemark") objects.push({ kind: "filemark" });
      else if (first.kind === "block") {
        objects.push({ kind: "block", lengthBytes: first.data.length, digest: digest64(first.data) });
        highestEpoch = Math.max(highestEpoch, decodeSegmentHead(first.data)?.epoch ?? 0);
        atStartOfFile = false;
      } else break;
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
    } else if (scan.stoppedAt !== "count") break;
  }
  return { objects, highestEpoch };
}
