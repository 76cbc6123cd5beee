// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";

/** Whole numbers below what is asked for, the same for the same seed. */
export function randomNumbers(seed: number): (limit: number) => number {
  let count = 0;
  return (limit) => createHash("sha256").update(`${seed}:${count++}`).digest().readUInt32BE() % limit;
}
