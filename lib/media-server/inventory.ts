// SPDX-License-Identifier: Apache-2.0
/** The elements of a changer against the register of cartridges. */
import { additionalSense } from "../device/additional-sense.ts";
import type { Element } from "../native/binding.ts";
import type { CartridgeEntry, CartridgeLocation, CartridgeRegister } from "../protocol/volume.ts";
import type { LibraryElement } from "./library.ts";
import { isCleaningCartridge, tagOf } from "./library-model.ts";

/** A key of sense data that the table of additional sense codes knows these codes under; exceptions carry none. */
const exceptionKey = 4;

/**
 * Writes down where every cartridge is that the changer sees. Those that were in the library and are not seen any more
 * are outside of it. Gives the barcodes of those that came in.
 */
export function reconcile(
  elements: readonly Element[],
  cartridges: CartridgeRegister,
  cleaningUses: number,
): readonly string[] {
  const seen = new Set<string>();
  const arrived: string[] = [];
  for (const element of elements) {
    const volumeTag = element.full ? tagOf(element) : undefined;
    if (volumeTag === undefined || seen.has(volumeTag)) continue;
    seen.add(volumeTag);
    const known = cartridges.get(volumeTag);
    if (known !== undefined && isOnItsWayOut(element, known)) continue;
    if (known?.location.kind !== "library") arrived.push(volumeTag);
    const location: CartridgeLocation = { kind: "library", elementAddress: element.address };
    if (known === undefined) cartridges.put(newCartridge(element, volumeTag, location, cleaningUses));
    else if (!isSamePlace(known.location, location))
      cartridges.change(volumeTag, (now) => ({ ...broughtBack(now), location }));
  }
  for (const known of cartridges.list()) {
    if (known.location.kind === "library" && !seen.has(known.volumeTag))
      cartridges.change(known.volumeTag, (now) => ({ ...now, location: { kind: "outside" } }));
  }
  return arrived;
}

/** Who had it in their hands may have moved its tab. */
export function broughtBack(known: CartridgeEntry): CartridgeEntry {
  return known.location.kind === "library" ? known : { ...known, writeProtected: false };
}

/** Exported: the robot has put it into the mail slot, and a person has not yet taken it. */
export function isOnItsWayOut(element: Element, known: CartridgeEntry): boolean {
  return element.type === "importExport" && !element.placedByOperator && known.location.kind !== "library";
}

/** Notes where a cartridge is now. */
export function noteLocation(
  cartridges: CartridgeRegister,
  volumeTag: string | undefined,
  location: CartridgeLocation,
): void {
  if (volumeTag === undefined) return;
  cartridges.change(volumeTag, (known) => (isSamePlace(known.location, location) ? undefined : { ...known, location }));
}

/** An element as others see it. */
export function libraryElement(element: Element, drive: number | undefined): LibraryElement {
  const { address, type, full, sourceAddress, driveSerialNumber, exception } = element;
  const volumeTag = full ? tagOf(element) : undefined;
  return {
    address,
    type,
    full,
    ...(volumeTag === undefined ? {} : { volumeTag }),
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
    ...(driveSerialNumber === undefined ? {} : { driveSerialNumber }),
    ...(drive === undefined ? {} : { drive }),
    ...(exception === undefined ? {} : { exception: exceptionText(exception) }),
  };
}

function exceptionText({ asc, ascq }: { readonly asc: number; readonly ascq: number }): string {
  const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, "0");
  const { text } = additionalSense(exceptionKey, asc, ascq);
  // 80h and above are each maker's own (SPC-5 4.4.2.3).
  return asc >= 0x80 ? `${hex(asc)}/${hex(ascq)}, see the library's manual` : `${hex(asc)}/${hex(ascq)}, ${text}`;
}

function newCartridge(
  element: Element,
  volumeTag: string,
  location: CartridgeLocation,
  cleaningUses: number,
): CartridgeEntry {
  const isCleaning = isCleaningCartridge(element);
  return {
    volumeTag,
    kind: isCleaning ? "cleaning" : "unknown",
    location,
    worm: element.mediumType === "worm",
    writeProtected: false,
    ...(isCleaning ? { cleanings: { used: 0, limit: cleaningUses } } : {}),
  };
}

function isSamePlace(left: CartridgeLocation, right: CartridgeLocation): boolean {
  if (left.kind === "library" && right.kind === "library") return left.elementAddress === right.elementAddress;
  if (left.kind === "vault" && right.kind === "vault") return left.name === right.name;
  return left.kind === right.kind;
}
