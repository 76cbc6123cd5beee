// SPDX-License-Identifier: Apache-2.0
/**
 * What a sense key with its additional sense code means, and what to do. The most exact entry of the table wins:
 * key/ASC/ASCQ, then ASC/ASCQ of any key, then key/ASC, then ASC, then the key alone.
 */
import { dispositions, keyedTexts, senseTexts } from "./additional-sense-table.ts";
import type { Disposition } from "./additional-sense-table.ts";

/** The meaning of a sense key with ASC and ASCQ (SPC-5 annex F). */
export interface AdditionalSense {
  /** The text as one word, for logs and programs: `writeAppendError`. */
  readonly name: string;
  readonly text: string;
  readonly disposition: Disposition;
}

/** What a combination means; the text of its sense key where the combination is not known. */
export function additionalSense(senseKey: number, asc: number, ascq: number): AdditionalSense {
  const key = senseKey.toString(16).toUpperCase();
  const keyed = [`${key}/${hex(asc)}/${hex(ascq)}`, `${key}/${hex(asc)}/*`, `${key}/*/*`] as const;
  const text =
    keyedTexts[keyed[0]] ??
    senseTexts[`${hex(asc)}/${hex(ascq)}`] ??
    keyedTexts[keyed[1]] ??
    countedText(asc, ascq) ??
    keyedTexts[keyed[2]] ??
    "reserved sense key";
  const disposition = dispositions[keyed[0]] ?? dispositions[keyed[1]] ?? dispositions[keyed[2]] ?? "failJob";
  return { name: nameOf(text), text: text.replace("{ascq}", hex(ascq)), disposition };
}

/** Whether T10's meaning of an additional sense code is known here, whatever the sense key. */
export function isKnownAdditionalSense(asc: number, ascq: number): boolean {
  const text = senseTexts[`${hex(asc)}/${hex(ascq)}`] ?? countedText(asc, ascq);
  return text !== undefined || (asc === 0 && ascq === 0);
}

/** Codes whose ASCQ is a number: of a component (only from 80h on), of a tag, of an algorithm (SPC-5 annex F). */
function countedText(asc: number, ascq: number): string | undefined {
  return asc === 0x40 && ascq < 0x80 ? undefined : senseTexts[`${hex(asc)}/*`];
}

function nameOf(text: string): string {
  return text.replace(/ ?\{ascq\}h/, "").replaceAll(/[^A-Za-z0-9_]+(.?)/g, (_, next: string) => next.toUpperCase());
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
