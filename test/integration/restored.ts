// SPDX-License-Identifier: Apache-2.0
/** Restores a job in both ways, by the product and by its printed recipe with GNU tar, and compares with the source. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { compareTrees } from "../../scripts/compare-trees.ts";
import type { Installation } from "./installation.ts";

const main = resolve(dirname(fileURLToPath(import.meta.url)), "../../lib/cli/main.ts");

/** Where a source lies below a target: members have the source's path without its leading slash. */
export function below(target: string, source: string): string {
  return join(target, source);
}

export async function expectRestoredByProduct(
  installation: Installation,
  jobId: string,
  ...sources: readonly string[]
): Promise<void> {
  const target = mkdtempSync(join(installation.restoreFolder, "by-product-"));
  await installation.succeed("restore", "--job", jobId, "--to", target);
  for (const source of sources) expectSame(source, below(target, source));
}

/** Runs the printed recipe as it stands in a shell that knows `tidemark`. */
export async function expectRestoredByTar(
  installation: Installation,
  jobId: string,
  ...sources: readonly string[]
): Promise<string> {
  const target = mkdtempSync(join(installation.restoreFolder, "by-tar-"));
  const recipe = await installation.succeed("volume", "recipe", jobId, "--folder", target);
  const bin = join(installation.folder, "bin");
  mkdirSync(bin, { recursive: true });
  const command = join(bin, "tidemark");
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
  chmodSync(command, 0o755);
  const { status, stderr } = spawnSync("sh", [], {
    input: recipe,
    encoding: "utf8",
    env: { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}`, TMPDIR: installation.folder },
  });
  expect(status, `${recipe}\n${stderr}`).to.equal(0);
  for (const source of sources) expectSame(source, below(target, source));
  return recipe;
}

export function expectSame(source: string, restored: string): void {
  const { differences, objects } = compareTrees(Buffer.from(source), Buffer.from(restored));
  expect(differences).to.deep.equal([]);
  expect(objects).to.be.greaterThan(0);
}
