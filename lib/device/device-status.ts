// SPDX-License-Identifier: Apache-2.0
/** What a drive is doing: DT DEVICE ACTIVITY of log page 11h (ADC-3 6.1.2.2; SSC-4 8.3.5). */

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

/** The word for a code of DT DEVICE ACTIVITY (ADC-3 6.1.2.2). */
export type DriveActivity = (typeof activities)[number] | "unknown";

/** What a code of DT DEVICE ACTIVITY means. */
export function driveActivity(code: number): DriveActivity {
  return activities[code] ?? "unknown";
}
