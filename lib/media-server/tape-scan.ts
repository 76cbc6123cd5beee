// SPDX-License-Identifier: Apache-2.0
/** What is on the tape behind a position: the facts of a resume, read back object by object. */
import { resultError } from "../device/check-result.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import { decodeSegmentHead } from "../format/segment-head.ts";
import type { TapeFacts, TapeObject, TapeVolumeIdentity } from "../protocol/tape.ts";

/** Blocks asked for in one command to the device's thread. */
const scanBlocks = 4096;

/**
 * Goes to the end of data, then reads from `durablePosition` on.
 * The caller has synchronised the drive and proved the volume's identity.
 */
export async function scanTape(
  drive: TapeDrive,
  volume: TapeVolumeIdentity,
  durablePosition: bigint,
  digest64: (bytes: Uint8Array) => bigint,
): Promise<TapeFacts> {
  await drive.spaceToEndOfData();
  const { objectNumber: endOfData } = await drive.position();
  const base = { volume, endOfData, scannedFrom: durablePosition };
  if (endOfData < durablePosition) return { ...base, objects: [], highestEpoch: 0 };
  const before = await lastBlockBefore(drive, volume, durablePosition, digest64);
  await drive.locate(durablePosition);
  const { objects, highestEpoch } = await readObjects(
    drive,
    volume.recordSizeBytes,
    endOfData - durablePosition,
    digest64,
  );
  return { ...base, objects, highestEpoch, ...(before === undefined ? {} : { before }) };
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

async function readObjects(
  drive: TapeDrive,
  recordSizeBytes: number,
  count: bigint,
  digest64: (bytes: Uint8Array) => bigint,
): Promise<{ readonly objects: readonly TapeObject[]; readonly highestEpoch: number }> {
  const objects: TapeObject[] = [];
  let highestEpoch = 0;
  let atStartOfFile = true;
  while (BigInt(objects.length) < count) {
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
    const scan = await drive.digestBlocks(Math.min(scanBlocks, Number(count) - objects.length), recordSizeBytes);
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
