// SPDX-License-Identifier: Apache-2.0
/** Which of the opened drives stands in which element of the changer. */
import { mapDrives } from "../device/drive-mapping.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import type { Element } from "../native/binding.ts";

export interface DriveBays {
  readonly drives: readonly TapeDrive[];
  /** By address of the data transfer element. Elements of drives that this host does not see are absent. */
  readonly byElement: ReadonlyMap<number, TapeDrive>;
}

/**
 * By serial number. Where the changer does not tell the serial numbers of some drives, those that are left stand in the
 * elements that are left, in the order of the configuration.
 */
export async function standDrives(bays: readonly Element[], drives: readonly TapeDrive[]): Promise<DriveBays> {
  const known = await Promise.all(drives.map(async (drive) => ({ drive, ...(await drive.inquiry()) })));
  const mappings = mapDrives(bays, known);
  const byElement = new Map<number, TapeDrive>();
  for (const mapping of mappings) {
    if (mapping.kind === "found") byElement.set(mapping.elementAddress, mapping.drive.drive);
  }
  const placed = new Set(byElement.values());
  const left = drives.filter((drive) => !placed.has(drive));
  for (const mapping of mappings) {
    if (mapping.kind !== "untold") continue;
    const drive = left.shift();
    if (drive !== undefined) byElement.set(mapping.elementAddress, drive);
  }
  return { drives, byElement };
}
