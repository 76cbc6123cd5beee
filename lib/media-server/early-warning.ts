// SPDX-License-Identifier: Apache-2.0
/** How much is sure to fit behind the warning that a tape ends. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { IllegalRequestError } from "../errors.ts";

const mib = 1024n * 1024n;
/** Behind early warning there may be no more than some 25 MiB (faults.md W1): less than that is sure to fit. */
const recordsWithoutWarning = 16n * mib;
const recordsWithWarning = 256n * mib;
/** At least twice the records of a segment (tape-format.md, "How a segment ends"), in 10^6 bytes. */
const warningMegabytes = 600;
/** On a smaller medium the warning would come before there is anything to warn of. */
const leastCapacityBytes = 100n * BigInt(warningMegabytes) * 1_000_000n;

/**
 * Sets programmable early warning where the drive has it (mode page 10h/01h, SSC-5 8.3.8) and the medium is large enough.
 * @returns bytes of persistent records that a segment's footer may have
 */
export async function segmentRecordLimit(drive: TapeDrive, capacityBytes: bigint | undefined): Promise<bigint> {
  if (capacityBytes === undefined || capacityBytes < leastCapacityBytes) return recordsWithoutWarning;
  try {
    const page = await drive.deviceConfigurationExtension();
    if (page === undefined) return recordsWithoutWarning;
    if (page.programmableEarlyWarningMegabytes !== warningMegabytes)
      await drive.setProgrammableEarlyWarning(warningMegabytes);
    return recordsWithWarning;
  } catch (error) {
    // The subpage is there, and its PEWS cannot be changed.
    if (error instanceof IllegalRequestError) return recordsWithoutWarning;
    throw error;
  }
}
