// SPDX-License-Identifier: Apache-2.0
/** Labelling cartridges, and taking them into the catalog. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { OperatorError } from "../errors.ts";
import { labelBytes, labelObjects } from "../format/volume-label.ts";
import type { VolumeHeader } from "../format/volume-label.ts";
import type { LabelWish } from "../protocol/media-server.ts";
import type { VolumeEntry } from "../protocol/volume.ts";
import type { MediaServerEnvironment } from "./environment.ts";
import { refuseWriteProtected } from "./loaded-volume.ts";
import { refuseTooLongRecords, tryRecord } from "./record-size.ts";
import { jobsOn } from "./set-description.ts";
import { proveIdentity, readLabel, writeLabel } from "./tape-label.ts";

type LabellingEnvironment = Pick<
  MediaServerEnvironment,
  "volumes" | "newUuid" | "nowMs" | "segmentsOnVolume" | "forgetJob"
>;

export interface LabelOutcome {
  readonly outcome: "labelled" | "alreadyLabelled";
  readonly volumeUuid: string;
}

/** Labels what is in the drive unless it carries a label; refuses a foreign or newer one. */
export async function label(
  environment: LabellingEnvironment,
  drive: TapeDrive,
  wish: LabelWish,
): Promise<LabelOutcome> {
  const found = await readLabel(drive);
  if (found.kind === "ours") {
    await adoptKnownLabel(environment, drive, found.header);
    return { outcome: "alreadyLabelled", volumeUuid: found.header.uuid };
  }
  if (found.kind !== "blank" && !wish.overwriteForeign) {
    const what =
      found.kind === "foreign" ? `a label of ${found.product} (${found.volumeSerial})` : "data without a label";
    throw new OperatorError(
      `${wish.volumeTag} carries ${what}: it was left alone. If it may be lost: --overwrite-foreign --yes`,
      { code: "ERR_TAPE_CARTRIDGE_FOREIGN" },
    );
  }
  await refuseUnwritable(drive, wish);
  return { outcome: "labelled", volumeUuid: (await writeNewLabel(environment, drive, wish)).volumeUuid };
}

/**
 * A volume on which nothing is live becomes an empty one with a name of its own, so that no record of the old one can
 * ever be taken to speak of it. The caller has proved that it is the one.
 */
export async function relabel(
  environment: LabellingEnvironment,
  drive: TapeDrive,
  old: VolumeEntry,
): Promise<VolumeEntry> {
  const { volumeTag, pool, recordSizeBytes } = old;
  await refuseUnwritable(drive, old);
  // Before a byte of it is gone nobody may be told any more that it holds something.
  for (const jobId of jobsOn(environment.segmentsOnVolume(old.volumeUuid))) environment.forgetJob(jobId);
  return writeNewLabel(environment, drive, { volumeTag, pool, recordSizeBytes }, old.volumeUuid);
}

async function refuseUnwritable(
  drive: TapeDrive,
  { volumeTag, recordSizeBytes }: Pick<LabelWish, "volumeTag" | "recordSizeBytes">,
): Promise<void> {
  await refuseWriteProtected(drive, volumeTag);
  await drive.setVariableBlocks();
  await refuseTooLongRecords(drive, recordSizeBytes);
}

/** What cannot be written was refused before. */
async function writeNewLabel(
  environment: LabellingEnvironment,
  drive: TapeDrive,
  { volumeTag, pool, recordSizeBytes }: Pick<LabelWish, "volumeTag" | "pool" | "recordSizeBytes">,
  replaces?: string,
): Promise<VolumeEntry> {
  await tryRecord(drive, recordSizeBytes);
  const uuid = environment.newUuid();
  const createdAtMs = environment.nowMs();
  await writeLabel(drive, { uuid, barcode: volumeTag, pool, createdAtMs, recordSizeBytes });
  await proveIdentity(drive, { volumeUuid: uuid, volumeTag });
  if (replaces !== undefined) environment.volumes.remove(replaces);
  const mediumSerial = await drive.mediumSerial();
  return adopt(environment, { uuid, barcode: volumeTag, pool, recordSizeBytes }, mediumSerial);
}

/** A labelled cartridge that the catalog has not seen is taken in only if nothing is on it. */
async function adoptKnownLabel(
  environment: LabellingEnvironment,
  drive: TapeDrive,
  header: VolumeHeader,
): Promise<void> {
  if (environment.volumes.get(header.uuid) !== undefined) return;
  await drive.spaceToEndOfData();
  if ((await drive.objectNumber()) !== labelObjects) {
    throw new OperatorError(
      `${header.barcode} is Tidemark volume ${header.uuid} with data that this catalog does not know: it was left alone`,
      { code: "ERR_TAPE_CARTRIDGE_FOREIGN" },
    );
  }
  adopt(environment, header, undefined);
}

function adopt(
  { volumes, nowMs }: LabellingEnvironment,
  header: Pick<VolumeHeader, "uuid" | "barcode" | "pool" | "recordSizeBytes">,
  mediumSerial: string | undefined,
): VolumeEntry {
  const entry: VolumeEntry = {
    volumeUuid: header.uuid,
    volumeTag: header.barcode,
    pool: header.pool,
    state: "empty",
    recordSizeBytes: header.recordSizeBytes,
    labelBytes,
    endPosition: labelObjects,
    bytes: labelBytes,
    tapeFiles: 1,
    labelledAtMs: nowMs(),
    ...(mediumSerial === undefined ? {} : { mediumSerial }),
  };
  volumes.put(entry);
  return entry;
}
