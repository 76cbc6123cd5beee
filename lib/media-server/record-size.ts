// SPDX-License-Identifier: Apache-2.0
/** Whether records of a size can go to a drive at all: a record is one block, and one transfer. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { OperatorError } from "../errors.ts";

/**
 * Asks before a volume is labelled: its record size holds for as long as the volume lives.
 * @throws OperatorError naming the limit and whose it is
 */
export async function refuseTooLongRecords(
  drive: Pick<TapeDrive, "name" | "blockLimits" | "transferLimit">,
  recordSizeBytes: number,
): Promise<void> {
  const { maximumBytes } = await drive.blockLimits();
  if (recordSizeBytes > maximumBytes) {
    throw new OperatorError(
      `${drive.name} takes blocks of at most ${maximumBytes} bytes, the configured record size is ${recordSizeBytes}`,
    );
  }
  // A drive may take longer blocks than the way to it: the kernel refuses those, and a tape that was written elsewhere
  // with them could not even be read here.
  const limitBytes = await drive.transferLimit();
  if (limitBytes !== undefined && recordSizeBytes > limitBytes) {
    throw new OperatorError(
      `the host adapter of ${drive.name} carries at most ${limitBytes} bytes at once, the configured record size is ` +
        `${recordSizeBytes}: configure a smaller one`,
    );
  }
}
