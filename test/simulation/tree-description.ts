// SPDX-License-Identifier: Apache-2.0
/**
 * All that a tree holds, as text, one line for each object: so that thousands of restored trees can be compared with one
 * source that is read once. Extended attributes are not in it (Node.js cannot read them): whoever restores with GNU tar
 * compares those.
 */
import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import type { BigIntStats } from "node:fs";

/** Facts by path. Paths are Latin-1 strings: one character for one byte. */
export type TreeDescription = ReadonlyMap<string, string>;

export function describeTree(root: Buffer): TreeDescription {
  const facts = new Map<string, string>();
  const firstNames = new Map<string, string>();
  const walk = (path: string): void => {
    const full = Buffer.concat([root, Buffer.from(path, "latin1")]);
    const stats = lstatSync(full, { bigint: true });
    const key = `${stats.dev}:${stats.ino}`;
    const isShared = !stats.isDirectory() && stats.nlink > 1n;
    const first = isShared ? (firstNames.get(key) ?? path) : path;
    firstNames.set(key, first);
    facts.set(path, [...metadata(stats), `same file as ${first}`, content(full, stats)].join(", "));
    if (!stats.isDirectory()) return;
    const names = readdirSync(full, { encoding: "buffer" }).map((name) => name.toString("latin1"));
    for (const name of names.sort()) walk(`${path}/${name}`);
  };
  walk("");
  return facts;
}

/** One sentence for each difference. */
export function differencesOf(source: TreeDescription, restored: TreeDescription): readonly string[] {
  const differences: string[] = [];
  for (const [path, expected] of source) {
    const found = restored.get(path);
    if (found === undefined) differences.push(`${JSON.stringify(path)} was not restored`);
    else if (found !== expected)
      differences.push(`${JSON.stringify(path)} was restored as ${found}; it is ${expected}`);
  }
  for (const path of restored.keys()) {
    if (!source.has(path)) differences.push(`${JSON.stringify(path)} was restored and is not in the source`);
  }
  return differences;
}

function metadata({ mode, uid, gid, mtimeNs, rdev, ...stats }: BigIntStats): readonly string[] {
  const isSpecial = (mode & 0o170000n) === 0o020000n || (mode & 0o170000n) === 0o060000n;
  const size = (mode & 0o170000n) === 0o040000n ? [] : [`${stats.size} bytes`];
  const device = isSpecial ? [`device ${rdev}`] : [];
  return [`mode ${mode.toString(8)}`, `owner ${uid}:${gid}`, `mtime ${mtimeNs}`, ...size, ...device];
}

function content(path: Buffer, stats: BigIntStats): string {
  if (stats.isSymbolicLink()) return `link to ${readlinkSync(path, { encoding: "buffer" }).toString("latin1")}`;
  if (!stats.isFile()) return "";
  return createHash("sha1").update(readFileSync(path)).digest("hex");
}
