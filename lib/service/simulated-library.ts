// SPDX-License-Identifier: Apache-2.0
/** A library of simulated devices: what `init --simulated` makes, and where its devices are. */
import { nativeBinding } from "../native/binding.ts";
import type { DeviceAddress, SimulatedBehaviour } from "../native/binding.ts";

const mib = 1024n * 1024n;
const simulatedDrives = 2;

/** Where the changer and the drives of a library are. */
export interface LibraryAddresses {
  /** Absent where persons or the drives themselves change cartridges. */
  readonly changer?: DeviceAddress;
  readonly drives: readonly DeviceAddress[];
}

/** One changer, two drives, eight slots, two import/export elements; a cartridge in every slot. */
export function createSimulatedLibrary(
  folder: string,
  options: { readonly capacityBytes: bigint; readonly profile?: SimulatedBehaviour },
): void {
  const { capacityBytes } = options;
  nativeBinding().createSimulatedLibrary(folder, {
    ...options,
    drives: simulatedDrives,
    storageElements: 8,
    importExportElements: 2,
    barcodes: Array.from({ length: 8 }, (_, index) => `TMK00${index + 1}L9`),
    earlyWarningBytes: capacityBytes / 32n > 64n * mib ? 64n * mib : capacityBytes / 32n,
    bufferBytes: Number(32n * mib),
  });
}

export function simulatedLibraryAddresses(folder: string, hasChanger: boolean): LibraryAddresses {
  return {
    ...(hasChanger ? { changer: { kind: "simulated", folder, unit: "changer" } } : {}),
    drives: Array.from({ length: simulatedDrives }, (_, index) => ({
      kind: "simulated",
      folder,
      unit: `drive-${index}`,
    })),
  };
}
