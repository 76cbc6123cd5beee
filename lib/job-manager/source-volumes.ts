// SPDX-License-Identifier: Apache-2.0
import type { SourceVolume } from "../protocol/source-volume.ts";

/**
 * The source volumes that still need backup: all of the job's minus the completely backed-up ones,
 * the partially backed-up one first. Several are partial where claims were withdrawn: then the one first whose object
 * goes on where the stream does.
 */
export function stillToBackUp(volumes: readonly SourceVolume[], continuedIndex?: number): readonly SourceVolume[] {
  const open = volumes.filter((volume) => volume.status !== "complete");
  const rank = ({ index, status }: SourceVolume): number => {
    if (index === continuedIndex) return 0;
    return status === "partial" ? 1 : 2;
  };
  return open.toSorted((left, right) => rank(left) - rank(right));
}

/** Objects that could not be read, whenever that was: a source volume that is complete is not gone through again. */
export function exceptionsOf(volumes: readonly SourceVolume[]): bigint {
  return volumes.reduce((sum, { exceptions }) => sum + exceptions, 0n);
}

export function notStarted(paths: readonly Uint8Array[]): readonly SourceVolume[] {
  return paths.map((path, index) => ({ index, path, status: "notStarted", objects: 0n, exceptions: 0n }));
}
