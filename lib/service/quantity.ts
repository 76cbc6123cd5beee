// SPDX-License-Identifier: Apache-2.0
/** Sizes and times as people write them in a configuration: `512 KiB`, `32 GiB`, `120 s`. */

const bytesPerUnit: ReadonlyMap<string, bigint> = new Map([
  ["", 1n],
  ["B", 1n],
  ["KiB", 2n ** 10n],
  ["MiB", 2n ** 20n],
  ["GiB", 2n ** 30n],
  ["TiB", 2n ** 40n],
  ["kB", 10n ** 3n],
  ["MB", 10n ** 6n],
  ["GB", 10n ** 9n],
  ["TB", 10n ** 12n],
]);

const millisecondsPerDay = 86_400_000;
const millisecondsPerUnit: ReadonlyMap<string, number> = new Map([
  ["", 1000],
  ["ms", 1],
  ["s", 1000],
  ["min", 60_000],
  ["h", 3_600_000],
  ["day", millisecondsPerDay],
  ["days", millisecondsPerDay],
  ["week", 7 * millisecondsPerDay],
  ["weeks", 7 * millisecondsPerDay],
]);

const form = /^(\d{1,15})\s*([A-Za-z]*)$/;

/** Bytes; a bare number counts bytes. `undefined` where the text is no size. */
export function parseByteSize(text: string): bigint | undefined {
  const match = form.exec(text.trim());
  const unit = bytesPerUnit.get(match?.[2] ?? "?");
  return match?.[1] === undefined || unit === undefined ? undefined : BigInt(match[1]) * unit;
}

/** Milliseconds; a bare number counts seconds. `undefined` where the text is no time. */
export function parseDurationMs(text: string): number | undefined {
  const match = form.exec(text.trim());
  const unit = millisecondsPerUnit.get(match?.[2] ?? "?");
  return match?.[1] === undefined || unit === undefined ? undefined : Number(match[1]) * unit;
}
