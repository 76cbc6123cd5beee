// SPDX-License-Identifier: Apache-2.0
import type { TapeDrive } from "../device/tape-drive.ts";

/** WRITE MODE of mode page 10h/01h (SSC-5 8.3.8). */
const appendOnly = 1;

/**
 * Append-only mode (W9): what stands here may be written over, in one sequence that the next motion ends. Sent right
 * before the first write.
 */
export async function allowOverwriteHere(drive: TapeDrive, position: bigint): Promise<void> {
  const settings = await drive.deviceConfigurationExtension();
  if (settings?.writeMode === appendOnly) await drive.allowOverwrite(position);
}
