// SPDX-License-Identifier: Apache-2.0
/** Which of the configured drives stands in which element, by serial numbers that outlive the process. */
import { mapDrives } from "../device/drive-mapping.ts";
import type { Element } from "../native/binding.ts";
import type { DriveRegister } from "../protocol/library-state.ts";
import { changeDrive, driveEntry } from "./drive-handles.ts";

/** Vendor and product in front of the serial number of a whole T10 designator (SPC-5 7.7.6.4). */
const designatorPrefixBytes = 24;

/**
 * The element of each drive. By serial number; where the changer does not tell those of some elements, the drives that
 * are left stand in them in the order of the configuration. A drive that another process uses has its serial number
 * from when it was last opened.
 */
export function placeDrives(
  elements: readonly Element[],
  driveNames: readonly string[],
  register: DriveRegister,
): ReadonlyMap<number, number> {
  const known = driveNames.map((name, drive) => {
    const { serialNumber } = driveEntry(register, name);
    return { drive, ...(serialNumber === undefined ? {} : { serialNumber }) };
  });
  const serials = new Set(known.flatMap(({ serialNumber }) => serialNumber?.trim() ?? []));
  const mappings = mapDrives(
    elements.map((element) => withPlainSerial(element, serials)),
    known,
  );
  const places = new Map<number, number>();
  for (const mapping of mappings) {
    if (mapping.kind === "found") places.set(mapping.drive.drive, mapping.elementAddress);
  }
  const left = known.filter(({ drive }) => !places.has(drive));
  for (const mapping of mappings) {
    const next = mapping.kind === "untold" ? left.shift() : undefined;
    if (next !== undefined) places.set(next.drive, mapping.elementAddress);
  }
  notePlaces(places, driveNames, register);
  return places;
}

function notePlaces(places: ReadonlyMap<number, number>, names: readonly string[], register: DriveRegister): void {
  for (const [drive, elementAddress] of places) {
    const name = names[drive];
    if (name === undefined) continue;
    // Asked first: this is looked at often, and seldom new.
    if (driveEntry(register, name).elementAddress !== elementAddress)
      changeDrive(register, name, (entry) => ({ ...entry, elementAddress }));
  }
}

/** Of a whole designator the serial number alone: the register keeps neither vendor nor product. */
function withPlainSerial(element: Element, serials: ReadonlySet<string>): Element {
  const { driveSerialNumber } = element;
  if (driveSerialNumber === undefined || driveSerialNumber.length <= designatorPrefixBytes) return element;
  const rest = driveSerialNumber.slice(designatorPrefixBytes).trim();
  return serials.has(rest) ? { ...element, driveSerialNumber: rest } : element;
}
