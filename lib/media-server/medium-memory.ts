// SPDX-License-Identifier: Apache-2.0
/** Numbers in a cartridge's memory (medium auxiliary memory, SPC-5 7.4.2). */
import type { TapeDrive } from "../device/tape-drive.ts";

type MediumMemory = Pick<TapeDrive, "attribute">;

const mebibyte = 1n << 20n;
const remainingCapacity = 0x0000;
const maximumCapacity = 0x0001;
const loadCount = 0x0003;

/** Of partition 0, in bytes; `undefined` where the memory does not tell, here as below. */
export function mediumCapacity(drive: MediumMemory): Promise<bigint | undefined> {
  return number(drive, maximumCapacity, mebibyte);
}

/** Of partition 0, in bytes. */
export function remainingMediumCapacity(drive: MediumMemory): Promise<bigint | undefined> {
  return number(drive, remainingCapacity, mebibyte);
}

export function mediumLoads(drive: MediumMemory): Promise<bigint | undefined> {
  return number(drive, loadCount, 1n);
}

async function number(drive: MediumMemory, id: number, unit: bigint): Promise<bigint | undefined> {
  const value = await drive.attribute(id);
  // All ones: not known (SPC-5 7.4.1).
  if (value === undefined || value.length === 0 || value.every((byte) => byte === 0xff)) return undefined;
  return BigInt(`0x${value.toString("hex")}`) * unit;
}
