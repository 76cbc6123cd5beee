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
  insmod: "kmod",
  ip: "iproute2",
  "iscsi-inq": "libiscsi-bin",
  "iscsi-ls": "libiscsi-bin",
  iscsistart: "open-iscsi",
  "linux.uml": "user-mode-linux",
  "mkfs.ext4": "e2fsprogs",
  mount: "mount",
  mt: "mt-st",
  mtx: "mtx",
  python3: "python3",
  readelf: "binutils",
  setfacl: "acl",
  sg_decode_sense: "sg3-utils",
  setfattr: "attr",
  setpriv: "util-linux",
  sg_inq: "sg3-utils",
  sg_logs: "sg3-utils",
  sg_read_attr: "sg3-utils",
  sg_vpd: "sg3-utils",
  tar: "tar",
  tgtd: "tgt",
} as const;

export type Tool = keyof typeof packageOf;

/** What a User-mode Linux guest with a tape library (`test/vm`) consists of. */
export const guestTools = [
  "linux.uml",
  "insmod",
  "mount",
  "ip",
  "tgtd",
  "iscsistart",
] as const satisfies readonly Tool[];

/** The first of the tools that is not installed, as a sentence's end that says what to do. */
export function missingTool(...tools: readonly Tool[]): string | undefined {
  const missing = tools.find((tool) => !isInstalled(tool));
  return missing === undefined ? undefined : `needs ${missing}: apt-get install ${packageOf[missing]}`;
}

/** Call it first in a test or a hook: `needs(this, "setfacl", "tar")`. */
export function needs(test: Context, ...tools: readonly Tool[]): void {
  const missing = missingTool(...tools);
  if (missing !== undefined) unmet(test, missing);
}

/** The guest, and more tools for use in it. */
export function needsGuest(test: Context, ...tools: readonly Tool[]): void {
  needs(test, ...guestTools, ...tools);
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
  // Debian keeps daemons where not every user's PATH leads.
  const unpacked = process.env["TIDEMARK_UML_ROOT"] ?? "";
  const folders = ["/usr/sbin", "/sbin", ...["/usr/bin", "/usr/sbin", "/sbin"].map((folder) => unpacked + folder)];
  return spawnSync("sh", ["-c", `PATH="$PATH:${folders.join(":")}"; command -v ${tool}`]).status === 0;
}

function unmet(test: Context, reason: string): void {
  if (process.env["CI"] === "true") throw new Error(`this test ${reason}`);
  process.stderr.write(`      skipped, ${reason}\n`);
  test.skip();
}
