// SPDX-License-Identifier: Apache-2.0
/**
 * Restores a finished job by the printed recipe, with GNU tar and without the product: what the recipe would have from a
 * drive, or from `tidemark volume read`, comes from the media's images.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Tree, compareTrees, extendedAttributes } from "../../scripts/compare-trees.ts";
import { SqliteCatalogStore } from "../../lib/catalog/sqlite/catalog-store.ts";
import { recipe } from "../../lib/format/recipe.ts";
import { holdersOf } from "../../lib/service/job-family.ts";
import { recipeSegments } from "../../lib/service/recipe-segments.ts";
import type { CheckedJob } from "./checker.ts";
import { readImages } from "./image.ts";

/**
 * @param folder where tape files and restored objects are for a while; its file system should be the sources' one
 * @returns one sentence for each difference, metadata included
 */
export function restoreByTar(job: CheckedJob, folder: string): readonly string[] {
  const work = mkdtempSync(join(folder, "by-tar-"));
  try {
    const target = join(work, "restored");
    const tapeFiles = join(work, "tape-files");
    writeTapeFiles(job, tapeFiles);
    const script = ['tidemark() { cat "$TAPE_FILES/$3.$4"; }', ...recipeOf(job, target), ""].join("\n");
    const { status, stderr } = spawnSync("sh", [], {
      input: script,
      encoding: "utf8",
      env: { ...process.env, TAPE_FILES: tapeFiles, TMPDIR: work },
    });
    if (status !== 0) return [`the recipe ended with ${String(status)}: ${stderr.slice(-2000)}`];
    return differences(job.sources, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function recipeOf(job: CheckedJob, targetFolder: string): readonly string[] {
  const store = SqliteCatalogStore.open(join(job.stateFolder, "catalog.sqlite"));
  const medium = { kind: "simulated", command: "tidemark" } as const;
  try {
    return holdersOf(store.jobs, job.jobId).flatMap((jobId) => {
      const found = store.finishedJob(jobId);
      if (found === undefined) throw new Error(`the catalog has no finished job ${jobId}`);
      const { recordSizeBytes } = found;
      const segments = recipeSegments(found.segments, recordSizeBytes);
      return recipe({ jobId, recordSizeBytes, segments, targetFolder, medium });
    });
  } finally {
    store.close();
  }
}

function writeTapeFiles({ libraryFolder }: CheckedJob, folder: string): void {
  mkdirSync(folder);
  for (const [barcode, image] of readImages(libraryFolder)) {
    image.tapeFiles.forEach(({ blocks }, number) => {
      if (number > 0) writeFileSync(join(folder, `${barcode}.${number}`), Buffer.concat(blocks));
    });
  }
}

const sourceTrees = new Map<string, Tree>();

/** Each of these takes a process that reads extended attributes. */
function differences(sources: readonly string[], target: string): readonly string[] {
  const restored = sources.map((source) => Buffer.from(join(target, source)));
  const attributes = extendedAttributes(restored);
  return restored.flatMap((root, number) => {
    const source = sources[number] ?? "";
    const tree = sourceTrees.get(source) ?? new Tree(Buffer.from(source), { keepsContents: true });
    sourceTrees.set(source, tree);
    return compareTrees(tree, new Tree(root, { attributes: attributes[number] ?? new Map<string, string>() }))
      .differences;
  });
}
