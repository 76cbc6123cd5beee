// SPDX-License-Identifier: Apache-2.0
/** A simulated course as data: the job, the seed, and for each process in turn the faults that it meets. */
import { faultText, parseFault } from "./fault-text.ts";
import type { Fault } from "./fault.ts";

export interface SimulationCase {
  readonly job: string;
  readonly seed: number;
  /** Of the first process, of the one that goes on with the job, and so on. Those behind them meet none. */
  readonly faults: readonly (readonly Fault[])[];
  /** Of the process that restores the job once it is complete. */
  readonly restoreFaults?: readonly Fault[];
}

/** `small:7:c12.power-0/d9.EIO+d40.kill:read3.sense-3-17-0`: how a course is printed, and replayed. */
export function caseText({ job, seed, faults, restoreFaults = [] }: SimulationCase): string {
  const restore = restoreFaults.length === 0 ? "" : `:${listText(restoreFaults)}`;
  return `${job}:${seed}:${faults.map(listText).join("/")}${restore}`;
}

function listText(faults: readonly Fault[]): string {
  return faults.map(faultText).join("+");
}

/** @throws Error where the text is no course */
export function parseCase(text: string): SimulationCase {
  const [job = "", seed = "", processes = "", restore = ""] = text.split(":");
  if (job === "" || !/^\d+$/.test(seed)) throw new Error(`"${text}" is no course: write one such as small:7:c12.kill`);
  const faults = processes.split("/").map(parseList);
  return { job, seed: Number(seed), faults, ...(restore === "" ? {} : { restoreFaults: parseList(restore) }) };
}

function parseList(text: string): readonly Fault[] {
  return text === "" ? [] : text.split("+").map(parseFault);
}
