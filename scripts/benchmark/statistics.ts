// SPDX-License-Identifier: Apache-2.0
/** What is told of runs that were repeated. */

/** NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Of the medians. */
export function ratio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours) / median(theirs);
}

/** `1.23 s (1.20)`: median and minimum. */
export function secondsText(values: readonly number[]): string {
  return `${median(values).toFixed(2)} s (${Math.min(...values).toFixed(2)})`;
}

/** `150 MiB (149)`, of bytes. */
export function mebibytesText(values: readonly number[]): string {
  const text = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  return `${text(median(values))} MiB (${text(Math.min(...values))})`;
}
