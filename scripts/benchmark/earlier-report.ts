// SPDX-License-Identifier: Apache-2.0
/** Reports of earlier runs, as `--json` wrote them. */
import { readFileSync } from "node:fs";
import type { Report } from "./figure.ts";
import { machineText } from "./machine.ts";
import type { Machine } from "./machine.ts";
import { UsageError } from "./options.ts";

/** @throws UsageError where the file is none that `--json` wrote */
export function readReport(option: string, path: string): Report {
  try {
    const report = JSON.parse(readFileSync(path, "utf8")) as Partial<Report>;
    if (report.version === 1 && Array.isArray(report.rows)) return report as Report;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${option}: ${path} cannot be read: ${reason}`);
  }
  throw new UsageError(`${option}: ${path} is no report that --json wrote`);
}

/** Figures of two machines make no table. @throws UsageError where it was measured on another one */
export function checkSameMachine(path: string, { machine: before }: Report, now: Machine): void {
  const hardware = ({ cpu, cores, kernel, fileSystem, node }: Machine): string =>
    [cpu, cores, kernel, fileSystem, node].join();
  if (hardware(before) === hardware(now)) return;
  throw new UsageError(`--from: ${path} was measured elsewhere: ${machineText(before)}; this is ${machineText(now)}`);
}
