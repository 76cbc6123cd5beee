// SPDX-License-Identifier: Apache-2.0
/** Writes the fault plan of a simulated library; units that are opened from then on follow it. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SimulatedFault, SimulatedFaultPlan } from "../../lib/native/binding.ts";

const planName = "faults.json";

/** @param libraryFolder That of the simulated library, which an address names. */
export function planFaults(libraryFolder: string, faults: readonly SimulatedFault[], seed = 7): void {
  const path = join(libraryFolder, planName);
  const plan: SimulatedFaultPlan = { seed, faults };
  writeFileSync(`${path}.new`, JSON.stringify(plan, undefined, 2));
  renameSync(`${path}.new`, path);
}

export function removeFaultPlan(libraryFolder: string): void {
  rmSync(join(libraryFolder, planName), { force: true });
}
