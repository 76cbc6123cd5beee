// SPDX-License-Identifier: Apache-2.0
/** The driver alone: tape drives and medium changers, no catalog, no service. */
export { TapeDrive } from "./tape-drive.ts";
export { MediumChanger } from "./medium-changer.ts";
export type { Attendance, WaitOptions } from "./device.ts";
export type { PositionSource } from "./tape-position.ts";
export { probeChanger, probeDrive } from "./capabilities.ts";
export type { ChangerCapabilitiesFound, CommandSupport, DriveCapabilities } from "./capabilities.ts";
export { additionalSense } from "./additional-sense.ts";
export type { AdditionalSense, Disposition } from "./additional-sense.ts";
export { deviceAddressText, parseDeviceAddress } from "./address.ts";
export type * from "../native/device.ts";
