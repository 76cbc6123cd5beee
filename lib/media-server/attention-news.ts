// SPDX-License-Identifier: Apache-2.0
/** What unit attentions say about a job that is just writing (fault catalogue, U1 to U7, U10). */
import type { NativeResult } from "../native/binding.ts";

/**
 * `harmless`: the tape stands where it stood. `settings`: so it does, but mode parameters may have changed (U3).
 * `ejectWanted`: a person has pressed the button (U7). `position`: all that was known of the tape is open (PL).
 */
export type AttentionNews = "harmless" | "settings" | "ejectWanted" | "position";

/** By weight; of several that were waiting the gravest decides. */
const weights: readonly AttentionNews[] = ["harmless", "settings", "ejectWanted", "position"];

/**
 * News that concern neither the tape nor what was set, by ASC and ASCQ (SPC-5 annex F): warnings of temperature and the
 * like, log parameters, priority, timestamp, encryption parameters of others, capacity, inquiry data of other units.
 */
const harmless: readonly (readonly [asc: number, ascqs: readonly number[] | "any"])[] = [
  [0x0b, "any"],
  [0x2a, [0x02, 0x08, 0x09, 0x0a, 0x0b, 0x10]],
  [0x3f, [0x0e, 0x0f, 0x10, 0x11, 0x12]],
];

export function newsOf(attentions: readonly Pick<NativeResult, "sense">[]): AttentionNews {
  const all = attentions.map(newsOfOne);
  return weights.findLast((weight) => all.includes(weight)) ?? "harmless";
}

function newsOfOne({ sense }: Pick<NativeResult, "sense">): AttentionNews {
  if (sense === undefined) return "position";
  const { asc, ascq } = sense;
  if (harmless.some(([each, ascqs]) => each === asc && (ascqs === "any" || ascqs.includes(ascq)))) return "harmless";
  if (asc === 0x2a && ascq === 0x01) return "settings";
  return isEjectWanted(sense) ? "ejectWanted" : "position";
}

/** OPERATOR REQUEST OR STATE CHANGE INPUT, OPERATOR MEDIUM REMOVAL REQUEST. */
export function isEjectWanted({ asc, ascq }: { readonly asc: number; readonly ascq: number }): boolean {
  return asc === 0x5a && ascq <= 0x01;
}
