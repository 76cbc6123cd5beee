// SPDX-License-Identifier: Apache-2.0
import type { TapeVolumeIdentity } from "../protocol/tape.ts";

/**
 * Bytes of all blocks on a volume before a position. Behind the label every block is one whole record, so
 * the count is arithmetic; filemarks hold no bytes.
 * @param position number of the next logical object
 * @param filemarks filemarks before it, the label's included
 */
export function volumeBytesAt(
  volume: Pick<TapeVolumeIdentity, "labelBytes" | "labelObjects" | "recordSizeBytes">,
  position: bigint,
  filemarks: number,
): bigint {
  const blocks = position - volume.labelObjects - BigInt(filemarks - 1);
  return volume.labelBytes + blocks * BigInt(volume.recordSizeBytes);
}
