// SPDX-License-Identifier: Apache-2.0
/** One SOURCE argument of a job. */
export interface SourceVolume {
  readonly index: number;
  readonly path: Uint8Array;
  readonly status: "complete" | "partial" | "notStarted";
  readonly streamStart?: bigint;
  readonly streamEnd?: bigint;
  readonly objects: bigint;
  readonly exceptions: bigint;
}
