// SPDX-License-Identifier: Apache-2.0
/** Whether records of a size can go to a drive at all: a record is one block, and one transfer. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { IllegalRequestError, OperatorError, TransportError, messageOf } from "../errors.ts";
import { protectionBytes } from "./block-protection.ts";
import { allowOverwriteHere } from "./overwrite.ts";

/**
 * Asks before a volume is labelled: its record size holds for as long as the volume lives.
 * @throws OperatorError naming the limit and whose it is
 */
export async function refuseTooLongRecords(
  drive: Pick<TapeDrive, "name" | "blockLimits" | "transferLimit" | "blockProtection">,
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
  const onItsWay = recordSizeBytes + ((await drive.blockProtection())?.onWrite === true ? protectionBytes : 0);
  if (limitBytes !== undefined && onItsWay > limitBytes) {
    throw new OperatorError(
      `the host adapter of ${drive.name} carries at most ${limitBytes} bytes at once, the configured record size is ` +
        `${recordSizeBytes}: configure a smaller one`,
    );
  }
}

/**
 * Writes one record at the beginning of the tape, where the label comes next: there are ways to a drive that take less
 * than they say (W10). What is on the tape is lost; one that can be written only once is not tried.
 * @throws OperatorError where it is refused: nothing was written then
 */
export async function tryRecord(drive: TapeDrive, recordSizeBytes: number): Promise<void> {
  if ((await drive.modeStatus()).worm) return;
  await drive.rewind();
  await allowOverwriteHere(drive, 0n);
  try {
    await drive.write(new Uint8Array(recordSizeBytes), `a record of ${recordSizeBytes} bytes, to try`);
  } catch (error) {
    const isRefused = error instanceof TransportError && error.outcome === "notSent";
    if (!isRefused && !(error instanceof IllegalRequestError)) throw error;
    throw new OperatorError(
      `${messageOf(error)}: blocks of the configured record size do not get to ${drive.name}. Configure a smaller one ` +
        `(tape.recordSize) and label the cartridge again`,
      { cause: error },
    );
  }
}
