// SPDX-License-Identifier: Apache-2.0
/**
 * What a test needs of the machine it runs on. In continuous integration a missing peer fails the test, because a
 * test that silently does not run proves nothing; elsewhere it is skipped, and the reason is printed.
 */
import { spawnSync } from "node:child_process";
import type { Context } from "mocha";
import type { PeerNode } from "../scripts/peer-nodes.ts";

/** Debian's package for each tool that a test may ask for. */
const packageOf = {
  bsdtar: "libarchive-tools",
  "clang-format": "clang-format",
  cmake: "cmake",
  ctest: "cmake",
  getfacl: "acl",
  getfattr: "attr",
  hexdump: "bsdextrautils",
  "mkfs.ext4": "e2fsprogs",
  mount: "mount",
  python3: "python3",
  readelf: "binutils",
  setfacl: "acl",
  setfattr: "attr",
  tar: "tar",
} as const;

export type Tool = keyof typeof packageOf;

/** Call it first in a test or a hook: `needs(this, "setfacl", "tar")`. */
export function needs(test: Context, ...tools: readonly Tool[]): void {
  const missing = tools.find((tool) => !isInstalled(tool));
  if (missing !== undefined) unmet(test, `needs ${missing}: apt-get install ${packageOf[missing]}`);
}

/** Device nodes, foreign owners and trusted attributes can only be made by root. */
export function needsRoot(test: Context): void {
  if (process.geteuid?.() !== 0) unmet(test, "needs root");
}

/** Another Node.js that the one addon must work on. */
export function needsPeerNode(test: Context, { version, isInstalled: isThere }: PeerNode): void {
  if (!isThere) unmet(test, `needs Node.js ${version}: run scripts/setup test`);
}

function isInstalled(tool: Tool): boolean {
  return spawnSync("sh", ["-c", `command -v ${tool}`]).status === 0;
}

function unmet(test: Context, reason: string): void {
  if (process.env["CI"] === "true") throw new Error(`this test ${reason}`);
  process.stderr.write(`      skipped, ${reason}\n`);
  test.skip();
}
