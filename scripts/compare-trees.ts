// SPDX-License-Identifier: Apache-2.0
/**
 * Compares two directory trees byte for byte, metadata included: type, mode, owner, mtime to the nanosecond, size,
 * content, link targets, which names are one file, device numbers, extended attributes (ACLs are among them).
 * It shares no code with the product, so that one mistake cannot hide in both.
 */
import { spawnSync } from "node:child_process";
import { closeSync, lstatSync, openSync, readFileSync, readSync, readdirSync, readlinkSync } from "node:fs";
import type { BigIntStats } from "node:fs";

export interface Comparison {
  readonly objects: number;
  readonly bytes: bigint;
  /** One sentence each; at most `largestReport`, and a last one that says how many more there are. */
  readonly differences: readonly string[];
}

const largestReport = 50;
const pieceBytes = 2 ** 20;
// Made once: filling them with zeros for each of many small files would take longer than comparing those.
const leftPiece = Buffer.alloc(pieceBytes);
const rightPiece = Buffer.alloc(pieceBytes);

/** A tree that is compared with many others is read once: it comes as a `Tree`. */
export function compareTrees(left: Buffer | Tree, right: Buffer | Tree): Comparison {
  const leftTree = left instanceof Tree ? left : new Tree(left);
  const rightTree = right instanceof Tree ? right : new Tree(right);
  const differences: string[] = [];
  let bytes = 0n;
  for (const [path, stats] of leftTree.objects) {
    const other = rightTree.objects.get(path);
    if (other === undefined) {
      differences.push(`${printable(path)} is missing in ${rightTree.name}`);
      continue;
    }
    for (const [what, mine, theirs] of facts(path, leftTree, stats, rightTree, other)) {
      if (mine !== theirs) differences.push(`${printable(path)}: ${what} is ${theirs}, not ${mine}`);
    }
    if (stats.isFile() && other.isFile()) {
      bytes += stats.size;
      if (!isSame(path, leftTree, rightTree)) differences.push(`${printable(path)}: the content differs`);
    }
  }
  for (const path of rightTree.objects.keys()) {
    if (!leftTree.objects.has(path)) differences.push(`${printable(path)} is in ${rightTree.name} only`);
  }
  const more = differences.length - largestReport;
  const report = more > 0 ? [...differences.slice(0, largestReport), `and ${more} more`] : differences;
  return { objects: leftTree.objects.size, bytes, differences: report };
}

/** By path: "name=hex name=hex" of those objects that have any. */
export type Attributes = ReadonlyMap<string, string>;

export interface TreeOptions {
  /** False: extended attributes are not read, and not compared. Reading them takes another process. Or they are read. */
  readonly attributes?: boolean | Attributes;
  /** True: contents stay in memory, once they were compared. */
  readonly keepsContents?: boolean;
}

/** Paths are held as Latin-1 strings: one character for one byte, so that maps can use them. */
export class Tree {
  readonly objects = new Map<string, BigIntStats>();
  /** Undefined where they were not read. */
  readonly attributes: Attributes | undefined;
  /** The first name of each file that has several. */
  readonly firstNames = new Map<string, string>();
  readonly #root: Buffer;
  readonly #contents: Map<string, Buffer> | undefined;

  constructor(root: Buffer, { attributes = true, keepsContents = false }: TreeOptions = {}) {
    this.#root = root;
    this.#walk("");
    if (attributes === true) [this.attributes] = extendedAttributes([root]);
    else this.attributes = attributes === false ? undefined : attributes;
    this.#contents = keepsContents ? new Map() : undefined;
    for (const path of [...this.objects.keys()].sort()) {
      const stats = this.objects.get(path);
      if (stats === undefined || stats.nlink === 1n || stats.isDirectory()) continue;
      const key = `${stats.dev}:${stats.ino}`;
      if (!this.firstNames.has(key)) this.firstNames.set(key, path);
    }
  }

  get name(): string {
    return this.#root.toString();
  }

  /** Of a regular file, where contents are kept. */
  content(path: string): Buffer | undefined {
    if (this.#contents === undefined) return undefined;
    const content = this.#contents.get(path) ?? readFileSync(this.full(path));
    this.#contents.set(path, content);
    return content;
  }

  full(path: string): Buffer {
    return Buffer.concat([this.#root, Buffer.from(path === "" ? "" : `/${path}`, "latin1")]);
  }

  firstName(path: string, stats: BigIntStats): string {
    return stats.isDirectory() ? path : (this.firstNames.get(`${stats.dev}:${stats.ino}`) ?? path);
  }

  #walk(path: string): void {
    const stats = lstatSync(this.full(path), { bigint: true });
    this.objects.set(path, stats);
    if (!stats.isDirectory()) return;
    for (const name of readdirSync(this.full(path), { encoding: "buffer" })) {
      this.#walk(path === "" ? name.toString("latin1") : `${path}/${name.toString("latin1")}`);
    }
  }
}

type Fact = readonly [what: string, mine: string, theirs: string];

function facts(path: string, left: Tree, mine: BigIntStats, right: Tree, theirs: BigIntStats): Fact[] {
  const list: Fact[] = [
    ["mode", mine.mode.toString(8), theirs.mode.toString(8)],
    ["owner", `${mine.uid}:${mine.gid}`, `${theirs.uid}:${theirs.gid}`],
    ["mtime in ns", String(mine.mtimeNs), String(theirs.mtimeNs)],
    ["first name", printable(left.firstName(path, mine)), printable(right.firstName(path, theirs))],
  ];
  if (left.attributes !== undefined && right.attributes !== undefined) {
    list.push(["extended attributes", left.attributes.get(path) ?? "", right.attributes.get(path) ?? ""]);
  }
  if (!mine.isDirectory()) list.push(["size", String(mine.size), String(theirs.size)]);
  if (mine.isCharacterDevice() || mine.isBlockDevice()) list.push(["device", String(mine.rdev), String(theirs.rdev)]);
  if (mine.isSymbolicLink() && theirs.isSymbolicLink()) {
    list.push(["target", linkTarget(left.full(path)), linkTarget(right.full(path))]);
  }
  return list;
}

function linkTarget(path: Buffer): string {
  return readlinkSync(path, { encoding: "buffer" }).toString("latin1");
}

function isSame(path: string, left: Tree, right: Tree): boolean {
  const kept = left.content(path);
  return kept === undefined
    ? isSameContent(left.full(path), right.full(path))
    : kept.equals(readFileSync(right.full(path)));
}

function isSameContent(left: Buffer, right: Buffer): boolean {
  const leftDescriptor = openSync(left, "r");
  const rightDescriptor = openSync(right, "r");
  try {
    for (;;) {
      const leftCount = readSync(leftDescriptor, leftPiece);
      const rightCount = readSync(rightDescriptor, rightPiece);
      if (leftCount !== rightCount) return false;
      if (leftCount === 0) return true;
      if (!leftPiece.subarray(0, leftCount).equals(rightPiece.subarray(0, rightCount))) return false;
    }
  } finally {
    closeSync(leftDescriptor);
    closeSync(rightDescriptor);
  }
}

/** Of each tree, read by one process. SELinux labels belong to the place, not the file. */
export function extendedAttributes(roots: readonly Buffer[]): readonly Attributes[] {
  const program = `
import os, sys
def show(number, root, path):
    names = sorted(name for name in os.listxattr(path, follow_symlinks=False) if name != "security.selinux")
    if names:
        values = [name + "=" + os.getxattr(path, name, follow_symlinks=False).hex() for name in names]
        print(number, path[len(root) + 1:].hex(), " ".join(values), sep="\\t")
for number, root in enumerate(sys.stdin.buffer.read().split(b"\\0")):
    show(number, root, root)
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            show(number, root, os.path.join(folder, name))
`;
  const { status, stdout, stderr } = spawnSync("python3", ["-I", "-S", "-c", program], {
    input: Buffer.concat(roots.flatMap((root, number) => (number === 0 ? [root] : [Buffer.alloc(1), root]))),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`could not read extended attributes below ${roots.join(", ")}: ${stderr}`);
  const all = roots.map(() => new Map<string, string>());
  for (const line of stdout.split("\n")) {
    const [number = "", path = "", values = ""] = line.split("\t");
    if (line !== "") all[Number(number)]?.set(Buffer.from(path, "hex").toString("latin1"), values);
  }
  return all;
}

function printable(path: string): string {
  return path === "" ? "(the tree itself)" : JSON.stringify(path);
}
