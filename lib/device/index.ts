// SPDX-License-Identifier: Apache-2.0
/** The driver alone: tape drives and medium changers, no catalog, no service. */
export { TapeDrive } from "./tape-drive.ts";
export { MediumChanger } from "./medium-changer.ts";
export { additionalSense } from "./additional-sense.ts";
export type { AdditionalSense, Disposition } from "./additional-sense.ts";
export type {
  DeviceAddress,
  DeviceOptions,
  NativeBlockScan,
  NativeElement,
  NativeInquiry,
  NativePosition,
  NativeReadOutcome,
  NativeResult,
  NativeSense,
  NativeWriteOutcome,
} from "../native/binding.ts";
