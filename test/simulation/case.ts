// SPDX-License-Identifier: Apache-2.0
/** A simulated course as data: the job, the seed, and for each process in turn the faults that it meets. */
import { faultText, parseFault } from "./fault.ts";
import type { Fault } from "./fault.ts";

export interface SimulationCase {
  readonly job: string;
  readonly seed: number;
  /** Of the first process, of the one that goes on with the job, and so on. Those behind them meet none. */
  readonly faults: readonly (readonly Fault[])[];
}

/** `small:7:c12.power-0/d9.EIO+d40.kill`: how a course is printed, and replayed. */
export function caseText({ job, seed, faults }: SimulationCase): string {
  return `${job}:${seed}:${faults.map((each) => each.map(faultText).join("+")).join("/")}`;
}

/** @throws Error where the text is no course */
export function parseCase(text: string): SimulationCase {
  const [job = "", seed = "", processes = ""] = text.split(":");
  if (job === "" || !/^\d+$/.test(seed)) throw new Error(`"${text}" is no course: write one such as small:7:c12.kill`);
  const faults = processes.split("/").map((each) => (each === "" ? [] : each.split("+").map(parseFault)));
  return { job, seed: Number(seed), faults };
}
