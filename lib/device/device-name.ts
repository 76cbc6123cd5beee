// SPDX-License-Identifier: Apache-2.0
import type { DeviceAddress } from "../native/binding.ts";

/** What messages call a device: short, and without credentials. */
export function deviceName(address: DeviceAddress): string {
  switch (address.kind) {
    case "simulated":
      return address.unit;
    case "sg":
    case "replay":
      return address.path;
    case "iscsi":
      // Up to the last @ there may be a password, and it may contain any character.
      return address.url.replace(/^.*@/s, "").replace(/^iscsi:\/\//, "");
  }
}
