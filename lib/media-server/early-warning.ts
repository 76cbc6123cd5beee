// SPDX-License-Identifier: Apache-2.0
/** How much is sure to fit behind the warning that a tape ends. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { IllegalRequestError } from "../errors.ts";
import { mediumCapacity } from "./medium-memory.ts";

const mib = 1024n * 1024n;
/** Behind early warning there may be no more than some 25 MiB (faults.md W1): less than that is sure to fit. */
const recordsWithoutWarning = 16n * mib;
/** No segment has more of them (tape-format.md, "How a segment ends"). */
export const recordsWithWarning = 256n * mib;
/** At least twice the records of a segment (tape-format.md, "How a segment ends"), in 10^6 bytes. */
const warningMegabytes = 600;
/** On a smaller medium the warning would come before there is anything to warn of. */
const leastCapacityBytes = 100n * BigInt(warningMegabytes) * 1_000_000n;

/**
 * Sets programmable early warning where the drive has it (mode page 10h/01h, SSC-5 8.3.8) and the medium is large enough;
 * on a smaller one no warning is left from a larger one.
 * @returns bytes of persistent records that a segment's footer may have
 */
export async function segmentRecordLimit(
  drive: Pick<TapeDrive, "attribute" | "deviceConfigurationExtension" | "setProgrammableEarlyWarning">,
): Promise<bigint> {
  const capacityBytes = await mediumCapacity(drive);
  const wanted = capacityBytes === undefined || capacityBytes < leastCapacityBytes ? 0 : warningMegabytes;
  try {
    const page = await drive.deviceConfigurationExtension();
    if (page === undefined) return recordsWithoutWarning;
    if (page.programmableEarlyWarningMegabytes !== wanted) await drive.setProgrammableEarlyWarning(wanted);
    return wanted > 0 ? recordsWithWarning : recordsWithoutWarning;
  } catch (error) {
    // The subpage is there, and its PEWS cannot be changed.
    if (error instanceof IllegalRequestError) return recordsWithoutWarning;
    throw error;
  }
}
