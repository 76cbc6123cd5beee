// SPDX-License-Identifier: Apache-2.0
/**
 * What a library does wrong and no probe can find out beforehand, by name. A case that names one still runs where the
 * library is listed with it, and must then fail: an exception that is no longer true is found by that.
 */

const reasons = {
  "truthful WORM bit": "mode page 1Dh says of every tape that it can be written once",
  "LOAD and UNLOAD": "LOAD UNLOAD is taken for START STOP UNIT, whose bits mean something else",
  "foreground self test": "SEND DIAGNOSTIC knows the default self test alone",
  "stop of SPACE at filemarks": "SPACE over blocks goes on over filemarks",
  "SPACE back over filemarks": "SPACE back over filemarks ends one object too far back",
  "SPACE over sequential filemarks": "SPACE knows blocks, filemarks and end of data alone",
  "end of data with fixed blocks": "READ of fixed blocks at end of data is a medium error",
  "other lengths among fixed blocks": "READ of fixed blocks finds a medium error in a block of another length",
  "SET CAPACITY that is listed": "REPORT SUPPORTED OPERATION CODES has it, and it is refused as unknown",
  "values in log pages": "all log parameters are zero",
  "values in attributes": "all attributes are zero",
} as const satisfies Record<string, string>;

export type Exception = keyof typeof reasons;

export function isException(name: string): name is Exception {
  return Object.hasOwn(reasons, name);
}

/** Linux's tgt 1.0.85, by way of whatever transport. */
export const tgtExceptions: readonly Exception[] = [
  "truthful WORM bit",
  "LOAD and UNLOAD",
  "foreground self test",
  "stop of SPACE at filemarks",
  "SPACE back over filemarks",
  "SPACE over sequential filemarks",
  "end of data with fixed blocks",
  "other lengths among fixed blocks",
  "SET CAPACITY that is listed",
];

/** The simulator's profiles. */
export const simulatedExceptions = {
  "lto-9": [],
  tgt: [
    "LOAD and UNLOAD",
    "stop of SPACE at filemarks",
    "SPACE back over filemarks",
    "SPACE over sequential filemarks",
    "end of data with fixed blocks",
    "other lengths among fixed blocks",
  ],
  zeros: ["values in log pages", "values in attributes"],
  "descriptor-sense": [],
} as const satisfies Record<string, readonly Exception[]>;
