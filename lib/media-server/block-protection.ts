// SPDX-License-Identifier: Apache-2.0
/**
 * Logical block protection (SSC-5 4.2.29): each block has a CRC on its way to the drive and back, so that what a link or a
 * memory damages is not taken for data (W11). The drive keeps the setting until it is reset or told otherwise, so it is
 * set both ways: with protection that another program has left on, the drive would take the last four bytes of each block
 * for a CRC.
 */
import type { TapeDrive } from "../device/tape-drive.ts";
import { SenseError, TapeError } from "../errors.ts";

type ProtectedDrive = Pick<TapeDrive, "blockProtection" | "setBlockProtection">;

/** Behind each block, in bytes: the record and its CRC must get through together. */
export const protectionBytes = 4;

/** @returns whether blocks are protected from now on; not, where the drive has no protection */
export async function setProtection(drive: ProtectedDrive, wanted: boolean): Promise<boolean> {
  try {
    const found = await drive.blockProtection();
    if (found === undefined) return false;
    // On, it is set anew all the same: only then is it known on this side too.
    if (wanted || found.onWrite || found.onRead) await drive.setBlockProtection(wanted);
    return wanted;
  } catch (error) {
    // A drive that complains must be let go of its cartridge all the same.
    if (!wanted && error instanceof SenseError) return false;
    throw error;
  }
}

/** Whoever has the drive next may know nothing of it. A drive that does not answer keeps what it has. */
export async function endProtection(drive: ProtectedDrive): Promise<void> {
  try {
    await drive.setBlockProtection(false);
  } catch (error) {
    if (!(error instanceof TapeError)) throw error;
  }
}
