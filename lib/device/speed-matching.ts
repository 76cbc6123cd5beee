// SPDX-License-Identifier: Apache-2.0
/**
 * Between which speeds a drive matches its tape to what it is given, before compression counts. No SCSI page tells it:
 * what is here is what vendors' documents say, by the density that is written. A drive that is given less than its
 * slowest speed stops, goes back and starts again, each time that its buffer is empty.
 */

/** Megabytes are 10^6 bytes. */
export interface SpeedMatching {
  readonly slowestMegabytesPerSecond: number;
  readonly fastestMegabytesPerSecond: number;
}

const byDensity: Readonly<Record<number, SpeedMatching>> = {
  // LTO-8
  0x5e: { slowestMegabytesPerSecond: 112, fastestMegabytesPerSecond: 365 },
  // LTO-9
  0x60: { slowestMegabytesPerSecond: 177, fastestMegabytesPerSecond: 408 },
};

/** `undefined` where it is not known here. */
export function speedMatching(densityCode: number): SpeedMatching | undefined {
  return byDensity[densityCode];
}
