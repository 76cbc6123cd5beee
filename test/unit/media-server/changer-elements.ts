// SPDX-License-Identifier: Apache-2.0
/** Elements as a changer may tell them. */
import type { Element } from "../../../lib/native/binding.ts";

/** A full element where `volumeTag` is given, be it the empty text of one whose barcode cannot be read. */
export function changerElement(
  address: number,
  type: Element["type"],
  told: Partial<Pick<Element, "volumeTag" | "accessible" | "sourceAddress" | "exception">> = {},
): Element {
  return {
    address,
    type,
    full: told.volumeTag !== undefined,
    accessible: true,
    placedByOperator: false,
    volumeTagField: Buffer.alloc(0),
    exportEnabled: false,
    importEnabled: false,
    inverted: false,
    disabled: false,
    mediumType: "unspecified",
    ...told,
  };
}
