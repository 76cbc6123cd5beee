// SPDX-License-Identifier: Apache-2.0
/** What an extractor expects, packed as lib/native/binding.ts says, for tests that have no catalog. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

export const kindOfType: Readonly<Record<string, number>> = { "0": 0, "5": 1, "2": 2, "1": 3, "6": 4, "3": 5, "4": 6 };
export const sparseKind = 7;

export interface ExpectedObject {
  readonly headerOffset: bigint;
  readonly endOffset: bigint;
  readonly kind: number;
  readonly digest?: Buffer | undefined;
  /** Before the last one, those that have a digest. */
  readonly extents?: readonly { readonly from: bigint; readonly to: bigint; readonly digest: Buffer }[];
  readonly lastExtentFrom?: bigint;
  readonly path: Buffer;
}

export function packObjects(objects: readonly ExpectedObject[]): Buffer {
  return Buffer.concat(objects.flatMap(packObject));
}

function packObject(object: ExpectedObject): Buffer[] {
  const { extents = [] } = object;
  const fixed = Buffer.alloc(44);
  fixed.writeBigUInt64BE(object.headerOffset, 0);
  fixed.writeBigUInt64BE(object.endOffset, 8);
  fixed.writeUInt8(object.kind, 16);
  fixed.writeUInt8(object.digest === undefined ? 0 : 1, 17);
  object.digest?.copy(fixed, 18);
  fixed.writeBigUInt64BE(object.lastExtentFrom ?? 0n, 34);
  fixed.writeUInt16BE(extents.length, 42);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(object.path.length);
  return [fixed, ...extents.flatMap(packExtent), length, object.path];
}

function packExtent({ from, to, digest }: { from: bigint; to: bigint; digest: Buffer }): Buffer[] {
  const places = Buffer.alloc(16);
  places.writeBigUInt64BE(from, 0);
  places.writeBigUInt64BE(to, 8);
  return [places, digest];
}

/** Every directory below `root` and the root itself, deepest first; they are restored below `prefix`. */
export function packDirectories(root: string, prefix = ""): Buffer {
  const folders = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length + 1));
  const paths = [...folders.sort((a, b) => b.split("/").length - a.split("/").length), ""];
  return Buffer.concat(paths.flatMap((path) => packDirectory(`${root}/${path}`, join(prefix, path))));
}

function packDirectory(source: string, target: string): Buffer[] {
  const path = target === "." ? "" : target;
  const stats = lstatSync(source, { bigint: true });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(path));
  const fingerprint = Buffer.alloc(52);
  fingerprint.writeBigInt64BE(stats.mtimeNs, 24);
  fingerprint.writeUInt32BE(Number(stats.mode), 40);
  fingerprint.writeUInt32BE(Number(stats.uid), 44);
  fingerprint.writeUInt32BE(Number(stats.gid), 48);
  return [length, Buffer.from(path), fingerprint];
}
