// SPDX-License-Identifier: Apache-2.0
/** Which element of a changer an operator means: its address, the barcode in it, or the serial number of a drive. */
import type { Element } from "../device/index.ts";
import { DeviceError, OperatorError } from "../errors.ts";

export const elementTypeNames: Readonly<Record<Element["type"], string>> = {
  transport: "transport",
  storage: "slot",
  importExport: "import/export",
  dataTransfer: "drive",
};

/** A barcode goes before an address: a barcode of digits alone is rare, and is what is written on the cartridge. */
export function findElement(elements: readonly Element[], given: string): Element {
  const tagged = elements.filter(({ volumeTag }) => volumeTag === given && given !== "");
  if (tagged.length > 1) {
    const places = tagged.map(({ address }) => address).join(" and ");
    throw new DeviceError(`barcode ${given} is in elements ${places}: name the element by its address`, {
      code: "ERR_TAPE_DEVICE_UNKNOWN",
    });
  }
  const found =
    tagged[0] ??
    elements.find(({ driveSerialNumber }) => driveSerialNumber === given) ??
    elements.find(({ address }) => String(address) === given);
  if (found !== undefined) return found;
  throw new OperatorError(
    `the library has no element with address ${given}, no cartridge with this barcode and no drive with this serial number`,
    { code: "ERR_TAPE_CARTRIDGE_MISSING" },
  );
}

/** `cartridge TMK001L9`, or `the cartridge in slot 1001`. */
export function cartridgeText({ address, type, volumeTag }: Element): string {
  const place = `${elementTypeNames[type]} ${address}`;
  return volumeTag === undefined || volumeTag === "" ? `the cartridge in ${place}` : `cartridge ${volumeTag}`;
}

export function placeText({ address, type }: Element): string {
  return `${elementTypeNames[type]} ${address}`;
}

/** Something to take: an element with a cartridge. @throws OperatorError */
export function fullElement(elements: readonly Element[], given: string): Element {
  const element = findElement(elements, given);
  if (element.full) return element;
  throw new OperatorError(`${placeText(element)} is empty`, { code: "ERR_TAPE_CARTRIDGE_MISSING" });
}

/** Somewhere to go: an element without a cartridge. @throws OperatorError */
export function emptyElement(elements: readonly Element[], given: string): Element {
  const element = findElement(elements, given);
  if (!element.full) return element;
  throw new OperatorError(`${placeText(element)} is taken by ${cartridgeText(element)}`);
}

/** The first element of a type that is empty and that the robot can use. @throws OperatorError where none is */
export function firstEmpty(elements: readonly Element[], type: Element["type"]): Element {
  const found = elements.find((element) => element.type === type && !element.full && element.exception === undefined);
  if (found !== undefined) return found;
  throw new OperatorError(`no ${elementTypeNames[type]} element is empty`);
}

/** Where a drive's cartridge goes back to: where it came from, else the first empty slot. */
export function homeOf(elements: readonly Element[], bay: Element): Element {
  const home = elements.find(
    ({ address, type, full }) => address === bay.sourceAddress && type !== "dataTransfer" && !full,
  );
  return home ?? firstEmpty(elements, "storage");
}
