// SPDX-License-Identifier: Apache-2.0
/** What a drive's log pages count of writing, before and after a measurement. What a drive does not tell is absent. */
import { compressionRatio, errorCounters, sequentialAccess, tapeUsage } from "../device/log-extracts.ts";
import { logValues } from "../device/log-pages.ts";
import type { TapeDrive } from "../device/tape-drive.ts";

export interface DriveCounters {
  /** Log page 0Ch, or 1Bh (32h): what writes brought, and what came of it on the medium. */
  readonly receivedBytes?: bigint;
  readonly toMediumBytes?: bigint;
  /** Log page 02h. */
  readonly writeRetries?: bigint;
  readonly correctedWriteErrors?: bigint;
  /** Log page 30h, of older drives: the tape had to stop while it was written. */
  readonly suspendedWrites?: bigint;
  /** Log page 17h, parameter 5: write servo errors, or with some drives suspended writes. */
  readonly writeServoErrors?: bigint;
}

/** What two of them differ by is told of this one counter alone. */
export const backHitchCounters = ["suspendedWrites", "writeServoErrors"] as const;

const page = {
  writeErrors: 0x02,
  sequentialAccess: 0x0c,
  volumeStatistics: 0x17,
  compression: 0x1b,
  usage: 0x30,
  oldCompression: 0x32,
};
const servoErrorsParameter = 5;

export async function readCounters(drive: TapeDrive): Promise<DriveCounters> {
  const there = new Set(((await drive.logPageCodes()) ?? []).map((code) => code.page));
  const read = async (number: number): ReturnType<TapeDrive["logPage"]> =>
    there.has(number) ? drive.logPage(number) : undefined;
  const errors = await read(page.writeErrors);
  const access = await read(page.sequentialAccess);
  const compression = (await read(page.compression)) ?? (await read(page.oldCompression));
  const statistics = await read(page.volumeStatistics);
  const usage = await read(page.usage);
  const counted = errors === undefined ? {} : errorCounters(errors);
  const moved = access === undefined ? {} : sequentialAccess(access);
  const packed = compression === undefined ? {} : compressionRatio(compression);
  const servo = (statistics === undefined ? [] : logValues(statistics)).find(
    ({ code }) => code === servoErrorsParameter,
  )?.value;
  return present({
    receivedBytes: moved.receivedBytes ?? packed.fromHostBytes,
    toMediumBytes: moved.toMediumBytes ?? packed.toTapeBytes,
    writeRetries: counted.retries,
    correctedWriteErrors: counted.corrected,
    suspendedWrites: usage === undefined ? undefined : tapeUsage(usage).suspendedWrites,
    writeServoErrors: typeof servo === "bigint" ? servo : undefined,
  });
}

/** What was counted in between; a counter that went back was reset by somebody, and tells nothing. */
export function countedBetween(before: DriveCounters, after: DriveCounters): DriveCounters {
  const difference = (name: keyof DriveCounters): bigint | undefined => {
    const [from, to] = [before[name], after[name]];
    return from === undefined || to === undefined || to < from ? undefined : to - from;
  };
  return present({
    receivedBytes: difference("receivedBytes"),
    toMediumBytes: difference("toMediumBytes"),
    writeRetries: difference("writeRetries"),
    correctedWriteErrors: difference("correctedWriteErrors"),
    suspendedWrites: difference("suspendedWrites"),
    writeServoErrors: difference("writeServoErrors"),
  });
}

/** How much the buffer holds, log page 0Ch parameter 8. */
export async function bufferBytes(drive: TapeDrive): Promise<bigint | undefined> {
  const answer = await drive.logPage(page.sequentialAccess);
  const megabytes = answer === undefined ? undefined : sequentialAccess(answer).bufferMegabytes;
  return megabytes === undefined || megabytes === 0n ? undefined : megabytes * 1_000_000n;
}

function present(fields: { readonly [Key in keyof DriveCounters]: DriveCounters[Key] | undefined }): DriveCounters {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
