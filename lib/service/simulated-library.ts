// SPDX-License-Identifier: Apache-2.0
/** A library of simulated devices: what `init --simulated` makes, and how the media server reaches it. */
import { MediumChanger } from "../device/medium-changer.ts";
import { TapeDrive } from "../device/tape-drive.ts";
import type { LibraryAccess } from "../media-server/environment.ts";
import { nativeBinding } from "../native/binding.ts";

const mib = 1024n * 1024n;

/** One changer, two drives, eight slots, two import/export elements; a cartridge in every slot. */
export function createSimulatedLibrary(folder: string, capacityBytes: bigint): void {
  nativeBinding().createSimulatedLibrary(folder, {
    drives: 2,
    storageElements: 8,
    importExportElements: 2,
    barcodes: Array.from({ length: 8 }, (_, index) => `TMK00${index + 1}L9`),
    capacityBytes,
    earlyWarningBytes: capacityBytes / 32n > 64n * mib ? 64n * mib : capacityBytes / 32n,
    bufferBytes: Number(32n * mib),
  });
}

export function simulatedLibraryAccess(folder: string): LibraryAccess {
  return {
    openChanger: () => MediumChanger.open({ kind: "simulated", folder, unit: "changer" }),
    openDrive: (index) => TapeDrive.open({ kind: "simulated", folder, unit: `drive-${index}` }),
  };
}
