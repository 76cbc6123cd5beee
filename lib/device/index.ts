// SPDX-License-Identifier: Apache-2.0
/** The driver alone: tape drives and medium changers, no catalog, no service. */
export * from "../errors.ts";
export { TapeDrive } from "./tape-drive.ts";
export { MediumChanger } from "./medium-changer.ts";
export type { Attendance, WaitOptions } from "./device.ts";
export type { PositionSource } from "./tape-position.ts";
export { probeChanger, probeDrive } from "./capabilities.ts";
export type {
  ChangerCapabilitiesFound,
  ChangerCommand,
  CommandSupport,
  DriveCapabilities,
  DriveCommand,
  PositionFormSupport,
} from "./capabilities.ts";
export { additionalSense } from "./additional-sense.ts";
export type { AdditionalSense } from "./additional-sense.ts";
export type { Disposition } from "./additional-sense-table.ts";
export { deviceAddressText, looksLikeDeviceAddress, parseDeviceAddress } from "./address.ts";
export {
  attributeId,
  attributeName,
  attributeValue,
  encodeAttribute,
  encodeVolumeCoherency,
  volumeChangeReference,
  volumeCoherency,
  writableAttributes,
} from "./attributes.ts";
export type { AttributeFormat, AttributeValue, RawAttribute, VolumeCoherency } from "./attributes.ts";
export { density, densityText } from "./densities.ts";
export type { Density } from "./densities.ts";
export { discoverDevices, unitSerialNumber } from "./discovery.ts";
export type { DiscoveredDevice, DiscoveryFileSystem, DiscoveryOptions } from "./discovery.ts";
export { mapDrives, mappingText } from "./drive-mapping.ts";
export type { DriveMapping, MappedDrive, MappedElement } from "./drive-mapping.ts";
export { driveActivity } from "./device-status.ts";
export type { DriveActivity } from "./device-status.ts";
export { compressionRatio, errorCounters, partitionCapacities, sequentialAccess, tapeUsage } from "./log-extracts.ts";
export type {
  CompressionRatio,
  ErrorCounters,
  PartitionCapacity,
  SequentialAccess,
  TapeUsage,
} from "./log-extracts.ts";
export { logPageName, logValues } from "./log-pages.ts";
export type { LogParameter, LogValue } from "./log-pages.ts";
export { mtStatus, mtStatusText } from "./mt-format.ts";
export type { DriveFacts, MtFlag, MtStatus } from "./mt-format.ts";
export { mtxDrives, mtxSlots, mtxStatusText } from "./mtx-format.ts";
export type { MtxElement } from "./mtx-format.ts";
export { tapeAlert, tapeAlertActions, tapeAlertsFromBits, tapeAlertsFromParameters } from "./tape-alert.ts";
export type { TapeAlert, TapeAlertAction, TapeAlertScope, TapeAlertSeverity } from "./tape-alert.ts";
export type * from "../native/device.ts";
