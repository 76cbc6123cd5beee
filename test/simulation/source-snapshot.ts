// SPDX-License-Identifier: Apache-2.0
/**
 * What is to be on tape: every object of the source volumes, read once and kept in memory, contents included. Sources of
 * simulated jobs are small, and nobody changes them. Paths are member paths as Latin-1 texts.
 */
import { spawnSync } from "node:child_process";
import { lstatSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import type { BigIntStats } from "node:fs";

export interface SourceObject {
  /** Without the leading slash, and without one at the end. */
  readonly path: string;
  readonly stats: BigIntStats;
  /** Of a regular file. */
  readonly content?: Buffer;
  /** Of a symbolic link. */
  readonly target?: string;
  /** Extended attributes, ACLs among them. */
  readonly attributes: ReadonlyMap<string, Buffer>;
}

export interface SourceSnapshot {
  readonly objects: ReadonlyMap<string, SourceObject>;
  /** Names of a directory's entries by its path. Sockets are left out: no tar knows them. */
  readonly entries: ReadonlyMap<string, readonly string[]>;
}

const known = new Map<string, SourceSnapshot>();

/** Of one source volume. */
export function sourceSnapshot(source: string): SourceSnapshot {
  const snapshot = known.get(source) ?? readSource(source);
  known.set(source, snapshot);
  return snapshot;
}

/** Sources have changed: they are read again. */
export function forgetSources(): void {
  known.clear();
}

function readSource(source: string): SourceSnapshot {
  const objects = new Map<string, SourceObject>();
  const entries = new Map<string, readonly string[]>();
  const attributes = attributesBelow(source);
  const none: ReadonlyMap<string, Buffer> = new Map();
  const visit = (path: string): boolean => {
    const full = Buffer.from(`/${path}`, "latin1");
    const stats = lstatSync(full, { bigint: true });
    if (stats.isSocket()) return false;
    objects.set(path, {
      path,
      stats,
      attributes: attributes.get(path) ?? none,
      ...(stats.isFile() ? { content: readFileSync(full) } : {}),
      ...(stats.isSymbolicLink() ? { target: readlinkSync(full, { encoding: "buffer" }).toString("latin1") } : {}),
    });
    if (!stats.isDirectory()) return true;
    const names = readdirSync(full, { encoding: "buffer" }).map((name) => name.toString("latin1"));
    entries.set(
      path,
      names.filter((name) => visit(`${path}/${name}`)),
    );
    return true;
  };
  visit(Buffer.from(source).toString("latin1").replace(/^\/+/, "").replace(/\/+$/, ""));
  return { objects, entries };
}

/** Node cannot read them; Python, which node-gyp needs anyway, can. SELinux labels belong to the place, not the file. */
function attributesBelow(source: string): ReadonlyMap<string, ReadonlyMap<string, Buffer>> {
  const { status, stdout, stderr } = spawnSync("python3", ["-I", "-S", "-c", program], {
    input: source,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`could not read extended attributes below ${source}: ${stderr}`);
  const found = new Map<string, Map<string, Buffer>>();
  for (const line of stdout.split("\n").filter((each) => each !== "")) {
    const [path = "", name = "", value = ""] = line.split(" ");
    const key = Buffer.from(path, "hex").toString("latin1").slice(1);
    const values = found.get(key) ?? new Map<string, Buffer>();
    found.set(key, values.set(Buffer.from(name, "hex").toString("latin1"), Buffer.from(value, "hex")));
  }
  return found;
}

const program = `
import os, sys
root = sys.stdin.buffer.read()
def show(path):
    for name in os.listxattr(path, follow_symlinks=False):
        if name == "security.selinux": continue
        value = os.getxattr(path, name, follow_symlinks=False)
        print(path.hex(), os.fsencode(name).hex(), value.hex())
show(root)
for folder, folders, files in os.walk(root):
    for name in folders + files: show(os.path.join(folder, name))
`;
