// SPDX-License-Identifier: Apache-2.0
/** Short forms of persistent records for tests. R is 16 KiB; `r(n)` is n records in bytes. */
import { Claims } from "../../../lib/catalog/claims.ts";
import { ContainerHasher } from "../../../lib/catalog/container-hash.ts";
import { encodeFingerprint } from "../../../lib/catalog/fingerprint.ts";
import type { Fingerprint } from "../../../lib/catalog/fingerprint.ts";
import type { GenerateOptions } from "../../../lib/catalog/disk-based-catalog.ts";
import { encodeRecords, objectKind } from "../../../lib/catalog/persistent-record.ts";
import type * as records from "../../../lib/catalog/persistent-record.ts";
import type { JournalPart, RecordSieve } from "../../../lib/catalog/record-sieve.ts";
import { nativeBinding } from "../../../lib/native/binding.ts";

export const recordSizeBytes = 16384;
export const r = (records: number): bigint => BigInt(records) * 16384n;

export const hash128 = (bytes: Uint8Array): Buffer => nativeBinding().xxh3_128(bytes);
export const newSieve = (): RecordSieve => new (nativeBinding().RecordSieve)();

/** As a journal of one frame. */
export function journal(list: readonly records.PersistentRecord[]): readonly JournalPart[] {
  return [{ payload: encodeRecords(list), where: "the test" }];
}

export const digest = (text: string): Buffer => hash128(Buffer.from(text));

export function fingerprint(fields: Partial<Fingerprint> = {}): Buffer {
  return encodeFingerprint({
    dev: 1n,
    ino: 1n,
    sizeBytes: 10n,
    mtimeNs: 1700000000123456789n,
    ctimeNs: 5n,
    mode: 0o100644,
    uid: 0,
    gid: 0,
    ...fields,
  });
}

export const directoryFingerprint = (ino: bigint, mtimeNs = 5n): Buffer =>
  fingerprint({ ino, mode: 0o040755, mtimeNs });

export function job(sources: readonly string[] = ["/a", "/b", "/c"]): records.JobRecord {
  return {
    type: "job",
    jobId: "17",
    originalStartMs: 1700000000000n,
    sources: sources.map((source) => Buffer.from(source)),
    settings: { recordSizeBytes, pool: "default" },
    formatVersion: "1.0",
  };
}

export function sourceOpen(index: number, path: string, streamOffset: bigint): records.SourceVolumeOpenRecord {
  return { type: "sourceVolumeOpen", index, path: Buffer.from(path), streamOffset };
}

export function sourceDone(index: number, endOffset: bigint, complete = true): records.SourceVolumeDoneRecord {
  return { type: "sourceVolumeDone", index, containers: 1n, objects: 1n, exceptions: 0n, endOffset, complete };
}

export function segmentOpen(
  segment: number,
  streamOffset: bigint,
  fields: Partial<records.SegmentOpenRecord> = {},
): records.SegmentOpenRecord {
  return {
    type: "segmentOpen",
    segment,
    streamOffset,
    volumeUuid: "v1",
    volumeTag: "TM0001L9",
    tapeFile: segment + 1,
    headBlock: 3n,
    firstDataBlock: 4n,
    epoch: 1,
    continuedHeaderOffset: null,
    ...fields,
  };
}

export function segmentClose(
  segment: number,
  streamOffset: bigint,
  fields: Partial<records.SegmentCloseRecord> = {},
): records.SegmentCloseRecord {
  return {
    type: "segmentClose",
    segment,
    streamOffset,
    volumeUuid: "v1",
    tapeFile: segment + 1,
    how: "closed",
    footerBlock: null,
    endBlock: 0n,
    ...fields,
  };
}

export function durable(
  segment: number,
  position: bigint,
  streamOffset: bigint,
  fields: Partial<records.DurableRecord> = {},
): records.DurableRecord {
  return {
    type: "durable",
    volumeUuid: "v1",
    segment,
    position,
    streamOffset,
    durableBytes: 0n,
    epoch: 1,
    lastDigest: null,
    ...fields,
  };
}

export function truncate(
  boundaryBlock: bigint,
  streamOffset: bigint,
  fields: Partial<records.TruncateRecord> = {},
): records.TruncateRecord {
  return { type: "truncate", volumeUuid: "v1", boundaryBlock, streamOffset, epoch: 2, ...fields };
}

/** `count` digests, each the block's number plus `salt`. */
export function blocks(
  firstBlock: bigint,
  streamOffset: bigint,
  count: number,
  fields: Partial<records.BlocksRecord> & { salt?: number } = {},
): records.BlocksRecord {
  const { salt = 0, ...rest } = fields;
  const digests = Buffer.alloc(count * 8);
  for (let index = 0; index < count; index += 1) digests.writeBigUInt64BE(firstBlock + BigInt(index + salt), index * 8);
  return { type: "blocks", volumeUuid: "v1", epoch: 1, firstBlock, streamOffset, digests, ...rest };
}

export function containerOpen(
  containerId: number,
  path: string,
  streamOffset = 0n,
  sourceIndex = 0,
): records.ContainerOpenRecord {
  return {
    type: "containerOpen",
    containerId,
    sourceIndex,
    path: Buffer.from(path),
    fingerprint: directoryFingerprint(7n),
    streamOffset,
  };
}

export type Entry = readonly [name: string, fingerprint: Buffer];

export function containerClose(
  containerId: number,
  path: string,
  endOffset: bigint,
  entries: readonly Entry[],
  fields: Partial<records.ContainerCloseRecord> = {},
): records.ContainerCloseRecord {
  const hasher = new ContainerHasher();
  for (const [name, print] of entries) hasher.add(Buffer.from(name), print);
  return {
    type: "containerClose",
    containerId,
    sourceIndex: 0,
    path: Buffer.from(path),
    entries: hasher.entries,
    exceptions: 0,
    hash: hasher.digest(hash128),
    endOffset,
    fingerprint: directoryFingerprint(7n),
    unchanged: true,
    ...fields,
  };
}

export function object(
  containerId: number,
  name: string,
  headerOffset: bigint,
  endOffset: bigint,
  fields: Partial<records.ObjectRecord> = {},
): records.ObjectRecord {
  return {
    type: "object",
    containerId,
    name: Buffer.from(name),
    kind: objectKind.file,
    fingerprint: fingerprint(),
    headerOffset,
    dataOffset: headerOffset + 512n,
    endOffset,
    outcome: 0,
    digest: digest(name),
    linkTarget: null,
    errno: 0,
    ...fields,
  };
}

export function objectOpen(
  containerId: number,
  name: string,
  headerOffset: bigint,
  endOffset: bigint,
): records.ObjectOpenRecord {
  return {
    type: "objectOpen",
    containerId,
    name: Buffer.from(name),
    kind: objectKind.file,
    fingerprint: fingerprint(),
    headerOffset,
    dataOffset: headerOffset + 512n,
    endOffset,
    archivedBytes: endOffset - headerOffset - 512n,
    sparseMap: null,
  };
}

export function extent(
  containerId: number,
  name: string,
  headerOffset: bigint,
  from: bigint,
  to: bigint,
): records.ExtentRecord {
  return {
    type: "extent",
    containerId,
    name: Buffer.from(name),
    headerOffset,
    from,
    to,
    digest: digest(`${name}:${from}`),
  };
}

/** What a disk-based catalog of these records is made from, in memory. */
export function generating(list: readonly records.PersistentRecord[]): GenerateOptions {
  return { path: ":memory:", journal: journal(list), claims: folded(...list), hash128, newSieve };
}

export function folded(...list: records.PersistentRecord[]): Claims {
  const claims = new Claims();
  claims.applyAll(list);
  return claims;
}
