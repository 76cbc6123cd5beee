// SPDX-License-Identifier: Apache-2.0
/** A volume in a drive, proved to be the one it claims to be, and how a job comes to stand where it may write. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError, OperatorError } from "../errors.ts";
import type { TapeVolumeIdentity } from "../protocol/tape.ts";
import type { VolumeEntry } from "../protocol/volume.ts";
import { knowsEndOfData } from "./end-of-data.ts";
import { proveIdentity } from "./tape-label.ts";
import { throwUnlessOfMedium } from "./tape-scan.ts";

export interface LoadedVolume {
  readonly drive: TapeDrive;
  readonly identity: TapeVolumeIdentity;
  /** Where the next segment goes, and the filemarks before it. */
  readonly position: bigint;
  readonly filemarks: number;
}

/** Identity and block size; where the tape stands then is not said. */
export async function identify(
  drive: TapeDrive,
  wanted: { readonly volumeUuid: string; readonly volumeTag: string },
): Promise<TapeVolumeIdentity> {
  await drive.setVariableBlocks();
  const identity = await proveIdentity(drive, wanted);
  drive.expectBlocks(identity.recordSizeBytes);
  return identity;
}

/**
 * Proves what the volume is and stands behind its last tape file.
 * @throws OperatorError ERR_TAPE_VOLUME_ALTERED where the tape ends before that
 */
export async function standAtEnd(drive: TapeDrive, entry: VolumeEntry): Promise<LoadedVolume> {
  // Queues behind whatever a dead process sent last, before any position is asked (*).
  await drive.synchronise(0);
  const identity = await identify(drive, entry);
  await refuseWriteProtected(drive, entry.volumeTag);
  drive.landmark(entry.tapeFiles, entry.endPosition);
  const objectNumber = await reach(drive, entry);
  if (objectNumber < entry.endPosition) {
    throw new OperatorError(
      `${entry.volumeTag} ends at object ${objectNumber}, but ${entry.endPosition} were written: the cartridge was altered and is set aside`,
      { code: "ERR_TAPE_VOLUME_ALTERED" },
    );
  }
  await goTo(drive, entry.volumeTag, entry.endPosition);
  return { drive, identity, position: entry.endPosition, filemarks: entry.tapeFiles };
}

/** LOCATE, and the drive must say that it is there. */
export async function goTo(drive: TapeDrive, volumeTag: string, position: bigint): Promise<void> {
  await drive.locate(position);
  const found = await drive.objectNumber();
  if (found === position) return;
  throw new DeviceError(`${volumeTag} stands at object ${found} after a locate to ${position}: nothing was written`);
}

export async function isWriteProtected(drive: TapeDrive): Promise<boolean> {
  return (await drive.modeStatus()).writeProtected;
}

export async function refuseWriteProtected(drive: TapeDrive, volumeTag: string): Promise<void> {
  if (!(await isWriteProtected(drive))) return;
  throw new OperatorError(`${volumeTag} is write protected: move the tab, or take another cartridge`, {
    code: "ERR_TAPE_CARTRIDGE_PROTECTED",
  });
}

/** Where the tape ends; where the drive cannot tell, whether it reaches as far as it must. */
async function reach(drive: TapeDrive, { endPosition, recordSizeBytes, volumeTag }: VolumeEntry): Promise<bigint> {
  if (drive.positionSource === "counted") return drive.walkTo(endPosition);
  if (await knowsEndOfData(drive)) {
    await drive.spaceToEndOfData();
    return drive.objectNumber();
  }
  // Nobody searches for it (R4): that the last filemark which was written stands where it must be is enough.
  await drive.locate(endPosition - 1n);
  const last = await drive.read(recordSizeBytes);
  throwUnlessOfMedium(last, `reading object ${endPosition - 1n} of ${volumeTag}`);
  return last.kind === "filemark" ? endPosition : endPosition - 1n;
}
