// SPDX-License-Identifier: Apache-2.0
/** Restores a job by the product and compares it with its source, which is read once. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Tree, compareTrees } from "../../scripts/compare-trees.ts";
import type { Service } from "../../lib/service/api.ts";
import type { CheckedJob } from "./checker.ts";

const trees = new Map<string, Tree>();
/** Extended attributes need a process of their own to be read: those on the tape are checked, and GNU tar restores them. */
const options = { attributes: false } as const;

function sourceTree(source: string): Tree {
  const tree = trees.get(source) ?? new Tree(Buffer.from(source), { ...options, keepsContents: true });
  trees.set(source, tree);
  return tree;
}

/** @returns one sentence for each difference */
export async function proveRestore(service: Service, job: CheckedJob, folder: string): Promise<readonly string[]> {
  const target = mkdtempSync(join(folder, "restored-"));
  try {
    const wish = { jobId: job.jobId, paths: [], targetFolder: Buffer.from(target), overwrite: false };
    const { damagedCount } = await service.restore(wish, {});
    const damaged = damagedCount > 0n ? [`restore: ${damagedCount} objects are damaged`] : [];
    return [...damaged, ...restoredDifferences(job, target)];
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

/** One sentence for each difference between the sources and what was restored below `target`. */
export function restoredDifferences({ sources }: CheckedJob, target: string): readonly string[] {
  return sources.flatMap((source) => {
    const restored = new Tree(Buffer.from(join(target, source)), options);
    return compareTrees(sourceTree(source), restored).differences;
  });
}
