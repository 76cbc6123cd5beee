// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "./usage-error.ts";

/** @throws UsageError unless the text is a whole number within the limits; undefined where none was given */
export function numberBetween(
  text: string | undefined,
  least: number,
  most: number,
  option: string,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not "${text}"`);
}
