// SPDX-License-Identifier: Apache-2.0
/** The jobs that courses take: what is backed up, and on which library. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeSmallTree } from "./small-tree.ts";

const kib = 1024;
const mib = 1024 * kib;

export interface JobPlan {
  readonly name: string;
  /** Folders of the source volumes. */
  readonly sources: readonly string[];
  /** Makes them below a folder. */
  readonly makeSources: (folder: string) => void;
  /** So many are in the library; a course without faults needs fewer. */
  readonly cartridges: number;
  readonly capacityBytes: number;
  readonly earlyWarningBytes: number;
  readonly bufferBytes: number;
  readonly segmentBytes: number;
  readonly checkpointBytes: number;
}

export const recordBytes = 16 * kib;

export const jobPlans: readonly JobPlan[] = [
  {
    name: "small",
    sources: ["one", "two"],
    makeSources: makeSmallTree,
    cartridges: 5,
    capacityBytes: 384 * kib,
    earlyWarningBytes: 96 * kib,
    bufferBytes: 160 * kib,
    segmentBytes: 160 * kib,
    checkpointBytes: 96 * kib,
  },
  {
    name: "reference",
    sources: ["one", "two"],
    makeSources: makeSmallTree,
    cartridges: 7,
    capacityBytes: 6 * mib,
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

/** Counted up when what is made changes: else an older tree would be used. */
const treeVersion = 1;

/**
 * Where the source volumes are. They are made once on a machine: inode numbers and change times are on the tape, so that
 * only the same files give the same trace.
 */
export function sourceVolumes(plan: JobPlan): readonly string[] {
  const parent = join(tmpdir(), "tidemark-simulation");
  const folder = join(parent, `${plan.name}-${treeVersion}`);
  if (!existsSync(folder)) {
    mkdirSync(parent, { recursive: true });
    const making = mkdtempSync(join(parent, "making-"));
    const inner = join(making, "tree");
    mkdirSync(inner);
    plan.makeSources(inner);
    try {
      renameSync(inner, folder);
    } catch (error) {
      // Another process was quicker.
      if (!existsSync(folder)) throw error;
    }
    rmSync(making, { recursive: true, force: true });
  }
  return plan.sources.map((name) => join(folder, name));
}
