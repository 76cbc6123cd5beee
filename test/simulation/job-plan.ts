// SPDX-License-Identifier: Apache-2.0
/** The jobs that courses take: what is backed up, and on which library. */
import { nativeBinding } from "../../lib/native/binding.ts";
import { recordSizeBytes, referenceTree, sharedSources, smallTree } from "./reference-tree.ts";
import type { ReferenceTree } from "./reference-tree.ts";

const kib = 1024;
const mib = 1024 * kib;

export interface JobPlan {
  readonly name: string;
  readonly tree: ReferenceTree;
  /** So many are in the library; a course without faults needs fewer. */
  readonly cartridges: number;
  readonly capacityBytes: number;
  readonly earlyWarningBytes: number;
  readonly bufferBytes: number;
  readonly segmentBytes: number;
  readonly checkpointBytes: number;
}

export const recordBytes = recordSizeBytes;

export const jobPlans: readonly JobPlan[] = [
  {
    name: "small",
    tree: smallTree,
    cartridges: 5,
    capacityBytes: 384 * kib,
    earlyWarningBytes: 96 * kib,
    bufferBytes: 160 * kib,
    segmentBytes: 160 * kib,
    checkpointBytes: 96 * kib,
  },
  {
    name: "reference",
    tree: referenceTree,
    cartridges: 7,
    capacityBytes: 7 * mib,
    earlyWarningBytes: 512 * kib,
    bufferBytes: 512 * kib,
    segmentBytes: mib,
    checkpointBytes: 256 * kib,
  },
];

export function jobPlan(name: string): JobPlan {
  const plan = jobPlans.find((each) => each.name === name);
  if (plan === undefined) throw new Error(`there is no job "${name}": ${jobPlans.map((each) => each.name).join(", ")}`);
  return plan;
}

/**
 * Its library, empty.
 * @param id Where serial numbers are on the tape and a trace is to be the same each time.
 */
export function makeLibrary(folder: string, plan: JobPlan, id?: string): void {
  nativeBinding().createSimulatedLibrary(folder, {
    drives: 2,
    storageElements: plan.cartridges,
    importExportElements: 1,
    barcodes: Array.from({ length: plan.cartridges }, (_, index) => `SIM00${index + 1}L9`),
    capacityBytes: BigInt(plan.capacityBytes),
    earlyWarningBytes: BigInt(plan.earlyWarningBytes),
    bufferBytes: plan.bufferBytes,
    ...(id === undefined ? {} : { id }),
  });
}

/** Made once on a computer: numbers of files and times of change are on the tape, and only the same files give the same trace. */
export function sourceVolumes({ tree }: JobPlan): readonly string[] {
  return sharedSources(tree);
}
