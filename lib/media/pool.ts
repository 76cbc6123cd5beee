// SPDX-License-Identifier: Apache-2.0
import type { VolumeEntry } from "../protocol/volume.ts";

export interface VolumeWish {
  readonly pool: string;
  /** Only volumes of this record size: a job's records never change size. */
  readonly recordSizeBytes?: number;
  /** Barcodes that are in the library now. */
  readonly present: ReadonlySet<string>;
}

/**
 * The volumes of a pool that may be written, best first: those that hold data and have room, so that cartridges
 * are filled one after the other; then empty ones, by barcode.
 */
export function writableVolumes(volumes: readonly VolumeEntry[], wish: VolumeWish): readonly VolumeEntry[] {
  const fits = (volume: VolumeEntry): boolean =>
    volume.pool === wish.pool &&
    wish.present.has(volume.volumeTag) &&
    (wish.recordSizeBytes === undefined || volume.recordSizeBytes === wish.recordSizeBytes);
  const byTag = (left: VolumeEntry, right: VolumeEntry): number => (left.volumeTag < right.volumeTag ? -1 : 1);
  const candidates = volumes.filter(fits).toSorted(byTag);
  return [
    ...candidates.filter((volume) => volume.state === "appendable"),
    ...candidates.filter((volume) => volume.state === "empty"),
  ];
}
