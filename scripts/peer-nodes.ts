// SPDX-License-Identifier: Apache-2.0
/**
 * The Node.js versions that the one addon must load on, beside the pinned one. `scripts/setup test` runs this file,
 * which brings those that are missing into `.peers/`, from the npm packages that the pinned one comes from too.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

/** Exact, so that a test that passes today fails only for what changes here. */
const versions = ["20.20.2", "22.23.3", "26.10.0"] as const;

export interface PeerNode {
  readonly version: string;
  readonly executable: string;
  readonly isInstalled: boolean;
}

export function peerNodes(): readonly PeerNode[] {
  return versions.map((version) => {
    const modules = join(folderOf(version), "node_modules");
    // npm writes its lockfile last, so where it is there all of the package is.
    const isInstalled = existsSync(join(modules, ".package-lock.json"));
    return { version, executable: join(modules, ".bin", "node"), isInstalled };
  });
}

function folderOf(version: string): string {
  return join(root, ".peers", `node-${version}`);
}

function install(version: string): boolean {
  console.log(`installing Node.js ${version} for the tests`);
  const quiet = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const name = `node-linux-${process.arch}@${version}`;
  const { status } = spawnSync("npm", ["install", "--prefix", folderOf(version), ...quiet, name], { stdio: "inherit" });
  return status === 0;
}

if (import.meta.main) {
  for (const { version, isInstalled } of peerNodes()) {
    if (!isInstalled && !install(version)) console.error(`the tests on Node.js ${version} will be skipped`);
  }
}
