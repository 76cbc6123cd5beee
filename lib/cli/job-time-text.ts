// SPDX-License-Identifier: Apache-2.0
/** Where a job's time went, written for people. */
import type { JobTime, JobWait } from "../service/api.ts";
import { fieldsText } from "./table.ts";

const waitNames: Readonly<Record<JobWait, string>> = {
  source: "waits for source",
  drive: "waits for drive",
  sync: "waits for sync",
  catalog: "waits for catalog",
};

export function waitText(wait: JobWait): string {
  return waitNames[wait];
}

/** Empty where nothing was written. */
export function jobTimeText(time: JobTime): string {
  const { catalogMs, driveMs, ringFullMs, sourceMs, syncMs, totalMs } = time;
  if (totalMs === 0) return "";
  const other = Math.max(0, totalMs - catalogMs - driveMs - sourceMs - syncMs);
  const row = (name: string, ms: number): readonly [string, string] => [
    `  ${name}`,
    `${durationText(ms)} (${Math.round((100 * ms) / totalMs)} %)`,
  ];
  return [
    `time: ${durationText(totalMs)}`,
    fieldsText([
      row("waiting for the source", sourceMs),
      row("drive takes data", driveMs),
      row("syncs on tape", syncMs),
      row("syncs of the catalog", catalogMs),
      row("all else", other),
      row("meanwhile: ring full", ringFullMs),
    ]),
  ].join("\n");
}

export function durationText(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
