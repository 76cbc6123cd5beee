// SPDX-License-Identifier: Apache-2.0
import type { TapeDrive } from "../device/tape-drive.ts";

/** WRITE MODE of mode page 10h/01h (SSC-5 8.3.8). */
const appendOnly = 1;

/**
 * A drive in append-only mode overwrites only behind ALLOW OVERWRITE for this very place, and only with what is written
 * next (W9; SSC-5 4.2.21). Behind the end of data it is not needed, and does no harm.
 */
export async function allowOverwriteHere(drive: TapeDrive, position: bigint): Promise<void> {
  const mode = await drive.deviceConfigurationExtension();
  if (mode?.writeMode === appendOnly) await drive.allowOverwrite(position);
}
