// SPDX-License-Identifier: Apache-2.0
/** How the media server reaches the devices of the configured library. */
import { deviceName } from "../device/device-name.ts";
import { MediumChanger } from "../device/medium-changer.ts";
import { TapeDrive } from "../device/tape-drive.ts";
import { ConfigError, DeviceError } from "../errors.ts";
import type { LibraryAccess } from "../media-server/environment.ts";
import type { TidemarkConfig } from "./config.ts";
import { simulatedLibraryAddresses } from "./simulated-library.ts";
import type { LibraryAddresses } from "./simulated-library.ts";

/** Addresses of the configured library's devices. */
export function libraryAddresses(library: TidemarkConfig["library"]): LibraryAddresses {
  return library.kind === "simulated" ? simulatedLibraryAddresses(library.folder, library.changer) : library;
}

/** Drives are held for this process alone while it has them open. */
export function libraryAccess(library: TidemarkConfig["library"]): LibraryAccess {
  const { changer, drives } = libraryAddresses(library);
  return {
    driveNames: drives.map(deviceName),
    openDrive: (drive) => {
      const address = drives[drive];
      if (address === undefined) {
        throw new DeviceError(`the configuration names ${drives.length} drives: there is no drive ${drive}`, {
          code: "ERR_TAPE_DEVICE_UNKNOWN",
        });
      }
      return TapeDrive.open(address, { exclusive: true });
    },
    openChanger: () => {
      if (changer === undefined) throw new ConfigError("the configured library has no changer: see library.changer");
      return MediumChanger.open(changer);
    },
  };
}
