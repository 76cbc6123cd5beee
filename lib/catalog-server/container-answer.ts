// SPDX-License-Identifier: Apache-2.0
/**
 * Answers to a data server, packed (big-endian), one for each container object asked about: u8 verdict (0 not
 * listed, 1 partial, 2 complete), u32 entries, 16 bytes hash, 52 bytes fingerprint of the directory itself, u32 n, then n times
 * u16 name length, name, 52 bytes fingerprint. A complete container comes with number and hash of its entries and its
 * fingerprint as it was closed, a partial one with its complete objects.
 */
import { fingerprintBytes } from "../catalog/fingerprint.ts";
import type { CatalogedObject, ContainerState, DiskBasedCatalog } from "../catalog/disk-based-catalog.ts";

const verdicts = { notListed: 0, partial: 1, complete: 2 } as const;
const hashBytes = 16;
/** Asks for the objects even of a complete container: its entries do not look as they did. */
const objectsWantedPrefix = 0x00;

export function packAnswers(catalog: DiskBasedCatalog, paths: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    paths.flatMap((path) => answer(catalog, Buffer.from(path.buffer, path.byteOffset, path.byteLength))),
  );
}

function answer(catalog: DiskBasedCatalog, asked: Buffer): readonly Buffer[] {
  const areObjectsWanted = asked[0] === objectsWantedPrefix;
  const container = catalog.container(areObjectsWanted ? asked.subarray(1) : asked);
  if (container === undefined) return [head(verdicts.notListed, undefined, 0)];
  // What could not be read is tried again, and an exception of this run if it still cannot: also where the catalog is
  // trusted, for a skipped container counts none.
  const isWhole = container.verdict === "complete" && container.close?.exceptions === 0;
  if (isWhole && !areObjectsWanted) {
    return [head(verdicts.complete, container, 0)];
  }
  return partial(catalog, container);
}

function partial(catalog: DiskBasedCatalog, container: ContainerState): readonly Buffer[] {
  const objects = [...catalog.completeObjects(container)].map(packObject);
  return [head(verdicts.partial, undefined, objects.length), ...objects];
}

function head(verdict: number, complete: ContainerState | undefined, objects: number): Buffer {
  const bytes = Buffer.alloc(1 + 4 + hashBytes + fingerprintBytes + 4);
  bytes.writeUInt8(verdict, 0);
  bytes.writeUInt32BE(complete?.close?.entries ?? 0, 1);
  complete?.close?.hash.copy(bytes, 5);
  complete?.fingerprint.copy(bytes, 5 + hashBytes);
  bytes.writeUInt32BE(objects, 5 + hashBytes + fingerprintBytes);
  return bytes;
}

function packObject({ name, fingerprint }: CatalogedObject): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(name.length);
  return Buffer.concat([length, name, fingerprint]);
}

/** u32 n; n times 52 bytes fingerprint, u64 header offset, u16 path length, path. */
export function packLinkTargets(catalog: DiskBasedCatalog): Buffer {
  const parts: Buffer[] = [];
  for (const { path, fingerprint, headerOffset } of catalog.linkTargets()) {
    const fields = Buffer.alloc(10);
    fields.writeBigUInt64BE(headerOffset, 0);
    fields.writeUInt16BE(path.length, 8);
    parts.push(Buffer.concat([fingerprint, fields, path]));
  }
  const count = Buffer.alloc(4);
  count.writeUInt32BE(parts.length);
  return Buffer.concat([count, ...parts]);
}
