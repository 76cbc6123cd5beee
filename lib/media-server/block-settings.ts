// SPDX-License-Identifier: Apache-2.0
/** What decides how a block gets onto the tape. Whoever writes asks again when somebody may have changed it (U3). */
import type { TapeDrive } from "../device/tape-drive.ts";

export interface BlockSettings {
  /** 0: variable. */
  readonly blockBytes: number;
  readonly bufferedMode: number;
  /** Absent where the drive has no compression. */
  readonly compress?: boolean;
}

export async function blockSettingsOf(drive: Pick<TapeDrive, "modeStatus" | "compression">): Promise<BlockSettings> {
  const { blockBytes, bufferedMode } = await drive.modeStatus();
  const compression = await drive.compression();
  return { blockBytes, bufferedMode, ...(compression === undefined ? {} : { compress: compression.compress }) };
}

export function areSameSettings(left: BlockSettings, right: BlockSettings): boolean {
  return (
    left.blockBytes === right.blockBytes && left.bufferedMode === right.bufferedMode && left.compress === right.compress
  );
}
