// SPDX-License-Identifier: Apache-2.0
/**
 * Which drive stands in which element of a changer. Only the serial number in the element's device identifier
 * (DVCID, SMC-3 6.11.5) decides: that the first drive of the machine stood in the first element was true until
 * somebody swapped two cables.
 */

/** What is needed of a changer's element; others than data transfer elements are passed over. */
export interface MappedElement {
  readonly address: number;
  readonly type: "transport" | "storage" | "importExport" | "dataTransfer";
  readonly driveSerialNumber?: string;
}

/** What is needed of a drive, such as `DiscoveredDevice`. */
export interface MappedDrive {
  readonly vendor?: string;
  readonly product?: string;
  readonly serialNumber?: string;
}

/** Which drive of this machine stands in an element of the changer, by serial number. */
export type DriveMapping<Drive> =
  | { readonly kind: "found"; readonly elementAddress: number; readonly serialNumber: string; readonly drive: Drive }
  /** No drive that this machine sees has this serial number. */
  | { readonly kind: "absent"; readonly elementAddress: number; readonly serialNumber: string }
  /** Several drives, or several elements, have this serial number: none of them can be trusted. */
  | {
      readonly kind: "ambiguous";
      readonly elementAddress: number;
      readonly serialNumber: string;
      readonly drives: readonly Drive[];
      readonly elementAddresses: readonly number[];
    }
  /** The changer does not tell which drive stands here. */
  | { readonly kind: "untold"; readonly elementAddress: number };

/** One entry a data transfer element, in the changer's order. */
export function mapDrives<Drive extends MappedDrive>(
  elements: readonly MappedElement[],
  drives: readonly Drive[],
): readonly DriveMapping<Drive>[] {
  const bays = elements.filter(({ type }) => type === "dataTransfer");
  return bays.map((bay): DriveMapping<Drive> => {
    const elementAddress = bay.address;
    const serialNumber = trimmed(bay.driveSerialNumber);
    if (serialNumber === undefined) return { kind: "untold", elementAddress };
    const matching = drives.filter((drive) => isSameDrive(serialNumber, drive));
    const claiming = bays.filter((other) => trimmed(other.driveSerialNumber) === serialNumber);
    if (matching.length > 1 || claiming.length > 1) {
      const elementAddresses = claiming.map(({ address }) => address);
      return { kind: "ambiguous", elementAddress, serialNumber, drives: matching, elementAddresses };
    }
    const drive = matching[0];
    return drive === undefined
      ? { kind: "absent", elementAddress, serialNumber }
      : { kind: "found", elementAddress, serialNumber, drive };
  });
}

/** The mapping in words, for tables and messages. */
export function mappingText(mapping: DriveMapping<MappedDrive & { readonly sgPath?: string }>): string {
  switch (mapping.kind) {
    case "found":
      return mapping.drive.sgPath ?? mapping.serialNumber;
    case "absent":
      return `not on this machine (serial number ${mapping.serialNumber})`;
    case "ambiguous":
      return mapping.elementAddresses.length > 1
        ? `unclear: elements ${mapping.elementAddresses.join(", ")} all name serial number ${mapping.serialNumber}`
        : `unclear: ${mapping.drives.length} drives have serial number ${mapping.serialNumber}`;
    case "untold":
      return "the changer does not tell";
  }
}

/**
 * Some changers give the whole T10 designator (vendor, product, serial number in fields of 8, 16 and the rest,
 * SPC-5 7.7.6.4) where others give the serial number alone.
 */
function isSameDrive(told: string, drive: MappedDrive): boolean {
  const serialNumber = trimmed(drive.serialNumber);
  if (serialNumber === undefined) return false;
  if (told === serialNumber) return true;
  const { vendor, product } = drive;
  if (vendor === undefined || product === undefined) return false;
  return told === `${vendor.padEnd(8)}${product.padEnd(16)}${serialNumber}`;
}

function trimmed(text: string | undefined): string | undefined {
  const rest = text?.replaceAll(/^[\0 ]+|[\0 ]+$/g, "");
  return rest === "" ? undefined : rest;
}
