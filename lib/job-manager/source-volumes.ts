// SPDX-License-Identifier: Apache-2.0
import type { SourceVolume } from "../protocol/source-volume.ts";

/**
 * The source volumes that still need backup: all of the job's minus the completely backed-up ones,
 * the partially backed-up one first.
 */
export function stillToBackUp(volumes: readonly SourceVolume[]): readonly SourceVolume[] {
  const open = volumes.filter((volume) => volume.status !== "complete");
  return [
    ...open.filter((volume) => volume.status === "partial"),
    ...open.filter((volume) => volume.status !== "partial"),
  ];
}

/** Objects that could not be read, whenever that was: a source volume that is complete is not gone through again. */
export function exceptionsOf(volumes: readonly SourceVolume[]): bigint {
  return volumes.reduce((sum, { exceptions }) => sum + exceptions, 0n);
}

export function notStarted(paths: readonly Uint8Array[]): readonly SourceVolume[] {
  return paths.map((path, index) => ({ index, path, status: "notStarted", objects: 0n, exceptions: 0n }));
}
