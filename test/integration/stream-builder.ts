// SPDX-License-Identifier: Apache-2.0
/** A small packer for tests: members and fillers, laid out by the rules of the stream, cut where a test wants. */
import { createHash } from "node:crypto";
import {
  encodeFiller,
  encodeMemberHeader,
  encodePaxHeader,
  encodeUstarHeader,
  paddedBytes,
  textRecord,
} from "../../lib/format/pax.ts";
import { continuationOf, encodeSegmentHead, validRecordsOf } from "../../lib/format/segment-head.ts";
import type { CutMember } from "../../lib/format/segment-head.ts";
import { segmentFooterLayout } from "../../lib/format/segment-footer.ts";

export const recordSizeBytes = 16384;

/** Bytes that no compressor or off-by-one can hide in. */
export function noise(bytes: number, seed: string): Buffer {
  const pieces: Buffer[] = [];
  for (let index = 0; index * 32 < bytes; index += 1) {
    pieces.push(createHash("sha256").update(`${seed}:${index}`).digest());
  }
  return Buffer.concat(pieces).subarray(0, bytes);
}

export class StreamBuilder {
  readonly #pieces: Buffer[] = [];
  readonly members: CutMember[] = [];
  #offset = 0;

  get offset(): number {
    return this.#offset;
  }

  file(path: Buffer | string, data: Buffer): this {
    const bytes = Buffer.from(path);
    const headers = encodeMemberHeader({
      path: bytes,
      mode: 0o644,
      uid: 0,
      gid: 0,
      sizeBytes: BigInt(data.length),
      mtimeSeconds: 1700000000,
      typeflag: "0",
    });
    return this.#member(bytes, headers, data, {});
  }

  directory(path: Buffer | string): this {
    const bytes = Buffer.from(path);
    const headers = encodeMemberHeader({
      path: bytes,
      mode: 0o755,
      uid: 0,
      gid: 0,
      sizeBytes: 0n,
      mtimeSeconds: 1600000000,
      typeflag: "5",
    });
    return this.#member(bytes, headers, Buffer.alloc(0), {});
  }

  /** GNU sparse format 1.0: the map stands in front of the data; `(realSize, 0)` ends it. */
  sparse(path: string, realSize: number, extents: readonly { readonly at: number; readonly data: Buffer }[]): this {
    const numbers = [extents.length + 1, ...extents.flatMap(({ at, data }) => [at, data.length]), realSize, 0];
    const text = Buffer.from(numbers.map((number) => `${number}\n`).join(""));
    const map = Buffer.concat([text, Buffer.alloc(paddedBytes(text.length) - text.length)]);
    const archived = Buffer.concat([map, ...extents.map(({ data }) => data)]);
    const slash = path.lastIndexOf("/");
    const inner = `${path.slice(0, slash + 1)}GNUSparseFile.0/${path.slice(slash + 1)}`;
    const extended = encodePaxHeader("x", [
      textRecord("GNU.sparse.major", "1"),
      textRecord("GNU.sparse.minor", "0"),
      textRecord("GNU.sparse.name", path),
      textRecord("GNU.sparse.realsize", String(realSize)),
    ]);
    const ustar = encodeUstarHeader({
      path: Buffer.from(inner),
      mode: 0o644,
      uid: 0,
      gid: 0,
      sizeBytes: BigInt(archived.length),
      mtimeSeconds: 1700000000,
      typeflag: "0",
    });
    const firstData = map.length + (extents[0]?.data.length ?? 0);
    return this.#member(Buffer.from(path), Buffer.concat([extended, ustar]), archived, { realSize, firstData });
  }

  /** Fills the stream up to a record boundary, as before a barrier. */
  finish(): Buffer {
    const left = (recordSizeBytes - (this.#offset % recordSizeBytes)) % recordSizeBytes;
    if (left > 0) this.#push(encodeFiller(left));
    return Buffer.concat(this.#pieces);
  }

  #member(path: Buffer, headers: Buffer, data: Buffer, sparse: { realSize?: number; firstData?: number }): this {
    const left = recordSizeBytes - (this.#offset % recordSizeBytes);
    if (headers.length > left && left < recordSizeBytes) this.#push(encodeFiller(left));
    this.#push(headers);
    this.members.push({
      path,
      dataOffset: BigInt(this.#offset),
      archivedBytes: BigInt(data.length),
      ...(sparse.realSize === undefined ? {} : { sparseRealBytes: BigInt(sparse.realSize) }),
      ...(sparse.firstData === undefined ? {} : { firstDataEndOffset: BigInt(this.#offset + sparse.firstData) }),
    });
    this.#push(Buffer.concat([data, Buffer.alloc(paddedBytes(data.length) - data.length)]));
    return this;
  }

  #push(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#offset += bytes.length;
  }
}

export interface Part {
  readonly bytes: Buffer;
  readonly continues: boolean;
}

/** Segments of a stream cut at these record numbers; the last one is closed by a footer. */
export function cutStream(builder: StreamBuilder, cuts: readonly number[]): Part[] {
  const stream = builder.finish();
  const bounds = [0, ...cuts.map((record) => record * recordSizeBytes), stream.length];
  return bounds.slice(0, -1).map((from, index) => {
    const to = bounds[index + 1] ?? stream.length;
    const head = headAt(
      builder,
      BigInt(from),
      index,
      index === 0 ? 0n : validRecordsOf(BigInt(from - (bounds[index - 1] ?? 0)), recordSizeBytes),
    );
    const footer = to === stream.length ? footerBytes(index, noise(700, "records")) : Buffer.alloc(0);
    return { bytes: Buffer.concat([head.bytes, stream.subarray(from, to), footer]), continues: head.continues };
  });
}

export function headAt(
  builder: StreamBuilder,
  streamOffset: bigint,
  segment: number,
  validRecords: bigint,
): { bytes: Buffer; continues: boolean } {
  const across = builder.members.find((member) => {
    const padded = BigInt(paddedBytes(Number(member.archivedBytes)));
    return member.dataOffset <= streamOffset && member.dataOffset + padded > streamOffset;
  });
  const part = { volumeTag: "TM0001L9", tapeFile: segment, validRecords };
  const continuation = across === undefined ? undefined : continuationOf(across, streamOffset, part);
  const bytes = encodeSegmentHead(
    {
      volumeUuid: "0b0e2f0c-6c1f-4f4e-9a51-6d54c1d2a001",
      mediaSet: "default",
      jobId: "17",
      epoch: segment + 1,
      segment,
      streamOffset,
      ...(continuation === undefined ? {} : { continuation }),
    },
    recordSizeBytes,
  );
  return { bytes, continues: continuation !== undefined };
}

export function footerBytes(segment: number, body: Buffer): Buffer {
  const layout = segmentFooterLayout({ jobId: "17", segment, bodyBytes: BigInt(body.length), recordSizeBytes });
  return Buffer.concat([layout.header, body, Buffer.alloc(layout.fillBytes)]);
}
