// SPDX-License-Identifier: Apache-2.0
/** Which cartridge is in a drive, where only its label can tell: there is no robot that reads barcodes. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { BlankCheckError, FormatError, IllegalRequestError } from "../errors.ts";
import { isMediumFault } from "../protocol/medium-fault.ts";
import type { CartridgeEntry, CartridgeLocation, CartridgeRegister } from "../protocol/volume.ts";
import { broughtBack } from "./inventory.ts";
import { readLabel } from "./tape-label.ts";

const unreadable = [FormatError, BlankCheckError, IllegalRequestError] as const;

export interface CartridgeSeen {
  /** Absent where it carries no label of ours. */
  readonly volumeTag?: string;
  readonly kind: "data" | "blank" | "foreign";
}

/**
 * Reads the label, which rewinds the tape. What cannot be read there is somebody else's; that the drive failed, or told
 * of something else first, says nothing about the cartridge.
 */
export async function lookAtLabel(drive: TapeDrive): Promise<CartridgeSeen> {
  try {
    const label = await readLabel(drive);
    if (label.kind === "ours") return { kind: "data", volumeTag: label.header.barcode };
    return { kind: label.kind === "blank" ? "blank" : "foreign" };
  } catch (error) {
    if (isMediumFault(error) || unreadable.some((kind) => error instanceof kind)) return { kind: "foreign" };
    throw error;
  }
}

/** Whether what is in the drive may be taken for the wanted cartridge. */
export function isWanted(seen: CartridgeSeen, volumeTag: string, known: CartridgeEntry | undefined): boolean {
  if (seen.volumeTag !== undefined) return seen.volumeTag === volumeTag;
  // One that has no label yet: the person who put it in says by that which one it is, and it is about to be labelled.
  return known?.kind !== "data";
}

/** Puts down where a cartridge is; one that nobody has met before is entered. */
export function noteSeen(
  cartridges: CartridgeRegister,
  seen: { readonly volumeTag: string; readonly kind: CartridgeEntry["kind"] },
  location: CartridgeLocation,
): void {
  const { volumeTag, kind } = seen;
  const known = cartridges.change(volumeTag, (now) => ({ ...broughtBack(now), kind, location }));
  if (known === undefined) cartridges.put({ volumeTag, worm: false, writeProtected: false, kind, location });
}
