// SPDX-License-Identifier: Apache-2.0
/**
 * A restore that meets faults: it gives back everything, or says what it could not. What it does not name is as it was
 * in the source, byte for byte.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TapeError } from "../../lib/errors.ts";
import type { RestoreResult, Service } from "../../lib/service/api.ts";
import type { CheckedJob } from "./checker.ts";
import { restoredDifferences } from "./restore-proof.ts";

/** @returns one sentence for each difference that the product did not tell */
export async function restoreWithFaults(service: Service, job: CheckedJob, folder: string): Promise<readonly string[]> {
  const target = mkdtempSync(join(folder, "restored-"));
  try {
    const wish = { jobId: job.jobId, paths: [], targetFolder: Buffer.from(target), overwrite: false };
    const result = await service.restore(wish, {});
    const untold = restoredDifferences(job, target).filter((difference) => !isTold(difference, job, result));
    return untold.map((difference) => `a restore with faults does not tell: ${difference}`);
  } catch (error) {
    // Whatever it did until then, nobody was told that it is all there.
    if (error instanceof TapeError) return [];
    throw error;
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

function isTold(difference: string, { sources }: CheckedJob, { damaged, damagedCount }: RestoreResult): boolean {
  if (damagedCount > BigInt(damaged.length)) return true;
  const told = damaged.map(({ path }) => Buffer.from(path).toString("latin1"));
  return told.some((path) => sources.some((source) => isAbout(difference, `/${path}`, source)));
}

/** Each difference begins with the path in quotation marks, as seen from its source volume. */
function isAbout(difference: string, path: string, source: string): boolean {
  if (path !== source && !path.startsWith(`${source}/`)) return false;
  return difference.startsWith(JSON.stringify(path.slice(source.length + 1)));
}
