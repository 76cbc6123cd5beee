// SPDX-License-Identifier: Apache-2.0
/** Reading and writing labels; the only place that writes tape file 0. */
import { readError } from "../device/check-result.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import { OperatorError } from "../errors.ts";
import {
  decodeVolumeHeader,
  decodeVolumeLabel,
  encodeVolumeHeader,
  encodeVolumeLabel,
  labelBytes,
  labelObjects,
} from "../format/volume-label.ts";
import type { VolumeHeader, VolumeLabel } from "../format/volume-label.ts";
import type { TapeVolumeIdentity } from "../protocol/tape.ts";
import { allowOverwriteHere } from "./overwrite.ts";

/** Longer than any label; a foreign first block may be longer still. */
const labelReadBytes = 65536;

export type LabelFound =
  Exclude<VolumeLabel, { kind: "ours" }> | { readonly kind: "ours"; readonly header: VolumeHeader };

/** Reads the label at the beginning of the tape; leaves the tape behind what it read. */
export async function readLabel(drive: TapeDrive): Promise<LabelFound> {
  await drive.rewind();
  const first = await drive.read(labelReadBytes);
  if (first.kind === "endOfData") return { kind: "blank" };
  if (first.kind === "filemark" || first.kind === "tooLong") return { kind: "unlabelled" };
  const attempt = `reading the label (${drive.name})`;
  if (first.kind !== "block") throw readError(first.result, attempt);
  const label = decodeVolumeLabel(first.data);
  if (label.kind !== "ours") return label;
  const second = await drive.read(labelReadBytes);
  // What comes in between says nothing of the label, nor does a block that was damaged on its way here.
  if (second.kind === "failed" || second.kind === "damaged") throw readError(second.result, attempt);
  // Behind these two blocks the drive's word can be compared with the count of them, once a load.
  if (second.kind === "block" && drive.positionSource === undefined) await drive.provePosition();
  if (second.kind !== "block")
    return { kind: "foreign", volumeSerial: label.volumeSerial, product: "a Tidemark label without a volume header" };
  return { kind: "ours", header: decodeVolumeHeader(second.data) };
}

/** Writes VOL1, volume header and filemark, and waits until they are on the medium. */
export async function writeLabel(drive: TapeDrive, header: Omit<VolumeHeader, "format">): Promise<void> {
  await drive.rewind();
  await allowOverwriteHere(drive, 0n);
  await drive.write(encodeVolumeLabel(header.barcode), `the label of ${header.barcode}`);
  await drive.write(encodeVolumeHeader(header), `the volume header of ${header.barcode}`);
  await drive.synchronise(1);
}

/**
 * Proves that the loaded cartridge is the wanted volume.
 * @throws OperatorError naming what is there and what is wanted
 */
export async function proveIdentity(
  drive: TapeDrive,
  wanted: { readonly volumeUuid: string; readonly volumeTag: string },
): Promise<TapeVolumeIdentity> {
  const label = await readLabel(drive);
  const refuse = (
    what: string,
    code: "ERR_TAPE_CARTRIDGE_UNLABELLED" | "ERR_TAPE_CARTRIDGE_FOREIGN" | "ERR_TAPE_CARTRIDGE_WRONG",
  ): OperatorError =>
    new OperatorError(
      `the cartridge with barcode ${wanted.volumeTag} ${what}; wanted is volume ${wanted.volumeUuid}. Nothing was written: put the right cartridge in`,
      { code },
    );
  if (label.kind === "blank" || label.kind === "unlabelled")
    throw refuse("carries no label", "ERR_TAPE_CARTRIDGE_UNLABELLED");
  if (label.kind === "foreign") throw refuse(`carries a label of ${label.product}`, "ERR_TAPE_CARTRIDGE_FOREIGN");
  const { header } = label;
  if (header.uuid !== wanted.volumeUuid || header.barcode !== wanted.volumeTag) {
    throw refuse(`is labelled ${header.barcode}, volume ${header.uuid}`, "ERR_TAPE_CARTRIDGE_WRONG");
  }
  return {
    volumeUuid: header.uuid,
    volumeTag: header.barcode,
    pool: header.pool,
    recordSizeBytes: header.recordSizeBytes,
    labelBytes,
    labelObjects,
  };
}
