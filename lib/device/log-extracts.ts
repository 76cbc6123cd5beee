// SPDX-License-Identifier: Apache-2.0
/** What programs want of log pages, gathered from several parameters. Whatever a drive does not tell is absent. */
import type { LogPage } from "../native/binding.ts";
import { knownCounter, logValues, partitionRecords } from "./log-pages.ts";

const megabyte = 1_000_000n;

/** Hundredths, as the drive counts them; a drive that has moved no data gives 0, which is no ratio. */
export interface CompressionRatio {
  readonly writeHundredths?: bigint;
  readonly readHundredths?: bigint;
  readonly fromHostBytes?: bigint;
  readonly toTapeBytes?: bigint;
  readonly toHostBytes?: bigint;
  readonly fromTapeBytes?: bigint;
}

/**
 * Page 1Bh, or 32h of older drives. A count is megabytes and a rest in bytes that may be negative: the drive rounds
 * the first one.
 */
export function compressionRatio(page: LogPage): CompressionRatio {
  const values = numbersOf(page);
  const ratio = (code: number): bigint | undefined => {
    const value = values.get(code);
    return value === 0n ? undefined : value;
  };
  const total = (code: number): bigint | undefined => {
    const megabytes = values.get(code);
    if (megabytes === undefined) return undefined;
    const sum = megabytes * megabyte + (values.get(code + 1) ?? 0n);
    return sum < 0n ? undefined : sum;
  };
  return withoutAbsent<CompressionRatio>({
    writeHundredths: ratio(1),
    readHundredths: ratio(0),
    fromHostBytes: total(6),
    toTapeBytes: total(8),
    toHostBytes: total(2),
    fromTapeBytes: total(4),
  });
}

/** What a volume has been through in its life, as the drive counts it. Megabytes are 10^6 bytes. */
export interface TapeUsage {
  readonly mounts?: bigint;
  readonly dataSetsWritten?: bigint;
  readonly dataSetsRead?: bigint;
  readonly recoveredWriteErrors?: bigint;
  readonly unrecoveredWriteErrors?: bigint;
  readonly recoveredReadErrors?: bigint;
  readonly unrecoveredReadErrors?: bigint;
  /** Writing that stopped for want of data or for an error (page 30h). */
  readonly suspendedWrites?: bigint;
  readonly lifeWrittenMegabytes?: bigint;
  readonly lifeReadMegabytes?: bigint;
  readonly nativeCapacityMegabytes?: bigint;
  readonly usedCapacityMegabytes?: bigint;
  readonly volumeSerialNumber?: string;
  readonly barcode?: string;
  readonly writeProtected?: boolean;
  readonly worm?: boolean;
}

/** Page 17h, which says nothing unless it says that it is valid; or page 30h of older drives. */
export function tapeUsage(page: LogPage): TapeUsage {
  if (page.page === 0x17 && !isVolumeStatisticsValid(page)) return {};
  const values = new Map(logValues(page).map(({ code, value }) => [code, value]));
  const number = (code: number): bigint | undefined => asBigint(values.get(code));
  const words = (code: number): string | undefined => asString(values.get(code));
  const flag = (code: number): boolean | undefined => {
    const value = values.get(code);
    return value === undefined ? undefined : value === "yes";
  };
  const counted = {
    mounts: number(1),
    dataSetsWritten: number(2),
    recoveredWriteErrors: number(3),
    unrecoveredWriteErrors: number(4),
    dataSetsRead: number(7),
    recoveredReadErrors: number(8),
    unrecoveredReadErrors: number(9),
  };
  if (page.page !== 0x17) return withoutAbsent<TapeUsage>({ ...counted, suspendedWrites: number(5) });
  return withoutAbsent<TapeUsage>({
    ...counted,
    lifeWrittenMegabytes: number(0x10),
    lifeReadMegabytes: number(0x11),
    nativeCapacityMegabytes: number(0x16),
    usedCapacityMegabytes: number(0x17),
    volumeSerialNumber: words(0x40),
    barcode: words(0x42),
    writeProtected: flag(0x80),
    worm: flag(0x81),
  });
}

function isVolumeStatisticsValid(page: LogPage): boolean {
  const valid = page.parameters.find(({ code }) => code === 0);
  return valid !== undefined && knownCounter(valid.value) === 1n;
}

/** Capacities of a partition, in 10^6 bytes and before compression. */
export interface PartitionCapacity {
  readonly partition: number;
  readonly nativeMegabytes?: bigint;
  readonly usedMegabytes?: bigint;
  readonly remainingMegabytes?: bigint;
  /** False where the drive says that it does not know where this partition's data ends: an unclean unload. */
  readonly endOfDataValid?: boolean;
}

/** Page 17h, parameters 202h to 204h; empty where the page is not valid or has none of them. */
export function partitionCapacities(page: LogPage): readonly PartitionCapacity[] {
  if (!isVolumeStatisticsValid(page)) return [];
  const records = (wanted: number): ReadonlyMap<number, bigint | undefined> => {
    const parameter = page.parameters.find(({ code }) => code === wanted);
    return new Map(
      partitionRecords(parameter?.value ?? new Uint8Array()).map(({ partition, value }) => [partition, value]),
    );
  };
  const [native, used, remaining] = [records(0x202), records(0x203), records(0x204)];
  const partitions = [...new Set([...native.keys(), ...used.keys(), ...remaining.keys()])];
  return partitions
    .sort((left, right) => left - right)
    .map((partition) =>
      withoutAbsent<PartitionCapacity>({
        partition,
        nativeMegabytes: native.get(partition),
        usedMegabytes: used.get(partition),
        remainingMegabytes: remaining.get(partition),
        endOfDataValid: used.has(partition) ? used.get(partition) !== undefined : undefined,
      }),
    );
}

/** Bytes to and from the host, and to and from the medium, where they are compressed. */
export interface SequentialAccess {
  readonly receivedBytes?: bigint;
  readonly toMediumBytes?: bigint;
  readonly fromMediumBytes?: bigint;
  readonly sentBytes?: bigint;
  /** The most that the buffer can hold. */
  readonly bufferMegabytes?: bigint;
  readonly cleaningNeeded?: boolean;
}

/** Page 0Ch. */
export function sequentialAccess(page: LogPage): SequentialAccess {
  const values = numbersOf(page);
  const cleaning = page.parameters.find(({ code }) => code === 0x100);
  return withoutAbsent<SequentialAccess>({
    receivedBytes: values.get(0),
    toMediumBytes: values.get(1),
    fromMediumBytes: values.get(2),
    sentBytes: values.get(3),
    bufferMegabytes: values.get(8),
    cleaningNeeded: cleaning === undefined ? undefined : cleaning.value.some((byte) => byte !== 0),
  });
}

/** Errors of writing or of reading since the counters were reset. */
export interface ErrorCounters {
  readonly corrected?: bigint;
  readonly retries?: bigint;
  readonly uncorrected?: bigint;
}

/** Page 02h or 03h. */
export function errorCounters(page: LogPage): ErrorCounters {
  const values = numbersOf(page);
  return withoutAbsent<ErrorCounters>({ corrected: values.get(3), retries: values.get(2), uncorrected: values.get(6) });
}

function numbersOf(page: LogPage): ReadonlyMap<number, bigint | undefined> {
  return new Map(logValues(page).map(({ code, value }) => [code, asBigint(value)]));
}

function asBigint(value: bigint | string | undefined): bigint | undefined {
  return typeof value === "bigint" ? value : undefined;
}

function asString(value: bigint | string | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The same without the keys that have no value: absent fields stay away, also from JSON. */
function withoutAbsent<T extends object>(fields: { readonly [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
