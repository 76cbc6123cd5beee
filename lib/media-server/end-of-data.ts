// SPDX-License-Identifier: Apache-2.0
/** Whether a drive knows where the data on a tape ends; asked before it is sent there (fault catalogue, R4). */
import type { TapeDrive } from "../device/tape-drive.ts";

/** TapeAlert: the tape's directory was corrupted on load, was invalid at the last unload (SSC-5 annex A). */
const directoryFlags: readonly number[] = [18, 51];

/**
 * False after an unclean unload: SPACE to the end of data would search the whole tape then, or end at a wrong place. By
 * log page 17h, parameter 0203h; where the drive does not tell it, by TapeAlert.
 */
export async function knowsEndOfData(drive: Pick<TapeDrive, "endOfDataValid" | "tapeAlertFlags">): Promise<boolean> {
  const told = await drive.endOfDataValid();
  if (told !== undefined) return told;
  const flags = (await drive.tapeAlertFlags()) ?? [];
  return !directoryFlags.some((flag) => flags.includes(flag));
}
