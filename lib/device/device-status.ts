// SPDX-License-Identifier: Apache-2.0
/** Very high frequency data of a drive: log page 11h, parameter 0 (ADC-3 6.1.2.2; SSC-4 8.3.5). */
import type { LogPage } from "./log-pages.ts";

export interface DriveStatus {
  readonly removalPrevented: boolean;
  readonly hostInitiatedUnload: boolean;
  /** Medium auxiliary memory can be read. */
  readonly auxiliaryMemoryAccessible: boolean;
  readonly compressionEnabled: boolean;
  readonly writeProtected: boolean;
  readonly cleaningRequested: boolean;
  readonly cleaningRequired: boolean;
  /** What follows is about to change: the drive is between two states. */
  readonly inTransition: boolean;
  readonly robotMayAccess: boolean;
  readonly mediumPresent: boolean;
  readonly mediumSeated: boolean;
  readonly mediumThreaded: boolean;
  readonly mediumMounted: boolean;
  readonly activity: DriveActivity;
  readonly activityCode: number;
  readonly encryptionParametersPresent: boolean;
  /** An external encryption control has something to do. */
  readonly encryptionServiceRequest: boolean;
  readonly recoveryRequested: boolean;
  readonly interfaceChanged: boolean;
  readonly tapeAlertChanged: boolean;
}

const activities = [
  "none",
  "cleaning",
  "loading",
  "unloading",
  "other with a medium",
  "reading",
  "writing",
  "locating",
  "rewinding",
  "erasing",
  "formatting",
  "calibrating",
  "other",
  "updating microcode",
  "reading encrypted",
  "writing encrypted",
  "diagnosing",
] as const;

export type DriveActivity = (typeof activities)[number] | "unknown";

/** What a code of DT DEVICE ACTIVITY means. */
export function driveActivity(code: number): DriveActivity {
  return activities[code] ?? "unknown";
}

/** @returns nothing where the page has no such parameter, or the drive says that its bits mean nothing yet */
export function driveStatus(page: LogPage): DriveStatus | undefined {
  const parameter = page.page === 0x11 ? page.parameters.find(({ code }) => code === 0) : undefined;
  if (parameter === undefined || parameter.value.length < 4) return undefined;
  const [flags = 0, medium = 0, activityCode = 0, requests = 0] = parameter.value;
  const dataInitialised = (flags & 0x01) !== 0;
  if (!dataInitialised) return undefined;
  return {
    removalPrevented: (flags & 0x80) !== 0,
    hostInitiatedUnload: (flags & 0x40) !== 0,
    auxiliaryMemoryAccessible: (flags & 0x20) !== 0,
    compressionEnabled: (flags & 0x10) !== 0,
    writeProtected: (flags & 0x08) !== 0,
    cleaningRequested: (flags & 0x04) !== 0,
    cleaningRequired: (flags & 0x02) !== 0,
    inTransition: (medium & 0x80) !== 0,
    robotMayAccess: (medium & 0x20) !== 0,
    mediumPresent: (medium & 0x10) !== 0,
    mediumSeated: (medium & 0x04) !== 0,
    mediumThreaded: (medium & 0x02) !== 0,
    mediumMounted: (medium & 0x01) !== 0,
    activity: driveActivity(activityCode),
    activityCode,
    encryptionParametersPresent: (requests & 0x10) !== 0,
    encryptionServiceRequest: (requests & 0x08) !== 0,
    recoveryRequested: (requests & 0x04) !== 0,
    interfaceChanged: (requests & 0x02) !== 0,
    tapeAlertChanged: (requests & 0x01) !== 0,
  };
}
